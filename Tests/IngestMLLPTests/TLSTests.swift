import Foundation
import IngestHL7
import IngestMLLP
import Testing

/// The door for senders with certificates, against OpenSSL's own client.
@Suite(.serialized, .enabled(if: Authority.isPossible, "openssl is absent"))
struct TLSTests {
    private static let frame = MLLPFramer.framed(Array("MSH|1".utf8))

    /// What the door answers to a sender with these arguments of `openssl s_client`.
    private func answer(_ authority: Authority, port: Int, _ arguments: [String]) throws -> Data {
        let client = Process()
        client.executableURL = URL(filePath: "/usr/bin/openssl")
        client.arguments =
            ["s_client", "-quiet", "-connect", "127.0.0.1:\(port)"]
            + ["-CAfile", authority.path("authority.pem"), "-verify_return_error"] + arguments
        let (input, output) = (Pipe(), Pipe())
        (client.standardInput, client.standardOutput) = (input, output)
        client.standardError = FileHandle.nullDevice
        try client.run()
        // A client that was refused has closed its end.
        signal(SIGPIPE, SIG_IGN)
        try? input.fileHandleForWriting.write(contentsOf: Data(Self.frame))
        let deadline = Date(timeIntervalSinceNow: 10)
        var received = Data()
        while received.count < Self.frame.count, Date() < deadline {
            let piece = output.fileHandleForReading.availableData
            if piece.isEmpty { break }
            received += piece
        }
        client.terminate()
        client.waitUntilExit()
        return received
    }

    @Test(.timeLimit(.minutes(1)))
    func `only a sender with a certificate of the authority is heard`() async throws {
        let (ours, strange) = (try Authority("ours"), try Authority("strange"))
        try ours.sign("door", address: "127.0.0.1")
        try ours.sign("monitor")
        try strange.sign("stranger")
        let (server, port) = try await TLSDoor.open(
            MLLPIdentity(
                certificatePath: ours.path("door.pem"), keyPath: ours.path("door.key"),
                authoritiesPath: ours.path("authority.pem")))
        func sender(_ authority: Authority, _ name: String) -> [String] {
            ["-cert", authority.path("\(name).pem"), "-key", authority.path("\(name).key")]
        }
        #expect(try answer(ours, port: port, sender(ours, "monitor")) == Data(Self.frame))
        #expect(server.counts.frames == 1)
        #expect(try answer(ours, port: port, sender(strange, "stranger")).isEmpty)
        #expect(try answer(ours, port: port, []).isEmpty)
        #expect(try answer(ours, port: port, sender(ours, "monitor") + ["-tls1_1"]).isEmpty)
        let plain = try PlainClient(port: port)
        plain.send(Self.frame)
        #expect(plain.isClosed())
        #expect(server.counts.frames == 1)
        // The strangers took nothing from the others.
        let older = sender(ours, "monitor") + ["-tls1_2"]
        #expect(try answer(ours, port: port, older) == Data(Self.frame))
        try await server.stop()
    }

    @Test func `a door without its files does not open`() async {
        let identity = MLLPIdentity(
            certificatePath: "/nowhere", keyPath: "/nowhere", authoritiesPath: "/nowhere")
        await #expect(throws: (any Error).self) { _ = try await TLSDoor.open(identity) }
    }
}

/// A server that sends every frame back.
private enum TLSDoor {
    static func open(_ identity: MLLPIdentity) async throws -> (MLLPServer, Int) {
        let box = Box()
        let server = MLLPServer(MLLPSettings(port: 0, idleMs: 20_000, identity: identity)) {
            box.echo($0)
        }
        box.server = server
        do { return (server, try await server.start()) } catch {
            try await server.stop()
            throw error
        }
    }

    // Set once, before the server starts.
    private final class Box: @unchecked Sendable {
        weak var server: MLLPServer?

        func echo(_ inputs: [MLLPInput]) {
            server?.send(
                inputs.compactMap { input in
                    guard case .frame(let bytes) = input.content else { return nil }
                    return MLLPAnswer(connection: input.connection, bytes: bytes)
                })
        }
    }
}

/// A certificate authority in a folder of its own, made by OpenSSL.
private final class Authority {
    static let isPossible = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

    private let folder: URL

    init(_ name: String) throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "twinline-tls-\(name)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", "/CN=\(name)", "-days", "2", "-keyout", "authority.key", "-out",
            "authority.pem")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ file: String) -> String { folder.appending(path: file).path }

    /// Makes `NAME.key` and `NAME.pem`.
    func sign(_ name: String, address: String? = nil) throws {
        try run(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
            "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).csr")
        let extensions =
            address.map { "subjectAltName=IP:\($0)\n" } ?? "basicConstraints=CA:FALSE\n"
        try Data(extensions.utf8).write(to: folder.appending(path: "extensions"))
        try run(
            "x509", "-req", "-in", "\(name).csr", "-CA", "authority.pem", "-CAkey",
            "authority.key", "-CAcreateserial", "-days", "2", "-extfile", "extensions", "-out",
            "\(name).pem")
    }

    private func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CocoaError(.executableNotLoadable)
        }
    }
}
