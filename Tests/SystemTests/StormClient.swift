import Foundation
import Synchronization
import TwinCore
import TwinDoorways
import TwinLink
import TwinLinkZeroMQ
import TwinWire

/// A client of the store within the test's own process: a tool that is started for each swap takes
/// longer than the swap.
final class StormClient: Sendable {
    private struct State {
        var isUp = false
        var lastCorrelation: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Answer, any Error>] = [:]
    }

    private final class Answers: Sendable {
        let state = Mutex(State())

        func take(_ events: [HubEvent]) {
            for event in events {
                switch event {
                case .up: state.withLock { $0.isUp = true }
                case .reply(_, let correlation, let payload):
                    finish(correlation, Result { try Self.answer(payload) })
                case .failed(_, let correlation, let failure):
                    finish(correlation, .failure(SystemFailure("\(failure)")))
                case .request, .down: break
                }
            }
        }

        func finish(_ correlation: UInt64, _ result: Result<Answer, any Error>) {
            state.withLock { $0.waiting.removeValue(forKey: correlation) }?.resume(with: result)
        }

        private static func answer(_ payload: Payload) throws -> Answer {
            switch try Message(payload) {
            case .answer(.refused(let refusal)), .refused(let refusal): throw refusal
            case .answer(let answer): return answer
            default: throw SystemFailure("an answer to another question")
            }
        }
    }

    private let answers = Answers()
    private let hub: ZeroMQHub
    private let store: PeerID

    init(_ house: RunningHouse) async throws {
        let answers = answers
        hub = try ZeroMQHub(coding: .wire) { answers.take($0) }
        store = try hub.connect(
            Endpoint(
                address: house.storeAddress,
                hello: Hello(
                    name: "storm", role: "client", version: "test", windowCount: 16,
                    windowByteCount: 64 << 20)))
        try await eventually("the store is there", within: 10) {
            answers.state.withLock { $0.isUp }
        }
    }

    func close() { hub.shutdown(drainMs: 100) }

    func ask(_ query: Query, attachments: [[UInt8]] = []) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let correlation = answers.state.withLock { state in
                state.lastCorrelation += 1
                state.waiting[state.lastCorrelation] = continuation
                return state.lastCorrelation
            }
            hub.send([
                .request(
                    store, Message.query(query).payload(attachments: attachments),
                    correlation: correlation, deadlineMs: 90_000, trace: 0)
            ])
        }
    }

    func push(_ bytes: [UInt8], _ signature: ArtifactSignature?) async throws -> ArtifactInfo {
        let query = Query.push(
            outcome: "deterioration", kind: "forest", signature: signature, part: nil,
            reference: nil)
        guard case .artifact(let info) = try await ask(query, attachments: [bytes]) else {
            throw SystemFailure("not an artifact")
        }
        return info
    }

    /// What speaks from then on.
    func swap(_ query: Query) async throws -> Activation {
        guard case .activated(let activation) = try await ask(query) else {
            throw SystemFailure("not an activation")
        }
        return activation
    }
}
