import Glibc
import Testing
import TwinCore
import TwinLink
import TwinLinkZeroMQ

@Suite(.serialized)
struct CurveTests {
    private let server = CurveKeys.generate()
    private let client = CurveKeys.generate()
    private let limits = LinkLimits(heartbeatMs: 100, silenceMsMax: 500)

    private func listening(
        _ admitted: Set<String>?, limits: LinkLimits? = nil
    ) throws -> (Post, Listener) {
        let post = try Post()
        let listener = try post.hub.listen(
            Endpoint(
                address: "tcp://127.0.0.1:0", curve: Curve(own: server, admitted: admitted),
                limits: limits ?? self.limits, hello: Post.hello("store")))
        return (post, listener)
    }

    private func connected(_ listener: Listener, _ curve: Curve?) throws -> Post {
        let post = try Post()
        _ = try post.hub.connect(
            Endpoint(
                address: listener.address, curve: curve, limits: limits,
                hello: Post.hello("client")))
        return post
    }

    /// What a link is told that does not come up.
    private func refusal(_ failure: LinkFailure?) -> String {
        guard case .refused(let refusal) = failure, refusal.reason == .notAuthorised else {
            return String(describing: failure)
        }
        return refusal.detail
    }

    private func known() -> Curve { Curve(own: client, serverKey: server.publicKey) }

    @Test func `a key on the list is let in`() throws {
        let (store, listener) = try listening([client.publicKey])
        let post = try connected(listener, known())
        #expect(post.waitUp() != nil)
        #expect(store.waitUp() != nil)
    }

    @Test func `without a list every key is let in`() throws {
        let (store, listener) = try listening(nil)
        let post = try connected(listener, known())
        #expect(post.waitUp() != nil)
        #expect(store.waitUp() != nil)
    }

    @Test func `who has a wrong key, or none, is not let in`() throws {
        let (store, listener) = try listening([client.publicKey])
        let stranger = CurveKeys.generate()
        let refused: [(String, Curve?)] = [
            ("keys.admitted", Curve(own: stranger, serverKey: server.publicKey)),
            ("keys.server", Curve(own: client, serverKey: stranger.publicKey)),
            ("at both or neither", nil),
        ]
        for (advice, curve) in refused {
            let post = try connected(listener, curve)
            let words = refusal(post.waitDown())
            #expect(words.contains(advice), "\(words)")
            #expect(post.waitUp(withinMs: 200) == nil)
        }
        #expect(store.take().isEmpty)
        #expect(store.hub.counters == LinkHub.Counters())
    }

    @Test func `a key that is put on the list gets in, and out when it is taken off`() throws {
        let (store, listener) = try listening([])
        let post = try connected(listener, known())
        #expect(refusal(post.waitDown()).contains("keys.admitted"))
        store.hub.admit([client.publicKey], at: listener.id)
        #expect(post.waitUp() != nil)
        #expect(store.waitUp() != nil)
        store.hub.admit([], at: listener.id)
        #expect(store.waitDown() == .unreachable)
        #expect(refusal(post.waitDown()) == "the key is not on the list")
    }

    #if DEBUG
    @Test func `nobody gets in when the access handler is dead`() throws {
        let (store, listener) = try listening(nil)
        store.hub.killAccessHandler()
        usleep(100_000)
        let post = try connected(listener, known())
        #expect(refusal(post.waitDown()).contains("the handshake failed"))
        #expect(post.waitUp(withinMs: 500) == nil)
        // Not even refused by the hub: no message of it came through.
        #expect(store.hub.counters == LinkHub.Counters())
    }

    @Test func `an access handler that need not answer is found`() throws {
        var careless = limits
        careless.plantedBug = .unenforcedAccess
        let (store, listener) = try listening(nil, limits: careless)
        store.hub.killAccessHandler()
        usleep(100_000)
        let post = try connected(listener, known())
        #expect(post.waitDown() != .silent)
        let deadline = ContinuousClock.now + .seconds(10)
        while store.hub.counters.strangerCount == 0, ContinuousClock.now < deadline { usleep(5000) }
        #expect(store.hub.counters.strangerCount > 0)
    }
    #endif

    @Test func `keys are checked and the secret is never printed`() {
        let keys = CurveKeys.generate()
        #expect(CurveKeys(publicKey: keys.publicKey, secretKey: keys.secretKey) == keys)
        #expect(CurveKeys(publicKey: client.publicKey, secretKey: keys.secretKey) == nil)
        #expect(CurveKeys(secretKey: "short") == nil)
        #expect(!CurveKeys.isKey(String(repeating: "\u{e9}", count: 20)))
        var dumped = ""
        dump(Curve(own: keys), to: &dumped)
        for text in ["\(keys)", String(reflecting: keys), dumped, "\(Curve(own: keys))"] {
            #expect(!text.contains(keys.secretKey))
            #expect(text.contains(keys.publicKey))
        }
    }

    @Test func `connecting with CURVE needs the listener's key`() throws {
        let post = try Post()
        #expect(throws: LinkError.self) {
            try post.hub.connect(
                Endpoint(
                    address: "tcp://127.0.0.1:1", curve: Curve(own: client),
                    hello: Post.hello("client")))
        }
    }
}
