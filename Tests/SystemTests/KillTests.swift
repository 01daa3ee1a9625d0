import Foundation
import Testing
import TwinTestKit

extension SystemTests {
    /// Services are killed at random, senders keep a ledger: nothing acknowledged is lost.
    struct KillTests {
        private static let lanes = 3

        private func senders(
            _ house: RunningHouse, perSecond: Double, window: Int = 32
        ) -> [LedgerSender] {
            (0..<Self.lanes).map { lane in
                LedgerSender(
                    lane: lane, patients: (0..<3).map { "P\(lane)\($0)" }, authority: "LEDGER",
                    port: house.mllpPort, perSecond: perSecond, window: window)
            }
        }

        private func findings(
            _ senders: [LedgerSender], in house: RunningHouse
        ) async throws -> LedgerFindings {
            var findings = LedgerFindings()
            for sender in senders { try await findings.add(sender, in: house) }
            return findings
        }

        @Test func `every acknowledged message is in its twin once, whatever is killed`()
            async throws
        {
            var random = SplitMix64(seed: 2026)
            try await RunningHouse.open(
                RunningHouse.Plan(features: 2, models: 2, store: ["--task-seconds", "3"])
            ) { house in
                _ = try await house.activateFirst()
                let senders = senders(house, perSecond: 60)
                let native = NativeLedger(house)
                let kills = try await killAtRandom(
                    ["ingest", "store", "feature-1", "feature-2", "model-1", "model-2"],
                    count: 28, in: house, &random)
                try await house.awaitUp()
                // A twin that lost its workers too often is tried again with new data.
                try await Task.sleep(for: .seconds(1))
                for sender in senders { try sender.finish(within: 30) }
                try await native.finish(in: house)
                try await house.settle()
                let found = try await findings(senders, in: house)
                print("seed 2026, \(kills) killed: \(found)")
                #expect(found.areNone, "\(found)")
                #expect(found.acknowledged > 1000)
                #expect(try await house.status().poisoned == 0)
                for twin in try await house.twins() {
                    #expect(twin.assessedRevision == twin.revision, "\(twin)")
                }
            }
        }

        /// Kills and starts again; says how often each was killed.
        private func killAtRandom(
            _ names: [String], count: Int, in house: RunningHouse, _ random: inout SplitMix64
        ) async throws -> [String: Int] {
            var kills: [String: Int] = [:]
            for number in 0..<count {
                let name = names[number % names.count]
                try await Task.sleep(for: .milliseconds(Int.random(in: 300...1000, using: &random)))
                house.kill(name)
                kills[name, default: 0] += 1
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...300, using: &random)))
                try house.start(name)
            }
            return kills
        }

        /// A mistake that the ledger must find, and where it is.
        struct Planted: Sendable, CustomTestStringConvertible {
            let service: String
            let bug: String
            var testDescription: String { "\(bug) in twin-\(service)" }
        }

        static let planted = [
            Planted(service: "ingest", bug: "acknowledgesEarly"),
            Planted(service: "store", bug: "acknowledgeBeforeDurable"),
            Planted(service: "store", bug: "noDeduplication"),
        ]

        #if DEBUG
        @Test(arguments: planted)
        func `the ledger finds a service that promises too much`(planted: Planted) async throws {
            var random = SplitMix64(seed: 7)
            var plan = RunningHouse.Plan()
            let environment = ["TWINLINE_PLANTED_BUG": planted.bug]
            if planted.service == "ingest" {
                plan.ingestEnvironment = environment
            } else {
                plan.storeEnvironment = environment
            }
            try await RunningHouse.open(plan) { house in
                let senders = senders(house, perSecond: 400)
                var found = LedgerFindings()
                for _ in 0..<6 where found.areNone {
                    _ = try await killAtRandom([planted.service], count: 4, in: house, &random)
                    found = try await afterRest(senders, in: house)
                }
                print("\(planted.testDescription): \(found)")
                #expect(!found.areNone, "the ledger finds nothing")
            }
        }
        #endif

        /// What can be said while the senders go on: what they sent last is not counted.
        private func afterRest(
            _ senders: [LedgerSender], in house: RunningHouse
        ) async throws -> LedgerFindings {
            try await house.awaitUp()
            let known = senders.map(\.entries)
            try await Task.sleep(for: .seconds(2))
            var findings = LedgerFindings()
            for (sender, entries) in zip(senders, known) {
                try await findings.add(sender, in: house, only: entries)
            }
            return findings
        }
    }
}

/// Python peers that feed the native door one after the other while services are killed.
struct NativeLedger {
    private static let batchCount = 600
    private let feeds: Task<[(patient: String, finished: Finished)], any Error>?

    /// Begins at once, where there is a Python for it.
    init(_ house: RunningHouse) {
        guard NativePeer.isPresent else {
            print("no native sender beside the others: \(NativePeer.whyAbsent)")
            feeds = nil
            return
        }
        let (port, scratch) = (house.nativePort, house.scratch.path)
        feeds = Task {
            var all: [(String, Finished)] = []
            let end = ContinuousClock.now + .seconds(25)
            while ContinuousClock.now < end {
                let patient = "NATIVE|\(all.count)"
                let finished = try await NativePeer.run(
                    port: port, scratch: scratch, "native_feed.py",
                    ["\(NativeLedger.batchCount)", patient])
                all.append((patient, finished))
            }
            return all
        }
    }

    /// Waits for the last peer, and sees that what each was told is true.
    func finish(in house: RunningHouse) async throws {
        guard let feeds else { return }
        let all = try await feeds.value
        try await house.settle()
        var repeats = 0
        for (patient, finished) in all {
            #expect(finished.status == 0, "\(patient): \(finished)")
            let summary = try finished.document(NativeSummary.self)
            #expect(summary.accepted == NativeLedger.batchCount, "\(finished)")
            let stored = try await house.history(patient)
            let times = Set(stored.map(\.eventTime)).sorted()
            #expect(times.count == NativeLedger.batchCount, "\(patient)")
            let values = Dictionary(stored.map { ($0.eventTime, $0.number) }) { first, _ in first }
            #expect(
                times.map { values[$0] }
                    == (0..<times.count).map { .some(.some(70.0 + Double($0 % 20))) })
            repeats += stored.count - times.count
        }
        print("native: \(all.count) feeds of \(NativeLedger.batchCount), \(repeats) repeats")
    }
}
