import IngestHL7
import IngestMLLP
import Testing

/// What a server holds is weighed in a process that does nothing else: the other tests would be weighed with it.
struct MemoryTests {
    @Test func `a sender without answers is not read on`() async throws {
        await #expect(processExitsWith: .success) {
            let probe = Probe()
            let (server, port) = try await probe.start(
                MLLPSettings.onAnyPort { $0.unansweredCountMax = 4 }, answers: false)
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
    }

    @Test func `a frame of 100 MB is refused at the limit, and its sender is told`() async throws {
        await #expect(processExitsWith: .success) {
            let probe = Probe()
            let (server, port) = try await probe.start(MLLPSettings.onAnyPort(), answers: true)
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
            other.send(MLLPFramer.framed(Probe.text(1)))
            #expect(!other.receive(5).isEmpty)
            try await server.stop()
        }
    }

    @Test func `a thousand idle connections take no more than is allowed`() async throws {
        await #expect(processExitsWith: .success) {
            let probe = Probe()
            let (server, port) = try await probe.start(
                MLLPSettings.onAnyPort { $0.connectionCountMax = 64 }, answers: true)
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
            clients[0].send(MLLPFramer.framed(Probe.text(7)))
            #expect(clients[0].receive(8) == MLLPFramer.framed(Probe.text(7)))
            clients.removeAll()
            #expect(await probe.wait { _ in server.counts.open == 0 })
            let next = try PlainClient(port: port)
            next.send(MLLPFramer.framed(Probe.text(8)))
            #expect(!next.receive(5).isEmpty)
            try await server.stop()
        }
    }
}
