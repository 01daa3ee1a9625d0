import Synchronization
import TwinCore
import TwinDoorways
import TwinLink
import TwinLinkZeroMQ
import TwinRuntime
import TwinWire

/// One connection to ingest's native door, as a device has it.
final class NativeClient: Sendable {
    private struct State {
        var isUp = false
        var refusal: Refusal?
        var lastCorrelation: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Refusal?, any Error>] = [:]
    }

    private let address: String
    private let state = Mutex(State())
    private let link = Mutex<(hub: ZeroMQHub, peer: PeerID)?>(nil)

    private init(address: String) { self.address = address }

    /// Connects, lets the body submit, disconnects; exit status 69 where nobody answers in time.
    static func use<Result>(
        _ address: String, _ curve: Curve?, _ body: (NativeClient) async throws -> Result
    ) async throws -> Result {
        let client = NativeClient(address: address)
        let hub = try ZeroMQHub(coding: .wire) { events in client.receive(events) }
        defer { hub.shutdown(drainMs: 100) }
        let hello = Hello(
            name: "twinctl", role: "device", version: twinlineVersion, windowCount: 16,
            windowByteCount: 16 << 20)
        let peer = try hub.connect(Endpoint(address: address, curve: curve, hello: hello))
        client.link.withLock { $0 = (hub, peer) }
        try await client.awaitUp()
        return try await body(client)
    }

    private func awaitUp(seconds: Int = 6) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !state.withLock({ $0.isUp }) {
            if let refusal = state.withLock({ $0.refusal }) {
                throw CommandFailure(
                    "\(address) is there and does not take this device: \(refusal.detail)",
                    status: 69)
            }
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(
                    "no ingest answers at \(address): start one with `twinctl up`, or name it with "
                        + "--to tcp://HOST:PORT", status: 69)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func receive(_ events: [HubEvent]) {
        for event in events {
            switch event {
            case .up: state.withLock { $0.isUp = true }
            case .reply(_, let correlation, let payload):
                finish(correlation, NativeClient.read(payload))
            case .failed(_, let correlation, let failure):
                finish(
                    correlation,
                    .failure(CommandFailure("ingest did not answer: \(failure)", status: 69)))
            case .down(_, .refused(let refusal)): state.withLock { $0.refusal = refusal }
            case .request, .down: break
            }
        }
    }

    private func finish(_ correlation: UInt64, _ result: Result<Refusal?, any Error>) {
        state.withLock { $0.waiting.removeValue(forKey: correlation) }?.resume(with: result)
    }

    private static func read(_ payload: Payload) -> Result<Refusal?, any Error> {
        do {
            switch try Message(payload) {
            case .accepted: return .success(nil)
            case .refused(let refusal): return .success(refusal)
            default: return .failure(CommandFailure("ingest gave an answer to another question"))
            }
        } catch { return .failure(error) }
    }

    /// Gives observations, again where the door asks for time; nil once they are on its disk.
    func submit(_ observations: [Observation]) async throws -> Refusal? {
        while true {
            guard let refusal = try await submitOnce(observations) else { return nil }
            guard let retryAfterMs = refusal.retryAfterMs else { return refusal }
            try await Task.sleep(for: .milliseconds(Int(retryAfterMs)))
        }
    }

    private func submitOnce(_ observations: [Observation]) async throws -> Refusal? {
        try await withCheckedThrowingContinuation { continuation in
            let correlation = state.withLock { state in
                state.lastCorrelation += 1
                state.waiting[state.lastCorrelation] = continuation
                return state.lastCorrelation
            }
            guard let (hub, peer) = link.withLock({ $0 }) else {
                return finish(correlation, .failure(CommandFailure("not connected", status: 69)))
            }
            let message = Message.submit(ObservationBatch(observations))
            hub.send([
                .request(peer, message.payload(), correlation: correlation, deadlineMs: 60_000)
            ])
        }
    }
}
