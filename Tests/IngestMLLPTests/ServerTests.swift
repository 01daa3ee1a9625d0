import IngestHL7
import IngestMLLP
import Testing

@Suite(.serialized)
struct ServerTests {
    @Test func `frames in one piece or byte by byte are answered in order`() async throws {
        let probe = Probe()
        let (server, port) = try await probe.start(MLLPSettings.onAnyPort(), answers: true)
        let client = try PlainClient(port: port)
        let stream = MLLPFramer.framed(Probe.text(1)) + MLLPFramer.framed(Probe.text(2))
        client.send(stream)
        #expect(client.receive(stream.count) == stream)
        for byte in stream { client.send([byte]) }
        #expect(client.receive(stream.count) == stream)
        #expect(server.counts.frames == 4)
        try await server.stop()
    }

    @Test func `a sender that ends gets its answers before the connection closes`() async throws {
        let probe = Probe()
        let (server, port) = try await probe.start(MLLPSettings.onAnyPort(), answers: false)
        let client = try PlainClient(port: port)
        client.send(MLLPFramer.framed(Probe.text(1)) + [0x0B, 0x4D])
        client.endSending()
        #expect(await probe.wait { $0.received.count == 2 })
        #expect(probe.faults == [.truncated])
        probe.answer(probe.received)
        #expect(client.receive(100) == MLLPFramer.framed(Probe.text(1)))
        #expect(client.isClosed())
        try await server.stop()
    }

    @Test func `a late answer reaches a sender that ended within a frame`() async throws {
        let probe = Probe()
        let (server, port) = try await probe.start(
            MLLPSettings.onAnyPort { $0.frameMs = 100 }, answers: false)
        let client = try PlainClient(port: port)
        client.send(MLLPFramer.framed(Probe.text(1)) + [0x0B, 0x4D])
        client.endSending()
        #expect(await probe.wait { $0.received.count == 2 })
        // What never ends can't be late any more.
        try await Task.sleep(for: .milliseconds(400))
        probe.answer(probe.received)
        #expect(client.receive(100) == MLLPFramer.framed(Probe.text(1)))
        #expect(client.isClosed())
        try await server.stop()
    }

    @Test func `no more frames are delivered than may wait for answers`() async throws {
        let probe = Probe()
        let (server, port) = try await probe.start(
            MLLPSettings.onAnyPort { $0.unansweredCountMax = 3 }, answers: false)
        let client = try PlainClient(port: port)
        client.send((0..<100).flatMap { MLLPFramer.framed(Probe.text($0)) })
        #expect(await probe.wait { $0.frames.count == 3 })
        try await Task.sleep(for: .milliseconds(100))
        #expect(probe.frames.count == 3)
        var answered = 0
        while answered < 100, await probe.wait(until: { $0.frames.count > answered }) {
            probe.answer([probe.received[answered]])
            answered += 1
        }
        #expect(probe.frames == (0..<100).map { Probe.text($0) })
        let expected = (0..<100).flatMap { MLLPFramer.framed(Probe.text($0)) }
        #expect(client.receive(expected.count) == expected)
        try await server.stop()
    }

    @Test func `a frame that never ends and a sender that says nothing are closed`() async throws {
        let probe = Probe()
        let (server, port) = try await probe.start(
            MLLPSettings.onAnyPort {
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

    @Test func `what is not MLLP is closed after its limit of noise`() async throws {
        let probe = Probe()
        let (server, port) = try await probe.start(
            MLLPSettings.onAnyPort { $0.noiseByteCountMax = 1000 }, answers: true)
        let web = try PlainClient(port: port)
        web.send(Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        #expect(!web.isClosed(withinMs: 100))
        web.send([UInt8](repeating: 0x20, count: 2000))
        #expect(web.isClosed())
        #expect(probe.faults == [.noStartBlock])
        try await server.stop()
    }
}
