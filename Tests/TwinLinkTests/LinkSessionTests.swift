import Testing
import TwinCore
import TwinLink
import TwinTestKit

/// Two sides of one link, and a clock.
private final class Pair {
    var now = Instant(microsecondsSinceEpoch: 0)
    var client: LinkSession
    var server: LinkSession
    var clientEvents: [LinkSession.Event] = []
    var serverEvents: [LinkSession.Event] = []

    init(client clientLimits: LinkLimits = LinkLimits(), server: LinkLimits = LinkLimits()) {
        client = LinkSession(
            own: Pair.hello("client"), connecting: true, session: 11, limits: clientLimits, at: now)
        self.server = LinkSession(
            own: Pair.hello("server"), connecting: false, session: 22, limits: server, at: now)
    }

    static func hello(_ name: String) -> Hello {
        Hello(name: name, role: name, version: "1", windowCount: 0, windowByteCount: 0)
    }

    func pass(ms: Int) {
        now = now.later(ms: ms)
        clientEvents += client.tick(at: now)
        serverEvents += server.tick(at: now)
    }

    /// Carries everything over, both ways, until nothing is left.
    func carry() {
        var isDone = false
        while !isDone {
            isDone = true
            while let message = client.nextOutgoing(at: now) {
                serverEvents += server.received(message.header, message.payload, at: now)
                isDone = false
            }
            while let message = server.nextOutgoing(at: now) {
                clientEvents += client.received(message.header, message.payload, at: now)
                isDone = false
            }
        }
    }

    func open() {
        pass(ms: 0)
        carry()
        clientEvents = []
        serverEvents = []
    }

    func ask(
        _ correlation: UInt64, byteCount: Int = 1, deadlineMs: UInt32 = 0
    )
        -> LinkFailure?
    {
        let body = [UInt8](repeating: UInt8(truncatingIfNeeded: correlation), count: byteCount)
        return client.request(
            Payload(subject: 1, body: body), correlation: correlation, deadlineMs: deadlineMs,
            trace: 0, at: now)
    }

    func fromClient() -> LinkMessage? { client.nextOutgoing(at: now) }
    func fromServer() -> LinkMessage? { server.nextOutgoing(at: now) }

    func toClient(_ message: LinkMessage) -> [LinkSession.Event] {
        client.received(message.header, message.payload, at: now)
    }

    func toServer(_ message: LinkMessage) -> [LinkSession.Event] {
        server.received(message.header, message.payload, at: now)
    }

    /// The tickets of the requests that the server was handed, in order.
    var tickets: [UInt64] {
        serverEvents.compactMap {
            if case .request(let ticket, _, _, _) = $0 { ticket } else { nil }
        }
    }
}

struct LinkSessionTests {
    @Test func `both sides come up and know each other's window`() {
        var limits = LinkLimits()
        limits.windowCount = 3
        let pair = Pair(server: limits)
        pair.pass(ms: 0)
        pair.carry()
        var server = Pair.hello("server")
        server.windowCount = 3
        server.windowByteCount = limits.windowByteCount
        #expect(pair.clientEvents == [.up(server)])
        #expect(pair.client.isUp && pair.server.isUp)
    }

    @Test func `a newer major version is refused with a reason`() throws {
        let pair = Pair()
        pair.pass(ms: 0)
        var hello = try #require(pair.fromClient())
        hello.header.major = 2
        pair.serverEvents = pair.toServer(hello)
        #expect(pair.serverEvents.isEmpty)
        let reject = try #require(pair.fromServer())
        #expect(reject.header.refusal?.reason == .wrongVersion)
        #expect(pair.server.isClosed)
        let events = pair.toClient(reject)
        #expect(events == [.down(.refused(try #require(reject.header.refusal)))])
        // It tries again, but not at once.
        pair.pass(ms: 29_000)
        #expect(pair.fromClient() == nil)
        pair.pass(ms: 2000)
        #expect(pair.fromClient()?.header.kind == .hello)
    }

    @Test func `an unanswered request is sent again, later each time`() {
        let pair = Pair()
        pair.open()
        #expect(pair.ask(1) == nil)
        var sentAtMs: [Int64] = []
        for _ in 0..<400 {
            while let message = pair.fromClient() {
                if message.header.kind == .request {
                    sentAtMs.append(pair.now.microsecondsSinceEpoch / 1000)
                }
            }
            // The peer lives but its replies are lost.
            let heartbeat = LinkHeader(kind: .heartbeat, session: 22)
            _ = pair.toClient(LinkMessage(heartbeat, Payload(subject: 0, body: [])))
            pair.pass(ms: 250)
        }
        #expect(sentAtMs == [0, 1000, 3000, 7000, 15_000, 31_000, 61_000, 91_000])
    }

    @Test func `a repeat is ignored in work and answered from memory after it`() throws {
        let pair = Pair()
        pair.open()
        #expect(pair.ask(1) == nil)
        let request = try #require(pair.fromClient())
        for _ in 0..<3 {
            pair.serverEvents += pair.toServer(request)
        }
        #expect(pair.tickets.count == 1)
        pair.server.reply(Payload(subject: 2, body: [9]), correlation: pair.tickets[0])
        let reply = try #require(pair.fromServer())
        pair.serverEvents += pair.toServer(request)
        #expect(pair.fromServer() == reply)
        #expect(pair.tickets.count == 1)
        let first = pair.toClient(reply)
        #expect(first == [.reply(correlation: 1, Payload(subject: 2, body: [9]))])
        #expect(pair.toClient(reply).isEmpty)
    }

    @Test func `a reply that answers another session is none`() {
        let pair = Pair()
        pair.open()
        #expect(pair.ask(1) == nil)
        pair.carry()
        let stale = LinkHeader(kind: .reply, session: 10, correlation: 1)
        let payload = Payload(subject: 1, body: [])
        #expect(pair.toClient(LinkMessage(stale, payload)).isEmpty)
        let invented = LinkHeader(kind: .reply, session: 11, correlation: 2)
        #expect(pair.toClient(LinkMessage(invented, payload)).isEmpty)
        #expect(pair.client.openCount == 1)
    }

    @Test func `silence ends the link on both sides and only the connecting one keeps requests`() {
        let pair = Pair()
        pair.open()
        #expect(pair.ask(1) == nil)
        let task = Payload(subject: 1, body: [])
        let failure = pair.server.request(
            task, correlation: 5, deadlineMs: 0, trace: 0, at: pair.now)
        #expect(failure == nil)
        pair.carry()
        pair.serverEvents = []
        pair.clientEvents = []
        pair.pass(ms: 5001)
        #expect(pair.clientEvents == [.down(.silent)])
        #expect(pair.serverEvents == [.failed(correlation: 5, .silent), .down(.silent)])
        #expect(pair.server.isClosed)
        #expect(pair.client.openCount == 1)
    }

    @Test func `heartbeats keep an idle link up`() {
        let pair = Pair()
        pair.open()
        for _ in 0..<100 {
            pair.pass(ms: 500)
            pair.carry()
        }
        #expect(pair.clientEvents.isEmpty && pair.serverEvents.isEmpty)
    }

    @Test func `a request passes its deadline on and ends at it`() throws {
        let pair = Pair()
        pair.open()
        #expect(pair.ask(1, deadlineMs: 1500) == nil)
        pair.pass(ms: 1000)
        let request = try #require(pair.fromClient())
        #expect(request.header.deadlineMs == 500)
        pair.pass(ms: 500)
        #expect(pair.clientEvents == [.failed(correlation: 1, .expired)])
        #expect(pair.client.openCount == 0)
    }

    @Test func `what is held is bounded by bytes`() {
        var limits = LinkLimits()
        limits.queueByteCountMax = 10_000
        let pair = Pair(client: limits)
        pair.open()
        var takenCount = 0
        while pair.ask(UInt64(takenCount + 1), byteCount: 1000) == nil { takenCount += 1 }
        #expect(takenCount == 8)
        #expect(pair.ask(1) == .repeated)
        #expect(pair.ask(0) == .repeated)
        #expect(pair.ask(100, byteCount: limits.frameByteCountMax + 1) == .tooLarge)
    }

    @Test func `a peer that never reads is bounded, then paused, then closed`() {
        var limits = LinkLimits(windowCount: 8, queueByteCountMax: 10_000, stallMsMax: 3000)
        limits.replyMemoryByteCountMax = 0
        let pair = Pair(server: limits)
        pair.open()
        let large = Payload(subject: 1, body: [UInt8](repeating: 1, count: 4000))
        var takenCount = 0
        var correlation: UInt64 = 0
        for _ in 0..<100 {
            correlation += 1
            let request = LinkHeader(kind: .request, session: 11, correlation: correlation)
            let events = pair.toServer(LinkMessage(request, Payload(subject: 1, body: [])))
            for case .request(let ticket, _, _, _) in events {
                takenCount += 1
                pair.server.reply(large, correlation: ticket)
            }
        }
        #expect(takenCount == 3)
        for _ in 0..<4 {
            // It speaks, so that it is not silent; it only does not read.
            let heartbeat = LinkHeader(kind: .heartbeat, session: 11)
            _ = pair.toServer(LinkMessage(heartbeat, Payload(subject: 0, body: [])))
            pair.pass(ms: 1000)
        }
        #expect(pair.serverEvents.isEmpty)
        pair.pass(ms: 500)
        #expect(pair.serverEvents == [.down(.stalled)])
    }

    @Test func `a window is kept whatever the peer sends`() throws {
        let pair = Pair(server: LinkLimits(windowCount: 2))
        pair.open()
        for correlation: UInt64 in 1...3 {
            let request = LinkHeader(kind: .request, session: 11, correlation: correlation)
            pair.serverEvents += pair.toServer(LinkMessage(request, Payload(subject: 1, body: [])))
        }
        #expect(pair.tickets.count == 2)
        let reject = try #require(pair.fromServer())
        #expect(reject.header.correlation == 3)
        #expect(reject.header.refusal?.reason == .overloaded)
        #expect(reject.header.refusal?.retryAfterMs != nil)
    }

    @Test func `a peer whose messages can't be read is dropped`() {
        let pair = Pair(server: LinkLimits(garbageCountMax: 3))
        pair.open()
        let refusal = Refusal(.malformed, "no header")
        for _ in 0..<3 { pair.serverEvents += pair.server.receivedGarbage(refusal) }
        #expect(pair.serverEvents.isEmpty)
        #expect(pair.fromServer()?.header.refusal == refusal)
        let events = pair.server.receivedGarbage(refusal)
        #expect(events == [.down(.refused(refusal))])
    }

    @Test func `no message of a peer makes a link trap`() {
        var random = SystemRandomNumberGenerator()
        let seed = random.next()
        var generator = SplitMix64(seed: seed)
        for _ in 0..<300 {
            let pair = Pair(server: LinkLimits(windowCount: 4, windowByteCount: 64))
            if Bool.random(using: &generator) { pair.open() }
            for _ in 0..<60 {
                let header = anyHeader(using: &generator)
                let body = [UInt8](repeating: 1, count: Int.random(in: 0...80, using: &generator))
                let payload = Payload(subject: 1, body: body)
                _ = pair.toServer(LinkMessage(header, payload))
                _ = pair.toClient(LinkMessage(header, payload))
                if let ticket = pair.tickets.last {
                    pair.server.reply(payload, correlation: ticket)
                }
                pair.pass(ms: Int.random(in: 0...2000, using: &generator))
                _ = pair.ask(
                    generator.next() % 8, deadlineMs: UInt32.random(in: 0...4000, using: &generator)
                )
                if Bool.random(using: &generator) { pair.carry() }
            }
            #expect(pair.client.openCount <= 8, "seed \(seed)")
        }
    }

    private func anyHeader(using generator: inout SplitMix64) -> LinkHeader {
        let extremes: [UInt64] = [0, 1, 2, 11, 22, .max]
        func any() -> UInt64 { extremes.randomElement(using: &generator) ?? 0 }
        var header = LinkHeader(
            kind: LinkHeader.Kind.allCases.randomElement(using: &generator) ?? .hello,
            session: any(), correlation: any(),
            deadlineMs: UInt32(truncatingIfNeeded: any()))
        if Bool.random(using: &generator) {
            header.hello = Hello(
                name: "", role: "", version: "", windowCount: UInt32(truncatingIfNeeded: any()),
                windowByteCount: any())
        }
        if Bool.random(using: &generator) {
            let retryAfterMs = UInt32(truncatingIfNeeded: any())
            header.refusal = Refusal(
                .overloaded, "", retryAfterMs: Bool.random(using: &generator) ? retryAfterMs : nil)
        }
        if generator.next() % 16 == 0 { header.major = UInt32(truncatingIfNeeded: any()) }
        return header
    }
}
