import Glibc
import Synchronization
import TwinLink
import TwinLinkZeroMQ

/// A hub, and what it reported.
final class Post: Sendable {
    let hub: ZeroMQHub
    private let events: Inbox

    init() throws {
        let inbox = Inbox()
        events = inbox
        hub = try ZeroMQHub(coding: PlainCoding.coding) { inbox.append($0) }
    }

    /// Answers every request with itself.
    static func echoing() throws -> ZeroMQHub {
        let own = Own()
        let hub = try ZeroMQHub(coding: PlainCoding.coding) { events in
            let replies = events.compactMap { event -> HubCommand? in
                if case .request(let peer, let correlation, _, _, let payload) = event {
                    .reply(peer, correlation: correlation, payload)
                } else {
                    nil
                }
            }
            own.send(replies)
        }
        own.set(hub)
        return hub
    }

    /// The hub that a callback belongs to, without holding it.
    final class Own: Sendable {
        private struct Weak: Sendable { weak var hub: ZeroMQHub? }

        private let weak = Mutex(Weak())

        func set(_ hub: ZeroMQHub) { weak.withLock { $0.hub = hub } }
        func send(_ commands: [HubCommand]) { weak.withLock { $0.hub }?.send(commands) }
    }

    static func hello(_ name: String) -> Hello {
        Hello(name: name, role: name, version: "1", windowCount: 0, windowByteCount: 0)
    }

    func take() -> [HubEvent] { events.take() }

    /// Waits until an event gives something, and throws away what came before it.
    func wait<Found>(withinMs ms: Int = 20_000, for find: (HubEvent) -> Found?) -> Found? {
        let deadline = ContinuousClock.now + .milliseconds(ms)
        repeat {
            if let found = events.first(find) { return found }
            usleep(2000)
        } while ContinuousClock.now < deadline
        return nil
    }

    func waitUp(withinMs ms: Int = 20_000) -> PeerID? {
        wait(withinMs: ms) { if case .up(let peer, _) = $0 { peer } else { nil } }
    }

    func waitDown(withinMs ms: Int = 20_000) -> LinkFailure? {
        wait(withinMs: ms) { if case .down(_, let failure) = $0 { failure } else { nil } }
    }

    func waitReply(withinMs ms: Int = 20_000) -> Payload? {
        wait(withinMs: ms) { if case .reply(_, _, let payload) = $0 { payload } else { nil } }
    }

    private final class Inbox: Sendable {
        private let events = Mutex<[HubEvent]>([])

        func append(_ more: [HubEvent]) { events.withLock { $0 += more } }

        func take() -> [HubEvent] {
            events.withLock { events in
                defer { events = [] }
                return events
            }
        }

        func first<Found>(_ find: (HubEvent) -> Found?) -> Found? {
            events.withLock { events in
                while !events.isEmpty {
                    if let found = find(events.removeFirst()) { return found }
                }
                return nil
            }
        }
    }
}
