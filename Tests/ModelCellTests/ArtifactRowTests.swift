import ModelCell
import ModelCore
import ModelRoster
import Testing
import TwinCore
import TwinTestKit

@testable import ModelONNX

/// Every way in which an artifact's content can be bad, each with its outcome, in the cell of the
/// real executable.
///
/// Who signed it, how large it is and what came of it on its way is refused before that: see the
/// tests of signatures, of pushes and of the storm.
@Suite(.enabled(if: InmateFile.isBuilt, "twin-model is not built beside the tests"))
struct ArtifactRowTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let reason: Refusal.Reason
        let says: String

        init(_ name: String, _ bytes: [UInt8], _ reason: Refusal.Reason, _ says: String) {
            (self.name, self.bytes, self.reason, self.says) = (name, bytes, reason, says)
        }

        var testDescription: String { name }
    }

    private static func manifest(
        _ name: String, _ json: String, _ says: String
    ) -> Row {
        Row("manifest: " + name, SpoiltFile.file(json: json), .malformed, "manifest: " + says)
    }

    static let manifests: [Row] = [
        manifest("no JSON", "{", "it can't be read: not JSON: "),
        manifest(
            "a key twice",
            SpoiltFile.manifest.json.replacing("{\"format\":1", with: "{\"format\":1,\"format\":1"),
            "it can't be read: the key format comes twice, at byte "),
        manifest(
            "an unknown key",
            SpoiltFile.manifest.json.replacing("{\"format\":1", with: "{\"format\":1,\"more\":2"),
            "more is no known key"),
        manifest(
            "a loose proof", SpoiltFile.changed { $0.goldenTolerance = 1e9 },
            "goldenTolerance 1000000000.0 is not above 0 and at most 0.001"),
        manifest("no golden rows", SpoiltFile.changed { $0.golden = [] }, "golden is missing"),
        manifest(
            "no intended use", SpoiltFile.changed { $0.card.intendedUse = "" },
            "card.intendedUse is missing"),
        manifest(
            "no population", SpoiltFile.changed { $0.card.population = "" },
            "card.population is missing"),
        manifest(
            "no unit", SpoiltFile.changed { $0.features[0].unit = "per minute" },
            "the unit per minute of "),
        manifest(
            "a class too many",
            SpoiltFile.changed { manifest in
                manifest.classes.append("2")
                for row in manifest.golden.indices { manifest.golden[row].output.append(0) }
            }, "it is not of this model: 3 classes, but the model gives 2"),
        Row(
            "a shown class that the model does not have", SpoiltFile.fewerClasses, .malformed,
            "manifest: it is not of this model: 3 classes, but the model gives 2"),
        Row(
            "a golden row of another model",
            SpoiltFile.file(json: SpoiltFile.changed { $0.golden[0].output = [0.2, 0.8] }),
            .failed, "model: golden row 0, class 0: its answer is "),
        Row(
            "no baseline for explanations",
            SpoiltFile.file(
                json: SpoiltFile.changed { manifest in
                    (manifest.features[1].missing, manifest.features[1].typical) = (.none, nil)
                }), .failed, "say what is `typical` of lactate_max"),
    ]

    static let strangers: [Row] = [
        ("pickle", [0x80, 4, 0x95, 0x10, 0, 0, 0, 0, 0, 0, 0, 0x8C, 8] + Array("builtins".utf8)),
        ("joblib", [0x78, 0x9C] + Array("compressed".utf8)),
        ("pt", Array("PK\u{3}\u{4}archive/data.pkl".utf8)),
        ("HDF5", [0x89] + Array("HDF\r\n\u{1A}\n".utf8)), ("Lua", Array("\u{1B}LuaS".utf8)),
        ("shared object", [0x7F] + Array("ELF".utf8) + [2, 1, 1, 0]),
        ("a text of support vectors", Array("svm_type c_svc\ntotal_sv 1000000000000\nSV\n".utf8)),
    ].map { Row("no ONNX: " + $0.0, $0.1, .malformed, "onnx: ") }

    static let graphs: [Row] =
        ["Loop", "Scan", "If"].map {
            Row(
                "graph: " + $0, SpoiltFile.step($0), .unsupported,
                "onnx: node \($0) -> y: the operator \($0) is not supported")
        } + [
            Row(
                "nested functions", SpoiltFile.file(model: { $0.message(25) { _ in } }),
                .unsupported, "onnx: functions: "),
            Row(
                "weights in a file beside it", SpoiltFile.elsewhere("weights.bin", offset: "0"),
                .unsupported, "onnx: the weights of w lie outside of the file"),
            Row(
                "weights in a file elsewhere",
                SpoiltFile.elsewhere("../../etc/passwd", offset: "0"), .unsupported,
                "onnx: the weights of w lie outside of the file"),
            Row(
                "weights behind the end",
                SpoiltFile.elsewhere("weights.bin", offset: "99999999999"), .unsupported,
                "onnx: the weights of w lie outside of the file"),
            Row(
                "an address in memory",
                SpoiltFile.elsewhere("*/_ORT_MEM_ADDR_/*", offset: "140000000000"), .unsupported,
                "onnx: the weights of w lie outside of the file"),
            Row(
                "a cycle",
                SpoiltFile.file { graph in
                    SpoiltFile.node(&graph, "Add", ["x", "b"], ["a"])
                    SpoiltFile.node(&graph, "Identity", ["a"], ["b"])
                    SpoiltFile.node(&graph, "Identity", ["b"], ["y"])
                }, .malformed, "onnx: the graph can't be run: "),
            Row(
                "a missing input", SpoiltFile.step("Add", ["nobody"]), .malformed,
                "onnx: the graph can't be run: "),
            Row(
                "two producers",
                SpoiltFile.file { graph in
                    SpoiltFile.node(&graph, "Identity", ["x"], ["y"])
                    SpoiltFile.node(&graph, "Neg", ["x"], ["y"])
                }, .malformed, "onnx: the graph can't be run: y is made twice"),
            Row(
                "100,001 nodes",
                SpoiltFile.file { graph in
                    for _ in 0...100_000 { graph.message(1) { _ in } }
                }, .tooLarge, "onnx: more than 10000 nodes"),
            Row(
                "a name of 1 MB",
                SpoiltFile.file { graph in
                    SpoiltFile.node(&graph, "Relu", [String(repeating: "x", count: 1 << 20)], ["y"])
                }, .tooLarge, "onnx: more than "),
            Row("another shape", SpoiltFile.file(width: 1), .malformed, "not the declared one"),
        ]

    static let numbers: [Row] = [
        Row(
            "a layer of NaN", SpoiltFile.layer([3, 2], value: .nan), .malformed,
            "onnx: w holds a number that is not finite"),
        Row(
            "a layer of infinities", SpoiltFile.layer([3, 2], value: .infinity), .malformed,
            "onnx: w holds a number that is not finite"),
        Row(
            "a layer whose size overflows", SpoiltFile.layer([1 << 40, 1 << 40], value: 1),
            .malformed, "dimensions of w"),
        Row("a layer of fewer weights", SpoiltFile.layer([3, 4], value: 1), .malformed, "onnx: "),
        Row(
            "a leaf of NaN", SpoiltFile.tree { $0.weights[0] = .nan }, .malformed,
            "onnx: class_weights of node "),
        Row(
            "a threshold of NaN", SpoiltFile.tree { $0.values[0] = .nan }, .malformed,
            "onnx: nodes_values of node "),
        Row(
            "a feature below the first", SpoiltFile.tree { $0.features[0] = -1 }, .unsupported,
            "feature -1"),
        Row(
            "a feature behind the last", SpoiltFile.tree { $0.features[0] = 77 }, .malformed,
            "onnx: "),
        Row(
            "a branch to nowhere", SpoiltFile.tree { $0.yes[0] = 77 }, .unsupported,
            "a tree with two roots"),
        Row(
            "a branch to itself", SpoiltFile.tree { $0.yes[0] = 0 }, .unsupported,
            "a node that no root leads to"),
        Row(
            "an unknown branch", SpoiltFile.tree { $0.modes[0] = "BRANCH_LOOP" }, .unsupported,
            "mode BRANCH_LOOP"),
        Row("a negative gamma", SpoiltFile.machine(gamma: -1), .unsupported, "a negative gamma"),
        Row(
            "fewer coefficients", SpoiltFile.machine(coefficients: [1]), .unsupported,
            "1 coefficients"),
        Row(
            "more vectors than there are", SpoiltFile.machine(vectorCounts: [1 << 40, 1]),
            .unsupported, "1099511627776 vectors"),
        Row(
            "a negative count of vectors", SpoiltFile.machine(vectorCounts: [-1, 3]), .unsupported,
            "-1 vectors"),
        Row("an unknown kernel", SpoiltFile.machine(kernel: "CHI2"), .unsupported, "kernel CHI2"),
        Row(
            "a sigmoid that overflows", SpoiltFile.machine(kernel: "SIGMOID", gamma: .infinity),
            .malformed, "holds a number that is not finite"),
    ]

    static let costs: [Row] =
        ["ConstantOfShape", "Expand", "Tile"].map {
            Row("2^40 numbers by " + $0, SpoiltFile.grown($0), .tooLarge, "")
        } + [
            Row(
                "ten times too slow", SpoiltFile.file() + SpoiltFile.field("planted slow"),
                .tooLarge, "latency: it takes")
        ]

    private static func refusal(_ bytes: [UInt8], latencyMs: Int = 1000) -> Refusal? {
        var limits = Cell.Limits()
        limits.latencyMs = latencyMs
        do throws(Refusal) {
            try Cell(limits: limits, executable: InmateFile.path)
                .prove(ONNXArtifact.identity(of: bytes), bytes)
            return nil
        } catch { return error }
    }

    @Test func `the sound artifact comes well out of the cell`() {
        #expect(Self.refusal(SpoiltFile.file()) == nil)
        #expect(Self.refusal(SpoiltFile.file() + SpoiltFile.field("planted nothing")) == nil)
    }

    @Test(arguments: manifests + strangers + graphs + numbers + costs)
    func `a bad artifact is refused, and says why`(row: Row) {
        // One row of this model takes far less; the planted one takes twice as long.
        let refused = Self.refusal(row.bytes, latencyMs: row.says.hasPrefix("latency") ? 100 : 1000)
        #expect(refused?.reason == row.reason, "\(String(describing: refused))")
        #expect(refused?.detail.contains(row.says) == true, "\(String(describing: refused))")
    }

    @Test func `a truncated artifact is refused wherever it ends`() {
        let bytes = SpoiltFile.file()
        for count in stride(from: 1, to: bytes.count, by: bytes.count / 12) {
            let refused = Self.refusal(Array(bytes.prefix(count)))
            #expect(refused?.reason == .malformed || refused?.reason == .unsupported, "\(count)")
        }
    }

    /// What can only be seen when a patient comes: no number is shown.
    @Test func `what is no probability, or outside of the population, gives no number`() throws {
        func assess(_ bytes: [UInt8], _ features: [FeatureSet]) throws -> Verdict {
            let id = ONNXArtifact.identity(of: bytes)
            let model = try ModelRoster.loader()(id, bytes).get()
            return Assessor().assess(features, revision: 7, with: model).verdict
        }
        func reason(_ verdict: Verdict) -> String {
            if case .indeterminate(let reason) = verdict { reason } else { "" }
        }
        let good = SpoiltFile.file()
        guard case .prediction(0.75, _) = try assess(good, SampleModel.features()) else {
            Issue.record("the sound one says nothing")
            return
        }
        // Its golden rows do not see the leaf that lies.
        let lying = SpoiltFile.file(
            json: SpoiltFile.changed { $0.golden.removeFirst() }
        ) { graph in
            var tree = SpoiltFile.Tree()
            tree.weights[1] = 1.5
            tree.write(&graph)
        }
        let shown = try assess(lying, SampleModel.features())
        guard case .notAvailable(let fault) = shown, fault.contains("no probability") else {
            Issue.record("\(shown)")
            return
        }
        let strange = try assess(good, SampleModel.features(heartRate: 400))
        #expect(!reason(strange).isEmpty)
        var other = SampleModel.features()
        other[0].features[1].unit = "mg/dL"
        #expect(reason(try assess(good, other)).contains("mg/dL"))
    }
}
