import Foundation
import Synchronization
import TwinCore
import TwinDoorways
import TwinLink
import TwinLinkZeroMQ
import TwinRuntime
import TwinWire

/// One connection to the store, for the length of a command.
final class StoreClient: Sendable {
    /// What the store answered, and the raw frames beside it.
    typealias Reply = (answer: Answer, attachments: [[UInt8]])

    private struct State {
        var peer: PeerID?
        var isUp = false
        /// What the store, or the way to it, has against this client.
        var refusal: Refusal?
        var nextCorrelation: UInt64 = 1
        var waiting: [UInt64: CheckedContinuation<Reply, any Error>] = [:]
    }

    private let address: String
    private let state = Mutex(State())

    private init(address: String) { self.address = address }

    /// Connects, lets the body ask, disconnects.
    ///
    /// Exit status 69 where no store answers in time.
    static func use<Result>(
        _ options: StoreOptions, patienceSeconds: Int = 6,
        _ body: (StoreClient) async throws -> Result
    ) async throws -> Result {
        let client = StoreClient(address: options.store)
        let curve = try options.curve()
        let hub = try ZeroMQHub(coding: .wire) { events in client.receive(events) }
        // A moment for the goodbye, or the store counts this client among its peers for seconds.
        defer { hub.shutdown(drainMs: 100) }
        let hello = Hello(
            name: "twinctl \(NSUserName())", role: "client", version: twinlineVersion,
            windowCount: 16,
            windowByteCount: 64 << 20)
        let peer = try hub.connect(
            Endpoint(address: options.store, curve: curve, hello: hello))
        client.state.withLock { $0.peer = peer }
        try await client.awaitUp(seconds: patienceSeconds)
        client.hub.withLock { $0 = hub }
        return try await body(client)
    }

    private let hub = Mutex<ZeroMQHub?>(nil)

    private func awaitUp(seconds: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !state.withLock({ $0.isUp }) {
            if let refusal = state.withLock({ $0.refusal }) {
                throw CommandFailure(
                    "\(address) is there and does not take this client: \(refusal.detail); see "
                        + "--keys-secret and --server-key", status: 69)
            }
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(
                    "no store answers at \(address): start one with `twinctl up`, or name it with "
                        + "--store tcp://HOST:PORT", status: 69)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func receive(_ events: [HubEvent]) {
        for event in events {
            switch event {
            case .up: state.withLock { $0.isUp = true }
            case .reply(_, let correlation, let payload):
                finish(correlation, StoreClient.read(payload))
            case .failed(_, let correlation, let failure):
                finish(
                    correlation,
                    .failure(CommandFailure("the store did not answer: \(failure)", status: 69)))
            case .down(_, .refused(let refusal)): state.withLock { $0.refusal = refusal }
            case .request, .down: break
            }
        }
    }

    private func finish(_ correlation: UInt64, _ result: Result<Reply, any Error>) {
        state.withLock { $0.waiting.removeValue(forKey: correlation) }?.resume(with: result)
    }

    private static func read(_ payload: Payload) -> Result<Reply, any Error> {
        do {
            switch try Message(payload) {
            case .answer(.refused(let refusal)), .refused(let refusal):
                return .failure(CommandFailure(refusal.detail))
            case .answer(let answer): return .success((answer, payload.attachments))
            default: return .failure(CommandFailure("the store gave an answer to another question"))
            }
        } catch { return .failure(error) }
    }

    /// Asks once; waits for the answer.
    func ask(
        _ query: Query, attachments: [[UInt8]] = [], deadlineMs: UInt32 = 30_000
    ) async throws -> Reply {
        try await withCheckedThrowingContinuation { continuation in
            let (peer, correlation) = state.withLock { state in
                let correlation = state.nextCorrelation
                state.nextCorrelation += 1
                state.waiting[correlation] = continuation
                return (state.peer, correlation)
            }
            guard let peer, let hub = hub.withLock({ $0 }) else {
                return finish(correlation, .failure(CommandFailure("not connected", status: 69)))
            }
            hub.send([
                .request(
                    peer, Message.query(query).payload(attachments: attachments),
                    correlation: correlation, deadlineMs: deadlineMs, trace: 0)
            ])
        }
    }
}

extension StoreClient {
    func status() async throws -> StoreStatus {
        guard case .status(let status) = try await ask(.status).answer else { throw unexpected }
        return status
    }

    func twin(_ id: TwinID, asOf revision: Revision?) async throws -> TwinState {
        guard case .twin(let state) = try await ask(.twin(id: id, asOf: revision)).answer else {
            throw unexpected
        }
        return state
    }

    func everyTwin(_ body: (TwinSummary) async throws -> Void) async throws {
        var after: TwinID?
        while true {
            guard case .twins(let page) = try await ask(.twins(after: after, limit: 500)).answer
            else { throw unexpected }
            for summary in page { try await body(summary) }
            guard let last = page.last else { return }
            after = last.id
        }
    }

    func everyObservation(
        of id: TwinID, code: Code?, _ body: (StoredObservation) throws -> Void
    ) async throws {
        var after: Revision = 0
        while true {
            guard
                case .history(let page) = try await ask(
                    .history(id: id, code: code, afterRevision: after, limit: 5_000)
                ).answer
            else { throw unexpected }
            for stored in page { try body(stored) }
            guard let last = page.last else { return }
            after = last.commitRevision
        }
    }

    func assessments(
        of id: TwinID, after start: Revision = 0
    ) async throws -> [StoredAssessment] {
        var all: [StoredAssessment] = []
        while true {
            let after = all.last?.assessment.revision ?? start
            guard
                case .assessments(let page) = try await ask(
                    .assessments(id: id, afterRevision: after, limit: 1_000)
                ).answer
            else { throw unexpected }
            if page.isEmpty { return all }
            all += page
        }
    }

    /// Assessments before these, enough to hold the latest earlier one of each outcome; asks for
    /// further and further back until it does.
    func earlier(
        than now: [StoredAssessment], of id: TwinID
    ) async throws -> [StoredAssessment] {
        guard let latest = now.map(\.assessment.revision).max() else { return [] }
        var reach: Revision = 64
        while true {
            let after = latest > reach ? latest - reach : 0
            let found = try await assessments(of: id, after: after)
            let isEnough = now.allSatisfy { AssessmentChange.since(found, of: $0) != nil }
            if isEnough || after == 0 { return found }
            reach = reach > latest / 8 ? latest : reach * 8
        }
    }

    /// Waits for changes after `cursor`, tells them, asks for the next; until cancelled.
    func watch(
        after cursor: UInt64, twin: TwinID?, _ body: (Change) throws -> Void
    ) async throws {
        var cursor = cursor
        while !Task.isCancelled {
            let query = Query.watch(cursor: cursor, twin: twin)
            guard case .changes(let changes) = try await ask(query, deadlineMs: 0).answer else {
                throw unexpected
            }
            for change in changes { try body(change) }
            cursor = changes.last?.cursor ?? cursor
        }
    }

    /// Returns when so many workers take tasks.
    func awaitWorkers(count: Int, seconds: Int = 20) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let workers = try await status().peers.count {
                $0.role.hasPrefix("feature") || $0.role == "model"
            }
            if workers >= count { return }
            guard ContinuousClock.now < deadline else {
                throw CommandFailure("\(workers) of \(count) workers came; see their logs")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    var unexpected: CommandFailure {
        CommandFailure("the store gave an answer to another question")
    }
}
