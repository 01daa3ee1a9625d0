import Foundation
import Testing
import TwinCore
import TwinTestKit

extension SystemTests {
    /// Artifacts are swapped while a ward is assessed.
    struct HotSwapTests {
        static let swapCount = 32

        @Test func `swapping under load loses no assessment and mixes no artifacts`() async throws {
            try await RunningHouse.open(RunningHouse.Plan(models: 2)) { house in
                try await house.admitWard()
                let (first, second) = try await house.activateFirst()
                let begin = try #require(try await house.status().active.first)
                var epochs = [
                    Epoch(
                        number: begin.epoch, artifact: first,
                        since: Instant(microsecondsSinceEpoch: 0))
                ]
                let senders = (0..<2).map { lane in
                    LedgerSender(
                        lane: lane,
                        patients: (0..<ModelFiles.beds / 2).map {
                            Self.bed($0 * 2 + lane + 1)
                        }, authority: "SIMULATED", port: house.mllpPort, perSecond: 120)
                }
                let start = ContinuousClock.now
                for number in 0..<Self.swapCount {
                    epochs.append(try await swap(house, to: number % 2 == 0 ? second : nil))
                }
                let took = ContinuousClock.now - start
                let acknowledged = senders.reduce(0) { $0 + $1.acknowledgedCount }
                for sender in senders { try sender.finish(within: 20) }
                try await house.settle()
                print(
                    "\(Self.swapCount) swaps in \(took); \(acknowledged) messages acknowledged "
                        + "meanwhile")
                let seconds = Double(took.components.seconds)
                #expect(Double(acknowledged) >= 200 * seconds)
                try checkEpochs(epochs, first, second)
                // At rest the same features are assessed again by both.
                for number in 0..<4 {
                    epochs.append(try await swap(house, to: number % 2 == 0 ? second : nil))
                    try await house.settle()
                }
                try await checkTwins(house, epochs)
            }
        }

        static func bed(_ number: Int) -> String {
            "WARD-" + (number < 10 ? "00" : "0") + "\(number)"
        }

        struct Epoch {
            let number: Int
            let artifact: String
            let since: Instant
        }

        /// Activates an artifact, or rolls back.
        func swap(_ house: RunningHouse, to artifact: String?) async throws -> Epoch {
            let done =
                if let artifact {
                    try await house.twinctl("model", "activate", artifact, "--json")
                } else {
                    try await house.twinctl("model", "rollback", "deterioration", "--json")
                }
            guard done.status == 0 else { throw SystemFailure("the swap failed: \(done)") }
            let activation = try done.document(Document.Activation.self)
            return Epoch(
                number: activation.epoch, artifact: activation.artifact,
                since: try Self.instant(activation.activatedAt))
        }

        static func instant(_ text: String) throws -> Instant {
            guard let instant = Instant(rfc3339: text) else {
                throw SystemFailure("'\(text)' is no time")
            }
            return instant
        }

        private func checkEpochs(_ epochs: [Epoch], _ first: String, _ second: String) throws {
            #expect(epochs.count == Self.swapCount + 1)
            for (index, epoch) in epochs.enumerated() {
                #expect(epoch.number == epochs[0].number + index)
                #expect(epoch.artifact == (index % 2 == 0 ? first : second))
            }
        }

        func checkTwins(_ house: RunningHouse, _ epochs: [Epoch]) async throws {
            var (count, repeated) = (0, 0)
            for twin in try await house.twins() {
                #expect(twin.assessedRevision == twin.revision, "\(twin)")
                let made: [Document.Assessment] = try await house.twinctl(
                    "twin", "explain", twin.id, "--history", "--json"
                ).documents()
                #expect(made.last?.artifact == epochs.last?.artifact, "\(twin.id)")
                #expect(made.last?.revision == twin.revision)
                try checkOrder(made, epochs, twin.id)
                repeated += checkReplay(made, twin.id)
                count += made.count
            }
            print("\(count) assessments, \(repeated) of them made again and bitwise the same")
            #expect(repeated >= ModelFiles.beds)
        }

        /// Each names the artifact that spoke when it was committed; epochs never go back.
        private func checkOrder(
            _ made: [Document.Assessment], _ epochs: [Epoch], _ twin: String
        ) throws {
            var place = 0
            let ordered = try made.map { ($0, try Self.instant($0.commitTime)) }
                .sorted { $0.1 < $1.1 }
            for (assessment, time) in ordered {
                while place < epochs.count, !fits(assessment, time, epochs, place) { place += 1 }
                guard place < epochs.count else {
                    Issue.record("\(twin): nobody spoke so at \(time): \(assessment.artifact)")
                    return
                }
            }
            let revisions = ordered.map(\.0.revision)
            #expect(revisions == revisions.sorted(), "\(twin)")
        }

        /// Both ends of an epoch belong to it: a turn of the store has one time.
        private func fits(
            _ assessment: Document.Assessment, _ time: Instant, _ epochs: [Epoch], _ place: Int
        ) -> Bool {
            let end = place + 1 < epochs.count ? epochs[place + 1].since : time
            return assessment.artifact == epochs[place].artifact && epochs[place].since <= time
                && time <= end
        }

        /// How many were made again from the same features by the same artifact, and came out the same.
        private func checkReplay(_ made: [Document.Assessment], _ twin: String) -> Int {
            var known: [String: Document.Assessment] = [:]
            var repeated = 0
            for one in made {
                let key = "\(one.revision) \(one.artifact)"
                guard let before = known[key] else {
                    known[key] = one
                    continue
                }
                repeated += 1
                #expect(one.probability == before.probability, "\(twin) \(key)")
                #expect(one.indeterminate == before.indeterminate)
                #expect(one.baseline == before.baseline && one.remainder == before.remainder)
                #expect(one.reasons == before.reasons, "\(twin) \(key)")
            }
            return repeated
        }
    }
}
