import Glibc
import Testing
import TwinCore
import TwinLink
import TwinLinkZeroMQ

@Suite(.serialized)
struct HostilePeerTests {
    private func listening(_ limits: LinkLimits = LinkLimits()) throws -> (Post, Listener) {
        let post = try Post()
        let listener = try post.hub.listen(
            Endpoint(
                address: "tcp://127.0.0.1:*", limits: limits, hello: Post.hello("store")))
        return (post, listener)
    }

    @Test func `a frame beyond the limit ends the connection`() throws {
        let (store, listener) = try listening(LinkLimits(frameByteCountMax: 1 << 20))
        let fine = try #require(RawPeer(address: listener.address))
        fine.shakeHands()
        let peer = try #require(RawPeer(address: listener.address))
        peer.shakeHands()
        peer.announceFrame(byteCount: 1 << 40)
        #expect(peer.isClosedByPeer())
        // Also before the handshake.
        let early = try #require(RawPeer(address: listener.address))
        early.write([0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F])
        early.announceFrame(byteCount: 1 << 40)
        #expect(early.isClosedByPeer())
        fine.writeFrame(Array("rubbish".utf8))
        #expect(readUntil("no header", from: fine) != nil)
        #expect(store.take().isEmpty)
    }

    @Test func `300 silent connections disturb nobody and are dropped`() throws {
        let (store, listener) = try listening()
        let silent = (0..<300).compactMap { _ in RawPeer(address: listener.address) }
        #expect(silent.count == 300)
        let client = try Post()
        let peer = try client.hub.connect(
            Endpoint(address: listener.address, hello: Post.hello("client")))
        client.hub.send([.request(peer, Payload(subject: 1, body: [1]), correlation: 1)])
        let asked = try #require(
            store.wait { event in
                if case .request(let peer, let correlation, _, _, let payload) = event {
                    HubCommand.reply(peer, correlation: correlation, payload)
                } else {
                    nil
                }
            })
        store.hub.send([asked])
        #expect(client.waitReply()?.body == [1])
        #expect(silent.allSatisfy { $0.isClosedByPeer() })
    }

    @Test func `what can't be read is refused and counted, and too much of it drops the peer`()
        throws
    {
        let (store, listener) = try listening(LinkLimits(garbageCountMax: 2))
        let peer = try #require(RawPeer(address: listener.address))
        peer.shakeHands()
        peer.writeFrame(Array("rubbish".utf8))
        let answer = try #require(readUntil("no header", from: peer))
        #expect(answer.contains("refusal"))
        let heartbeat = PlainCoding.encode(LinkHeader(kind: .heartbeat, session: 1))
        peer.writeFrame(heartbeat, hasMore: true)
        peer.writeFrame([1, 2, 3])
        #expect(readUntil("wrong number of frames", from: peer) != nil)
        for _ in 0..<66 { peer.writeFrame([0], hasMore: true) }
        peer.writeFrame([0])
        #expect(readUntil("more frames or bytes", from: peer) != nil)
        let deadline = ContinuousClock.now + .seconds(10)
        while store.hub.counters.garbageCount < 3, ContinuousClock.now < deadline { usleep(5000) }
        #expect(store.hub.counters.garbageCount == 3)
        #expect(store.take().isEmpty)
    }

    @Test func `there are no more peers than the limit`() throws {
        let (store, listener) = try listening(LinkLimits(peerCountMax: 2))
        let clients = try (0..<3).map { _ in try Post() }
        for client in clients {
            _ = try client.hub.connect(
                Endpoint(address: listener.address, hello: Post.hello("client")))
        }
        var upCount = 0
        var refusedCount = 0
        for client in clients {
            _ = client.wait { event -> Bool? in
                switch event {
                case .up:
                    upCount += 1
                    return true
                case .down(_, .refused(let refusal)) where refusal.reason == .overloaded:
                    refusedCount += 1
                    return true
                default: return nil
                }
            }
        }
        #expect(upCount == 2)
        #expect(refusedCount == 1)
        let deadline = ContinuousClock.now + .seconds(10)
        while store.hub.counters.strangerCount == 0, ContinuousClock.now < deadline { usleep(5000) }
        #expect(store.hub.counters.strangerCount > 0)
    }

    @Test func `a peer that never reads is bounded and then dropped`() throws {
        let limits = LinkLimits(
            windowCount: 4096, queueByteCountMax: 4 << 20, frameByteCountMax: 64 << 10,
            silenceMsMax: 30_000, stallMsMax: 1500)
        let (store, listener) = try listening(limits)
        let peer = try #require(RawPeer(address: listener.address))
        peer.shakeHands()
        let hello = LinkHeader(
            kind: .hello, session: 77, correlation: 1, hello: Post.hello("deaf"))
        peer.writeFrame(PlainCoding.encode(hello))
        let large = Payload(subject: 1, body: [UInt8](repeating: 1, count: 60 << 10))
        var answeredCount = 0
        var correlation: UInt64 = 0
        var failure: LinkFailure?
        let deadline = ContinuousClock.now + .seconds(20)
        while failure == nil, ContinuousClock.now < deadline {
            for _ in 0..<20 {
                correlation += 1
                let request = LinkHeader(kind: .request, session: 77, correlation: correlation)
                peer.writeFrame(PlainCoding.encode(request), hasMore: true)
                peer.writeFrame([])
            }
            var replies: [HubCommand] = []
            for event in store.take() {
                if case .request(let peer, let correlation, _, _, _) = event {
                    replies.append(.reply(peer, correlation: correlation, large))
                }
                if case .down(_, let why) = event { failure = why }
            }
            answeredCount += replies.count
            store.hub.send(replies)
            usleep(10_000)
        }
        #expect(failure == .stalled)
        // 64 messages in the queue of libzmq, 4 MiB in the link's, the rest in the kernel's.
        #expect(answeredCount < 400, "\(answeredCount) replies of 60 KiB were taken")
        #expect(correlation > 400)
    }

    @Test func `a peer whose program hangs is lost though its connection lives`() throws {
        let limits = LinkLimits(heartbeatMs: 100, silenceMsMax: 600)
        let (store, listener) = try listening(limits)
        let client = try ZeroMQHub(coding: PlainCoding.coding) { events in
            for case .up in events { usleep(5_000_000) }
        }
        _ = try client.connect(
            Endpoint(address: listener.address, limits: limits, hello: Post.hello("client")))
        #expect(store.waitUp() != nil)
        #expect(store.waitDown() == .silent)
    }

    private func readUntil(_ text: String, from peer: RawPeer) -> String? {
        var seen = ""
        while let bytes = peer.read(), !bytes.isEmpty {
            seen += String(decoding: bytes, as: UTF8.self)
            if seen.contains(text) { return seen }
        }
        return nil
    }
}
