import Glibc
import Testing
import TwinCore
import TwinLink
import TwinLinkZeroMQ

struct ZeroMQHubTests {
    private func endpoint(_ address: String, _ name: String, ms: Int = 5000) -> Endpoint {
        Endpoint(
            address: address,
            limits: LinkLimits(
                heartbeatMs: ms / 5, silenceMsMax: ms, resendMsFirst: 200, resendMsMax: 1000),
            hello: Post.hello(name))
    }

    @Test func `ten thousand requests get ten thousand replies`() throws {
        let server = try Post.echoing()
        let listener = try server.listen(endpoint("tcp://127.0.0.1:0", "store"))
        let client = try Post()
        let peer = try client.hub.connect(endpoint(listener.address, "client"))
        client.hub.send(
            (UInt64(1)...10_000).map { number in
                let body = [
                    UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8),
                ]
                return .request(peer, Payload(subject: 1, body: body), correlation: number)
            })
        var answered: Set<UInt64> = []
        let deadline = ContinuousClock.now + .seconds(30)
        while answered.count < 10_000, ContinuousClock.now < deadline {
            for event in client.take() {
                guard case .reply(_, let correlation, let payload) = event else { continue }
                #expect(answered.insert(correlation).inserted)
                #expect(
                    payload.body == [
                        UInt8(truncatingIfNeeded: correlation),
                        UInt8(truncatingIfNeeded: correlation >> 8),
                    ])
            }
            usleep(1000)
        }
        #expect(answered.count == 10_000)
    }

    @Test func `a port in use is an error that says what to do`() throws {
        let first = try Post()
        let listener = try first.hub.listen(endpoint("tcp://127.0.0.1:0", "store"))
        let second = try Post()
        let error = #expect(throws: LinkError.self) {
            try second.hub.listen(endpoint(listener.address, "store"))
        }
        #expect(error == .addressInUse(listener.address))
        #expect(error?.description.contains("configure another port") == true)
    }

    @Test(arguments: ["ipc:///tmp/x", "tcp://", "tcp://127.0.0.1:99999", "127.0.0.1:80", ""])
    func `an address that is none is refused`(address: String) throws {
        let post = try Post()
        #expect(throws: LinkError.self) { try post.hub.listen(endpoint(address, "store")) }
        #expect(throws: LinkError.self) { try post.hub.connect(endpoint(address, "client")) }
    }

    @Test func `a listener that is not there is told as down and found when it comes`() throws {
        let place = try Post()
        let listener = try place.hub.listen(endpoint("tcp://127.0.0.1:0", "store"))
        place.hub.shutdown()
        let client = try Post()
        let peer = try client.hub.connect(endpoint(listener.address, "client", ms: 500))
        client.hub.send([.request(peer, Payload(subject: 1, body: [3]), correlation: 1)])
        #expect(client.waitDown() != nil)
        let server = try Post.echoing()
        _ = try server.listen(endpoint(listener.address, "store"))
        #expect(client.waitReply()?.body == [3])
    }

    @Test func `a drained shutdown waits for what is open and says goodbye`() throws {
        let server = try Post()
        let listener = try server.hub.listen(endpoint("tcp://127.0.0.1:0", "store"))
        let client = try Post()
        let peer = try client.hub.connect(endpoint(listener.address, "client"))
        #expect(client.waitUp() != nil)
        client.hub.send([.request(peer, Payload(subject: 1, body: [1]), correlation: 1)])
        let reply = try #require(
            server.wait { event in
                if case .request(let peer, let correlation, _, _, let payload) = event {
                    HubCommand.reply(peer, correlation: correlation, payload)
                } else {
                    nil
                }
            })
        server.hub.send([reply])
        client.hub.shutdown(drainMs: 5000)
        #expect(client.waitReply(withinMs: 0)?.body == [1])
        #expect(client.waitDown(withinMs: 0) == .closed)
        #expect(server.waitDown(withinMs: 3000) == .closed)
        #expect(throws: LinkError.stopped) {
            try client.hub.connect(endpoint(listener.address, "client"))
        }
    }
}
