import ArgumentParser
import Foundation
import IngestHL7
import Synchronization
import TwinCore
import TwinRuntime

/// Measures a running house from the outside: acknowledgements and visible assessments.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Sends made-up vitals of made-up patients and measures what comes of them.",
        discussion: "Needs a running house with an active model. Leaves its patients in the store.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var common: OutputOptions
    @Option(help: "The MLLP door, as HOST:PORT.") var to = "127.0.0.1:2575"
    @Option(help: "Observations a second; as many as are taken where none is given.")
    var rate: Double?
    @Option(help: "For how long.") var seconds = 10
    @Option(help: "How many patients.") var patients = 200
    @Option(help: "How many observations a message holds.") var observations = 10
    @Option(help: "How many connections.") var connections = 4
    @Option(help: "How many messages of a connection may wait for their acknowledgement.")
    var window = 16

    func validate() throws {
        guard (1...3600).contains(seconds), (1...100_000).contains(patients),
            (1...BenchLoad.concepts.count).contains(observations), (1...256).contains(connections),
            (1...1024).contains(window), rate.map({ $0 > 0 }) ?? true
        else { throw ValidationError("a number is out of its range") }
    }

    func run() async throws {
        let report = try await StoreClient.use(store) { client in
            let watcher = BenchWatcher(client)
            let watching = Task { try await watcher.run() }
            defer { watching.cancel() }
            let before = try await client.status()
            let load = BenchLoad(
                patients: patients, observations: observations, run: UInt32(getpid()))
            let sender = BenchSender(
                to: to, connections: connections, window: window,
                messagesPerSecond: rate.map { $0 / Double(observations) })
            let sent = try sender.send(load, seconds: seconds) { watcher.sent($0, at: $1) }
            try await client.awaitCommitted(
                before.observationCount + UInt64(sent.messageCount * observations))
            let committed = ContinuousClock.now
            try await client.awaitNothingDue(seconds: 120)
            let after = try await client.status()
            return BenchReport(
                sent, observations: observations,
                committedSeconds: (committed - sent.start).seconds,
                assessedSeconds: (ContinuousClock.now - sent.start).seconds,
                assessmentCount: after.assessmentCount - before.assessmentCount,
                visible: watcher.latenciesMs)
        }
        if common.json { return try Output.json(report) }
        report.draw()
    }
}

/// Made-up vitals: every message is of one patient and one moment.
struct BenchLoad: Sendable {
    static let concepts = Concept.all.filter { concept in
        [
            "heart_rate", "resp_rate", "spo2", "body_temp", "sbp_nibp", "dbp_nibp", "map_nibp",
            "etco2", "perfusion_index", "fio2",
        ].contains(concept.name)
    }
    private static let middles: [String: Double] = [
        "heart_rate": 85, "resp_rate": 18, "spo2": 96, "body_temp": 37.1, "sbp_nibp": 122,
        "dbp_nibp": 71, "map_nibp": 88, "etco2": 36, "perfusion_index": 2.1, "fio2": 21,
    ]

    let patients: Int
    let observations: Int
    let run: UInt32
    private let writer = HL7Writer(application: "BENCH", facility: "TWINLINE")

    init(patients: Int, observations: Int, run: UInt32) {
        self.patients = patients
        self.observations = observations
        self.run = run
    }

    func name(_ patient: Int) -> String { "P\(run)-\(patient)" }

    func message(_ patient: Int, number: Int, at time: Instant) -> [UInt8] {
        let rows = BenchLoad.concepts.prefix(observations).enumerated().map { index, concept in
            let swing = Double((number &* 7 &+ patient &* 13 &+ index &* 3) % 11) / 100 - 0.05
            let value = (BenchLoad.middles[concept.name] ?? 1) * (1 + swing)
            return HL7Writer.Row(
                code: concept.code, text: concept.display,
                value: .number((value * 10).rounded() / 10), unit: concept.unit, time: time,
                status: "F")
        }
        return writer.message(
            patient: name(patient), authority: "BENCH", controlID: "\(run)-\(patient)-\(number)",
            time: time, rows: rows)
    }
}

/// What the watcher sees: which message of a patient became a visible assessment, and when.
final class BenchWatcher: Sendable {
    private struct State {
        /// When each message of a patient was handed over, in order: the n-th makes revision n.
        var sent: [String: [ContinuousClock.Instant]] = [:]
        var seen: [String: Int] = [:]
        var latenciesMs: [Double] = []
    }

    private let client: StoreClient
    private let state = Mutex(State())

    init(_ client: StoreClient) { self.client = client }

    func sent(_ patient: String, at time: ContinuousClock.Instant) {
        state.withLock { $0.sent[patient, default: []].append(time) }
    }

    func run() async throws {
        let cursor = try await client.status().cursor
        try await client.watch(after: cursor, twin: nil) { change in
            guard change.kind == .assessments else { return }
            let now = ContinuousClock.now
            state.withLock { state in
                let patient = String(change.twin.identifier)
                guard let times = state.sent[patient] else { return }
                // An assessment covers every message up to its revision.
                let last = min(Int(change.revision), times.count)
                for index in (state.seen[patient] ?? 0)..<max(last, state.seen[patient] ?? 0) {
                    state.latenciesMs.append((now - times[index]).seconds * 1000)
                }
                state.seen[patient] = max(last, state.seen[patient] ?? 0)
            }
        }
    }

    var latenciesMs: [Double] { state.withLock { $0.latenciesMs } }
}

extension StoreClient {
    /// Returns when the store has committed so many observations.
    func awaitCommitted(_ count: UInt64) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while try await status().observationCount < count {
            guard ContinuousClock.now < deadline else {
                throw CommandFailure("the store did not commit everything within two minutes")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
