import Foundation
import Testing
import TwinTestKit

extension SystemTests {
    /// Services are killed at random, senders keep a ledger: nothing acknowledged is lost.
    struct KillTests {
        private static let lanes = 3

        private func senders(
            _ house: RunningHouse, perSecond: Double
        ) -> [LedgerSender] {
            (0..<Self.lanes).map { lane in
                LedgerSender(
                    lane: lane, patients: (0..<3).map { "P\(lane)\($0)" }, authority: "LEDGER",
                    port: house.mllpPort, perSecond: perSecond)
            }
        }

        /// What the ledgers say once everything had its time: what is only late is not lost.
        private func findings(
            _ senders: [LedgerSender], in house: RunningHouse
        ) async throws -> LedgerFindings {
            let end = ContinuousClock.now + .seconds(8)
            while true {
                try await house.settle()
                var findings = LedgerFindings()
                for sender in senders { try await findings.add(sender, in: house) }
                if findings.areNone || ContinuousClock.now > end { return findings }
            }
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

        /// A mistake that the ledger must find, and where it is; or none, which must come clean.
        struct Planted: Sendable, CustomTestStringConvertible {
            let service: String
            var bug: String?
            var testDescription: String { "\(bug ?? "nothing") in twin-\(service)" }
        }

        static let planted = [
            // A hasty acknowledgement, of ingest or of the store, leaves a window of less than a write,
            // which kills miss for minutes: HouseTests, where time is simulated, find both at once.
            Planted(service: "ingest"), Planted(service: "store"),
            Planted(service: "store", bug: "noDeduplication"),
        ]

        #if DEBUG
        @Test(arguments: planted)
        func `the ledger finds a service that promises too much`(planted: Planted) async throws {
            var random = SplitMix64(seed: 7)
            var plan = RunningHouse.Plan()
            let environment = planted.bug.map { ["TWINLINE_PLANTED_BUG": $0] } ?? [:]
            if planted.service == "ingest" {
                plan.ingestEnvironment = environment
            } else {
                plan.storeEnvironment = environment
            }
            try await RunningHouse.open(plan) { house in
                var rounds = 0
                var found = LedgerFindings()
                while rounds < (planted.bug == nil ? 2 : 12), found.areNone {
                    rounds += 1
                    found = try await round(rounds, of: planted.service, in: house, &random)
                }
                print("\(planted.testDescription), round \(rounds): \(found)")
                #expect(found.areNone == (planted.bug == nil), "\(found)")
            }
        }
        #endif

        /// Busy senders of their own patients, a few kills, and what the ledgers say of it.
        private func round(
            _ number: Int, of service: String, in house: RunningHouse, _ random: inout SplitMix64
        ) async throws -> LedgerFindings {
            let senders = (0..<Self.lanes).map { lane in
                LedgerSender(
                    lane: lane, patients: ["R\(number)L\(lane)"], authority: "LEDGER",
                    port: house.mllpPort, perSecond: 1500, window: 128)
            }
            for _ in 0..<3 {
                try await Task.sleep(for: .milliseconds(Int.random(in: 100...400, using: &random)))
                house.kill(service)
                try house.start(service)
                try await house.awaitUp()
            }
            for sender in senders { try sender.finish(within: 30) }
            return try await findings(senders, in: house)
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
