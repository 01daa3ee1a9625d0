import Foundation
import Testing
import TwinCore
import TwinLink
import TwinWire

/// What another language's protobuf makes of `proto/` is what this room reads.
struct PeerTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let script = root.appending(path: "Tests/Peers/native_feed.py").path

    /// A Python that has protobuf; nil where there is none, or no `protoc`.
    private static let python = ["python3", "/usr/bin/python3"].first {
        (try? run([$0, "-c", "import google.protobuf"])) == 0
            && (try? run(["protoc", "--version"])) == 0
    }

    private static func run(_ words: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    @Test(.enabled(if: python != nil, "needs protoc, and Python with protobuf"))
    func `what the Python feed sends is read`() throws {
        let python = try #require(PeerTests.python)
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "twinline-peer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let words = [python, PeerTests.script, "--write", folder.path, "517", "WARD|7"]
        #expect(try PeerTests.run(words) == 0)

        var observations: [Observation] = []
        for index in 1...3 {
            func frame(_ name: String) throws -> [UInt8] {
                [UInt8](try Data(contentsOf: folder.appending(path: "\(index).\(name).bin")))
            }
            let header = try HeaderWire.decode(frame("header"))
            #expect(header.kind == .request && header.correlation == UInt64(index))
            let payload = Payload(subject: header.subject, body: try frame("body"))
            guard case .submit(let batch) = try Message(payload) else {
                Issue.record("a body of another subject")
                return
            }
            observations += batch.observations
        }
        // 256 and 256 by columns, 5 by rows.
        #expect(observations.count == 517)
        for (index, observation) in observations.enumerated() {
            let second = Int64(index)
            #expect(observation.number == 70 + Double(index % 20))
            #expect(observation.code == .loinc("8867-4") && observation.unit == "/min")
            #expect(observation.twin.text == "WARD|7" && observation.source == "native_feed.py")
            #expect(observation.eventTime == observations[0].eventTime.adding(seconds: second))
            #expect(observation.receiveTime == observation.eventTime)
        }
    }

    @Test(.enabled(if: python != nil, "needs protoc, and Python with protobuf"))
    func `wrong usage of the Python feed is said`() throws {
        let python = try #require(PeerTests.python)
        #expect(try PeerTests.run([python, PeerTests.script, "tcp://127.0.0.1:1"]) == 2)
    }
}
