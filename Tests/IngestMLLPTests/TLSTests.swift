import Foundation
import IngestDoorways
import IngestHL7
import IngestMLLP
import Testing
import TwinTestKit

/// The door for senders with certificates, against OpenSSL's own client.
@Suite(.serialized, .enabled(if: CertificateAuthority.isPossible, "openssl is absent"))
struct TLSTests {
    private static let frame = MLLPFramer.framed(Array("MSH|1".utf8))

    /// What the door answers to a sender with these arguments of `openssl s_client`.
    private func answer(
        _ authority: CertificateAuthority, port: Int, _ arguments: [String]
    ) throws -> Data {
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
        let (ours, strange) = (
            try CertificateAuthority("ours"), try CertificateAuthority("strange")
        )
        try ours.sign("door", address: "127.0.0.1")
        try ours.sign("monitor")
        try strange.sign("stranger")
        let (server, port) = try await TLSDoor.open(
            DoorwayIdentity(
                certificatePath: ours.path("door.pem"), keyPath: ours.path("door.key"),
                authoritiesPath: ours.path("authority.pem")))
        func sender(_ authority: CertificateAuthority, _ name: String) -> [String] {
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
        let identity = DoorwayIdentity(
            certificatePath: "/nowhere", keyPath: "/nowhere", authoritiesPath: "/nowhere")
        await #expect(throws: (any Error).self) { _ = try await TLSDoor.open(identity) }
    }
}

/// A server that sends every frame back.
private enum TLSDoor {
    static func open(_ identity: DoorwayIdentity) async throws -> (MLLPServer, Int) {
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
