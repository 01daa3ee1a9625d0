import Foundation
import Testing

@testable import ModelONNX

/// The official node tests of ONNX 1.22.0, all whose operators this room knows.
@Suite struct NodeTests {
    static let reason: Comment =
        "no node tests: set TWINLINE_ONNX_NODE_TESTS to backend/test/data/node of onnx 1.22.0"

    /// These train, which needs chance.
    private static let trained = ["", "_default", "_default_mask", "_mask"].map {
        "test_training_dropout\($0)"
    }
    /// Whose answers were rounded to four digits.
    private static let rounded = ["test_averagepool_2d_ceil_last_window_starts_on_pad"]

    @Test func `the list of node tests is not short`() {
        #expect(NodeCase.listed.count >= 700)
        #expect(Set(NodeCase.listed).count == NodeCase.listed.count)
    }

    @Test(.enabled(if: NodeCase.folder != nil, reason), arguments: NodeCase.listed)
    func `a listed node test passes`(_ name: String) throws {
        let folder = try #require(NodeCase.folder)
        #expect(Self.difference(try NodeCase(name, in: folder)) == nil)
    }

    @Test(.enabled(if: NodeCase.folder != nil, reason))
    func `every node test that can be read and compiled is listed`() throws {
        let folder = try #require(NodeCase.folder)
        let listed = Set(NodeCase.listed + Self.trained)
        for name in NodeCase.present where !listed.contains(name) {
            guard let own = try? NodeCase(name, in: folder),
                (try? PlanBuilder.build(own.file)) != nil
            else { continue }
            Issue.record("\(name) is not listed: \(Self.difference(own) ?? "it passes")")
        }
    }

    /// What is wrong with the answers; nil if nothing is.
    static func difference(_ own: NodeCase) -> String? {
        do throws(ONNXError) {
            let plan = try PlanBuilder.build(own.file)
            for run in own.runs {
                let outputs = try plan.run(run.inputs).outputs
                guard outputs.count == run.outputs.count else { return "\(outputs.count) outputs" }
                for (index, (got, expected)) in zip(outputs, run.outputs).enumerated()
                where !alike(got, expected, isRounded: rounded.contains(own.name)) {
                    return "output \(index): \(got), not \(expected)"
                }
            }
            return own.runs.isEmpty ? "no data" : nil
        } catch {
            return "\(error)"
        }
    }

    private static func alike(
        _ got: Value, _ expected: Value, isRounded: Bool
    ) -> Bool {
        guard got.shape == expected.shape else { return false }
        switch (got, expected) {
        case (.floats(let got), .floats(let expected)):
            return zip(got.elements, expected.elements).allSatisfy {
                close(
                    Double($0), Double($1), relative: isRounded ? 1e-3 : 1e-5, absolute: 1e-6)
            }
        case (.doubles(let got), .doubles(let expected)):
            return zip(got.elements, expected.elements).allSatisfy {
                close($0, $1, relative: 1e-7, absolute: 1e-12)
            }
        case (.ints(let got), .ints(let expected)): return got.elements == expected.elements
        case (.truths(let got), .truths(let expected)): return got.elements == expected.elements
        case (.texts(let got), .texts(let expected)): return got.elements == expected.elements
        default: return false
        }
    }

    private static func close(
        _ got: Double, _ expected: Double, relative: Double, absolute: Double
    ) -> Bool {
        got == expected || (got.isNaN && expected.isNaN)
            || (got - expected).magnitude <= absolute + relative * expected.magnitude
    }
}
