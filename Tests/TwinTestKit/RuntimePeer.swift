import Foundation

/// A Python that has ONNX Runtime: `TWINLINE_PEER_PYTHON`, or `python3` on the path.
public struct RuntimePeer: Sendable {
    public struct Answer: Sendable {
        public let label: String
        public let scores: [Float]
    }

    let python: String

    public static func python(with package: String = "onnxruntime") -> RuntimePeer? {
        let named = ProcessInfo.processInfo.environment["TWINLINE_PEER_PYTHON"]
        let peer = RuntimePeer(python: named ?? "python3")
        return (try? peer.run(["-c", "import \(package)"])) == nil ? nil : peer
    }

    public func answers(model: [UInt8], rows: [[Float]]) throws -> [Answer] {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "twinline-peer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "model.onnx")
        let table = folder.appending(path: "rows.csv")
        try Data(model).write(to: file)
        let lines = rows.map { row in
            row.map { $0.isNaN ? "" : "\($0)" }.joined(separator: ",") + "\n"
        }
        try Data(lines.joined().utf8).write(to: table)
        let script = RepositoryFolder.root.appending(path: "Tests/Peers/onnx_roundtrip.py")
        let text = try run([script.path, file.path, table.path])
        return text.split(separator: "\n").map { line in
            let fields = line.split(separator: ",")
            return Answer(
                label: String(fields[0]), scores: fields.dropFirst().map { Float($0) ?? .nan })
        }
    }

    private struct Failed: Error {
        var status: Int32
    }

    public func run(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [python] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(status: process.terminationStatus)
        }
        return text
    }
}
