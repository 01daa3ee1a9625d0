import Foundation
import Testing
import TwinTestKit

/// The peers in Python, which know of Twinline only what `proto/` says.
enum NativePeer {
    /// A Python that has pyzmq and protobuf; the first on the path may be another.
    static let python: URL? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let candidates = folders.map { "\($0)/python3" } + ["/usr/bin/python3"]
        guard folders.contains(where: { isExecutable("\($0)/protoc") }) else { return nil }
        return candidates.first { path in
            guard isExecutable(path) else { return false }
            let process = Process()
            process.executableURL = URL(filePath: path)
            process.arguments = ["-c", "import zmq, google.protobuf"]
            process.standardError = FileHandle.nullDevice
            guard (try? process.runPatiently()) != nil else { return false }
            process.waitUntilExit()
            return process.terminationStatus == 0
        }.map { URL(filePath: $0) }
    }()

    static var isPresent: Bool { python != nil }
    static let whyAbsent: Comment = "no python3 with zmq and protobuf, or no protoc: deploy/setup"

    private static func isExecutable(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: path)
    }

    static func feed(
        _ house: RunningHouse, count: Int, patient: String
    ) async throws -> Finished {
        try await run(house, "native_feed.py", ["\(count)", patient])
    }

    /// Runs a peer against the native door of a house.
    static func run(
        _ house: RunningHouse, _ script: String, _ arguments: [String]
    ) async throws -> Finished {
        try await run(
            port: house.nativePort, scratch: house.scratch.path, script, arguments)
    }

    static func run(
        port: Int, scratch: String, _ script: String, _ arguments: [String]
    ) async throws -> Finished {
        guard let python else { throw SystemFailure(whyAbsent.rawValue) }
        let path = RepositoryFolder.root.appending(path: "Tests/Peers/\(script)").path
        return try await Executables.run(
            python, [path, "tcp://127.0.0.1:\(port)"] + arguments, in: scratch, seconds: 90)
    }
}

/// What the feeding peers print.
struct NativeSummary: Decodable {
    let sent: Int
    let accepted: Int
    let refusals: [String]
}
