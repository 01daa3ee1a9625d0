import IngestHL7
import IngestMLLP
import Synchronization
import Testing

/// A server whose frames are answered by hand, or at once.
private final class Probe: Sendable {
    private let inputs = Mutex<[MLLPInput]>([])
    private let server = Mutex<MLLPServer?>(nil)

    var received: [MLLPInput] { inputs.withLock { $0 } }
    var frames: [[UInt8]] {
        received.compactMap { input in
            guard case .frame(let bytes) = input.content else { return nil }
            return bytes
        }
    }
    var faults: [MLLPFramer.Fault] {
        received.compactMap { input in
            guard case .fault(let fault, _) = input.content else { return nil }
            return fault
        }
    }

    /// Echoes each frame, if `answers`; an oversized one is answered with `!`.
    func start(_ settings: MLLPSettings, answers: Bool) async throws -> (MLLPServer, Int) {
        let server = MLLPServer(settings) { inputs in
            self.inputs.withLock { $0 += inputs }
            if answers { self.answer(inputs) }
        }
        self.server.withLock { $0 = server }
        return (server, try await server.start())
    }

    func answer(_ inputs: [MLLPInput]) {
        let answers = inputs.compactMap { input -> MLLPAnswer? in
            switch input.content {
            case .frame(let bytes): MLLPAnswer(connection: input.connection, bytes: bytes)
            case .fault(.oversized, _): MLLPAnswer(connection: input.connection, bytes: [0x21])
            case .fault: nil
            }
        }
        server.withLock { $0 }?.send(answers)
    }

    /// Waits until something holds, for at most ten seconds.
    func wait(until holds: (Probe) -> Bool) async -> Bool {
        for _ in 0..<1000 {
            if holds(self) { return true }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}

@Suite(.serialized)
struct ServerTests {
    private static func text(_ number: Int) -> [UInt8] { Array("MSH|\(number)".utf8) }

    private func settings(_ change: (inout MLLPSettings) -> Void = { _ in }) -> MLLPSettings {
        var settings = MLLPSettings(port: 0)
        change(&settings)
        return settings
    }

    @Test func `frames in one piece or byte by byte are answered in order`() async throws {
        let probe = Probe()
        let (server, port) = try await probe.start(settings(), answers: true)
        let client = try PlainClient(port: port)
        let stream = MLLPFramer.framed(Self.text(1)) + MLLPFramer.framed(Self.text(2))
        client.send(stream)
        #expect(client.receive(stream.count) == stream)
        for byte in stream { client.send([byte]) }
        #expect(client.receive(stream.count) == stream)
        #expect(server.counts.frames == 4)
        try await server.stop()
    }

    @Test func `a sender that ends gets its answers before the connection closes`() async throws {
        let probe = Probe()
        let (server, port) = try await probe.start(settings(), answers: false)
        let client = try PlainClient(port: port)
        client.send(MLLPFramer.framed(Self.text(1)) + [0x0B, 0x4D])
        client.endSending()
        #expect(await probe.wait { $0.received.count == 2 })
        #expect(probe.faults == [.truncated])
        probe.answer(probe.received)
        #expect(client.receive(100) == MLLPFramer.framed(Self.text(1)))
        #expect(client.isClosed())
        try await server.stop()
    }

    @Test func `a late answer reaches a sender that ended within a frame`() async throws {
        let probe = Probe()
        let (server, port) = try await probe.start(settings { $0.frameMs = 100 }, answers: false)
        let client = try PlainClient(port: port)
        client.send(MLLPFramer.framed(Self.text(1)) + [0x0B, 0x4D])
        client.endSending()
        #expect(await probe.wait { $0.received.count == 2 })
        // What never ends can't be late any more.
        try await Task.sleep(for: .milliseconds(400))
        probe.answer(probe.received)
        #expect(client.receive(100) == MLLPFramer.framed(Self.text(1)))
        #expect(client.isClosed())
        try await server.stop()
    }

    @Test func `no more frames are delivered than may wait for answers`() async throws {
        let probe = Probe()
        let (server, port) = try await probe.start(
            settings { $0.unansweredCountMax = 3 }, answers: false)
        let client = try PlainClient(port: port)
        client.send((0..<100).flatMap { MLLPFramer.framed(Self.text($0)) })
        #expect(await probe.wait { $0.frames.count == 3 })
        try await Task.sleep(for: .milliseconds(100))
        #expect(probe.frames.count == 3)
        var answered = 0
        while answered < 100, await probe.wait(until: { $0.frames.count > answered }) {
            probe.answer([probe.received[answered]])
            answered += 1
        }
        #expect(probe.frames == (0..<100).map { Self.text($0) })
        let expected = (0..<100).flatMap { MLLPFramer.framed(Self.text($0)) }
        #expect(client.receive(expected.count) == expected)
        try await server.stop()
    }

    @Test func `a sender without answers is not read on`() async throws {
        let probe = Probe()
        let (server, port) = try await probe.start(
            settings { $0.unansweredCountMax = 4 }, answers: false)
        let client = try PlainClient(port: port)
        let before = residentByteCount()
        let frame = MLLPFramer.framed([UInt8](repeating: 0x41, count: 60_000))
        var sent = 0
        for _ in 0..<1000 {
            let count = client.send(frame, withinMs: 200)
            sent += count
            if count < frame.count { break }
        }
        // What the kernel's buffers hold, and not the 60 MB that the client has.
        #expect(sent < 20_000_000)
        #expect(probe.frames.count == 4)
        #expect(residentByteCount() - before < 20_000_000)
        client.close()
        try await server.stop()
    }

    @Test func `a frame of 100 MB is refused at the limit, and its sender is told`() async throws {
        let probe = Probe()
        let (server, port) = try await probe.start(settings(), answers: true)
        let client = try PlainClient(port: port)
        let before = residentByteCount()
        let piece = [UInt8](repeating: 0x41, count: 1_000_000)
        client.send([0x0B])
        for _ in 0..<100 where client.send(piece, withinMs: 2000) < piece.count { break }
        #expect(await probe.wait { $0.faults == [.oversized] })
        #expect(client.receive(4) == MLLPFramer.framed([0x21]))
        #expect(client.isClosed())
        #expect(residentByteCount() - before < 20_000_000)
        let other = try PlainClient(port: port)
        other.send(MLLPFramer.framed(Self.text(1)))
        #expect(!other.receive(5).isEmpty)
        try await server.stop()
    }

    @Test func `a frame that never ends and a sender that says nothing are closed`() async throws {
        let probe = Probe()
        let (server, port) = try await probe.start(
            settings {
                $0.frameMs = 300
                $0.idleMs = 600
            }, answers: true)
        let endless = try PlainClient(port: port)
        let silent = try PlainClient(port: port)
        endless.send([0x0B])
        for _ in 0..<50 {
            endless.send([0x41])
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(endless.isClosed(withinMs: 0))
        #expect(silent.isClosed())
        #expect(server.counts.timedOut == 2)
        #expect(probe.received.isEmpty)
        try await server.stop()
    }

    @Test func `a thousand idle connections take no more than is allowed`() async throws {
        let probe = Probe()
        let (server, port) = try await probe.start(
            settings { $0.connectionCountMax = 64 }, answers: true)
        let before = residentByteCount()
        var clients: [PlainClient] = []
        for number in 0..<1000 {
            clients.append(try PlainClient(port: port))
            // The backlog of the listener is smaller than a thousand.
            if number % 100 == 99 { try await Task.sleep(for: .milliseconds(20)) }
        }
        #expect(await probe.wait { _ in server.counts.turnedAway == 936 })
        #expect(server.counts.open == 64)
        #expect(residentByteCount() - before < 20_000_000)
        clients[0].send(MLLPFramer.framed(Self.text(7)))
        #expect(clients[0].receive(100, withinMs: 500) == MLLPFramer.framed(Self.text(7)))
        clients.removeAll()
        #expect(await probe.wait { _ in server.counts.open == 0 })
        let next = try PlainClient(port: port)
        next.send(MLLPFramer.framed(Self.text(8)))
        #expect(!next.receive(5).isEmpty)
        try await server.stop()
    }

    @Test func `what is not MLLP is closed after its limit of noise`() async throws {
        let probe = Probe()
        let (server, port) = try await probe.start(
            settings { $0.noiseByteCountMax = 1000 }, answers: true)
        let web = try PlainClient(port: port)
        web.send(Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        #expect(!web.isClosed(withinMs: 100))
        web.send([UInt8](repeating: 0x20, count: 2000))
        #expect(web.isClosed())
        #expect(probe.faults == [.noStartBlock])
        try await server.stop()
    }
}
