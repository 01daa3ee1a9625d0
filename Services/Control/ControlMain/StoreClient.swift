import Foundation
import TwinCore
import TwinLink
import TwinWire

/// One connection to the store, for the length of a command.
struct StoreClient: Sendable {
    /// What the store answered, and the raw frames beside it.
    typealias Reply = (answer: Answer, attachments: [[UInt8]])

    private let client: DoorClient

    /// Connects, lets the body ask, disconnects.
    ///
    /// Exit status 69 where no store answers in time.
    static func use<Result>(
        _ options: StoreOptions, patienceSeconds: Int = 6,
        _ body: (StoreClient) async throws -> Result
    ) async throws -> Result {
        let door = DoorClient.Door(
            address: options.store, name: "store", option: "--store",
            keys: "; see --keys-secret and --server-key")
        return try await DoorClient.use(
            door, try options.curve(), name: "twinctl \(NSUserName())", role: "client",
            windowByteCount: 64 << 20, patienceSeconds: patienceSeconds
        ) { try await body(StoreClient(client: $0)) }
    }

    /// Asks once; waits for the answer.
    func ask(
        _ query: Query, attachments: [[UInt8]] = [], deadlineMs: UInt32 = 30_000
    ) async throws -> Reply {
        let payload = try await client.ask(
            Message.query(query).payload(attachments: attachments), deadlineMs: deadlineMs)
        switch try Message(payload) {
        case .answer(.refused(let refusal)), .refused(let refusal):
            throw CommandFailure(refusal.detail)
        case .answer(let answer): return (answer, payload.attachments)
        default: throw unexpected
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
        try await everyAssessment(after: start) {
            .assessments(id: id, afterRevision: $0, limit: 1_000)
        }
    }

    /// Every assessment of the pages that a query asks for, each page after a revision.
    func everyAssessment(
        after start: Revision, _ query: (Revision) -> Query
    ) async throws -> [StoredAssessment] {
        var all: [StoredAssessment] = []
        while true {
            let after = all.last?.assessment.revision ?? start
            guard case .assessments(let page) = try await ask(query(after)).answer else {
                throw unexpected
            }
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
