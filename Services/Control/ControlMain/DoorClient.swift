import Synchronization
import TwinCore
import TwinDoorways
import TwinLink
import TwinLinkZeroMQ
import TwinRuntime

/// One connection to a door that speaks Twinline's own protocol, for the length of a command.
final class DoorClient: Sendable {
    /// A door, and what to say of it.
    struct Door: Sendable {
        var address: String
        /// Who is behind it, in words.
        var name: String
        /// The option that names it.
        var option: String
        /// What to look at where it does not take this client; may be empty.
        var keys = ""
    }

    private struct State {
        var isUp = false
        /// What the door, or the way to it, has against this client.
        var refusal: Refusal?
        var lastCorrelation: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Payload, any Error>] = [:]
    }

    private let door: Door
    private let state = Mutex(State())
    private let link = Mutex<(hub: ZeroMQHub, peer: PeerID)?>(nil)

    private init(_ door: Door) { self.door = door }

    /// Connects, lets the body ask, disconnects; exit status 69 where nobody answers in time.
    static func use<Result>(
        _ door: Door, _ curve: Curve?, name: String, role: String, windowByteCount: UInt64,
        patienceSeconds: Int = 6, _ body: (DoorClient) async throws -> Result
    ) async throws -> Result {
        let client = DoorClient(door)
        let hub = try ZeroMQHub(coding: .wire) { events in client.receive(events) }
        // A moment for the goodbye, or the door counts this client among its peers for seconds.
        defer { hub.shutdown(drainMs: 100) }
        let hello = Hello(
            name: name, role: role, version: twinlineVersion, windowCount: 16,
            windowByteCount: windowByteCount)
        let peer = try hub.connect(Endpoint(address: door.address, curve: curve, hello: hello))
        try await client.awaitUp(seconds: patienceSeconds)
        client.link.withLock { $0 = (hub, peer) }
        return try await body(client)
    }

    private func awaitUp(seconds: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !state.withLock({ $0.isUp }) {
            if let refusal = state.withLock({ $0.refusal }) {
                throw CommandFailure(
                    "\(door.address) is there and does not take this client: \(refusal.detail)"
                        + door.keys, status: 69)
            }
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(
                    "no \(door.name) answers at \(door.address): start one with `twinctl up`, or "
                        + "name it with \(door.option) tcp://HOST:PORT", status: 69)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func receive(_ events: [HubEvent]) {
        for event in events {
            switch event {
            case .up: state.withLock { $0.isUp = true }
            case .reply(_, let correlation, let payload): finish(correlation, .success(payload))
            case .failed(_, let correlation, let failure):
                finish(
                    correlation,
                    .failure(
                        CommandFailure("\(door.name) did not answer: \(failure)", status: 69)))
            case .down(_, .refused(let refusal)): state.withLock { $0.refusal = refusal }
            case .request, .down: break
            }
        }
    }

    private func finish(_ correlation: UInt64, _ result: Result<Payload, any Error>) {
        state.withLock { $0.waiting.removeValue(forKey: correlation) }?.resume(with: result)
    }

    /// Asks once; waits for the answer, for ever where the deadline is 0.
    func ask(_ payload: Payload, deadlineMs: UInt32) async throws -> Payload {
        try await withCheckedThrowingContinuation { continuation in
            let correlation = state.withLock { state in
                state.lastCorrelation += 1
                state.waiting[state.lastCorrelation] = continuation
                return state.lastCorrelation
            }
            guard let (hub, peer) = link.withLock({ $0 }) else {
                return finish(correlation, .failure(CommandFailure("not connected", status: 69)))
            }
            hub.send([.request(peer, payload, correlation: correlation, deadlineMs: deadlineMs)])
        }
    }
}
