import Foundation
import TwinTestKit

@testable import ModelONNX

/// One of the official node tests: a graph, inputs, and the outputs that it must give.
struct NodeCase {
    struct Run {
        let inputs: [Value]
        let outputs: [Value]
    }

    let name: String
    let file: GraphFile
    let runs: [Run]

    /// Where the tests are: `TWINLINE_ONNX_NODE_TESTS`, or in the package `onnx` of a Python.
    static let folder: URL? = {
        if let named = ProcessInfo.processInfo.environment["TWINLINE_ONNX_NODE_TESTS"] {
            return URL(filePath: named)
        }
        let script = "import onnx; print(onnx.__version__, onnx.__path__[0])"
        guard let text = try? RuntimePeer.python(with: "onnx")?.run(["-c", script]),
            let cut = text.firstIndex(of: " "), text[..<cut] == "1.22.0"
        else { return nil }
        let package = text[cut...].trimmingCharacters(in: .whitespacesAndNewlines)
        return URL(filePath: package).appending(path: "backend/test/data/node")
    }()

    /// The names of those whose operators are all known here; each must pass.
    static let listed: [String] = {
        let list = Fixture.folder.appending(path: "node_tests.txt")
        let text = (try? String(contentsOf: list, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }()

    static let present: [String] = {
        let files = folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0.path) }
        return (files ?? []).filter { $0.hasPrefix("test_") }.sorted()
    }()

    /// Throws where this room does not read the graph or its values.
    init(_ name: String, in folder: URL) throws {
        self.name = name
        let own = folder.appending(path: name)
        file = try GraphReader.read(Array(Data(contentsOf: own.appending(path: "model.onnx"))))
        let files = FileManager.default
        runs = try files.contentsOfDirectory(atPath: own.path)
            .filter { $0.hasPrefix("test_data_set_") }.sorted().map { set in
                let place = own.appending(path: set)
                func values(_ prefix: String) throws -> [Value] {
                    var values: [Value] = []
                    while true {
                        let path = place.appending(path: "\(prefix)_\(values.count).pb")
                        guard files.fileExists(atPath: path.path) else { return values }
                        let bytes = Array(try Data(contentsOf: path))
                        values.append(
                            try TensorReader.tensor(bytes, 0..<bytes.count, mustBeFinite: false)
                                .value)
                    }
                }
                return Run(inputs: try values("input"), outputs: try values("output"))
            }
    }
}
