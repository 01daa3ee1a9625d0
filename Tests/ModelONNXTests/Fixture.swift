import Foundation
import ModelCore
import ModelONNX
import Testing

/// One exported model with inputs and the answers that ONNX Runtime gave.
struct Fixture: CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let width: Int
    let rows: [[Float]]
    let labels: [String]
    let scores: [[Float]]

    var testDescription: String { name }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures")

    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".onnx") }.map { String($0.dropLast(5)) }.sorted()
    }()

    init(_ name: String) throws {
        self.name = name
        bytes = Array(try Data(contentsOf: Self.folder.appending(path: "\(name).onnx")))
        let table = try String(
            contentsOf: Self.folder.appending(path: "\(name).csv"), encoding: .utf8)
        let lines = table.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        let label = lines[0].firstIndex(of: "label") ?? 0
        width = label
        rows = lines.dropFirst().map { line in line[..<label].map { Float($0) ?? .nan } }
        labels = lines.dropFirst().map { String($0[label]) }
        scores = lines.dropFirst().map { line in line[(label + 1)...].map { Float($0) ?? .nan } }
    }
}
