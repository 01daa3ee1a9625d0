import Foundation
import Testing
import TwinTestKit

extension SystemTests {
    /// An artifact is a shadow, then a canary, then speaks for all, with real processes.
    struct TrialTests {
        private struct Line: Decodable {
            let what: String
            let cause: String?
            let by: String?
            let epoch: Int?
        }

        private struct Shadow: Decodable {
            let shadow: Bool
            let assessment: Document.Assessment
        }

        private struct Trial: Decodable {
            let mode: String
            let artifact: String
            let share: Double?
        }

        private struct Drift: Decodable {
            struct Figures: Decodable {
                let rows: Int
                let change: String
            }

            let outcome: String
            let artifact: String
            let scores: Figures?
            let features: [Figures]
        }

        private struct Status: Decodable {
            let trials: [Trial]
        }

        /// The twins whose newest assessment is by that artifact.
        private func twins(
            of artifact: String, in house: RunningHouse
        ) async throws -> Set<String> {
            try await house.settle()
            var found: Set<String> = []
            for twin in try await house.twins() {
                let made: [Document.Assessment] = try await house.twinctl(
                    "twin", "explain", twin.id, "--json"
                ).documents()
                if made.last?.artifact == artifact { found.insert(twin.id) }
            }
            return found
        }

        private func order(_ house: RunningHouse, _ arguments: String...) async throws {
            let done = try await house.twinctl(arguments)
            guard done.status == 0 else { throw SystemFailure("\(arguments): \(done)") }
        }

        private func awaitShadows(of artifact: String, in house: RunningHouse) async throws {
            for twin in try await house.twins() {
                try await eventually("\(twin.id) has its shadow", within: 20, everyMs: 200) {
                    let found: [Shadow] =
                        (try? await house.twinctl("twin", "shadows", twin.id, "--json").documents())
                        ?? []
                    return found.last?.assessment.artifact == artifact
                        && found.last?.assessment.revision == twin.revision
                        && found.allSatisfy(\.shadow)
                }
            }
        }

        @Test func `a model is a shadow, then a canary, then speaks for all, also after a kill`()
            async throws
        {
            try await RunningHouse.open(RunningHouse.Plan(models: 1)) { house in
                try await house.admitWard()
                let (first, second) = try await house.activateFirst()
                try await order(house, "model", "shadow", second)
                try await awaitShadows(of: second, in: house)
                #expect(try await twins(of: second, in: house).isEmpty)

                try await order(house, "model", "canary", second, "--share", "0.2")
                let few = try await twins(of: second, in: house)
                try await order(house, "model", "canary", second, "--share", "0.5")
                let half = try await twins(of: second, in: house)
                #expect(few.count > 0 && few.count < half.count && half.count < ModelFiles.beds)
                #expect(half.isSuperset(of: few))

                house.kill("store")
                try house.start("store")
                try await house.awaitUp()
                #expect(try await twins(of: second, in: house) == half)
                let trials = try await house.twinctl("status", "--json").document(Status.self)
                    .trials
                #expect(trials.map(\.mode) == ["canary"] && trials.map(\.share) == [0.5])

                try await order(house, "model", "promote", second)
                #expect(try await twins(of: second, in: house).count == ModelFiles.beds)
                try await order(house, "model", "rollback", "deterioration")
                #expect(try await twins(of: first, in: house).count == ModelFiles.beds)
                try await checkHistory(house)
                try await checkPapers(house, first)
            }
        }

        /// The card and the drift of what speaks.
        private func checkPapers(_ house: RunningHouse, _ artifact: String) async throws {
            let path = house.scratch.path + "/card.html"
            let card = try await house.twinctl(
                "model", "card", artifact, "--html", path, "--markdown")
            #expect(card.status == 0, "\(card)")
            let page = try String(contentsOfFile: path, encoding: .utf8)
            for word in [artifact, "deterioration", "speaks for all", "vitals"] {
                #expect(card.output.contains(word) && page.contains(word), "\(word)")
            }
            let reports: [Drift] = try await house.twinctl("model", "drift", "--json").document()
            #expect(reports.map(\.artifact) == [artifact])
            // Of so few rows nothing is said.
            let report = try #require(reports.first)
            #expect(report.features.count > 10 && report.scores.map(\.rows) ?? 0 > 0)
            #expect(report.features.allSatisfy { $0.rows >= 200 || $0.change == "few-rows" })
            let table = try await house.twinctl("model", "drift", "deterioration")
            #expect(table.status == 0 && table.output.contains("PSI"), "\(table)")
        }

        private func checkHistory(_ house: RunningHouse) async throws {
            let lines: [Line] = try await house.twinctl(
                "model", "history", "--outcome", "deterioration", "--json"
            ).document()
            #expect(
                lines.map(\.what) == [
                    "pushed", "pushed", "speaking", "shadow", "canary", "canary", "speaking",
                    "speaking",
                ])
            #expect(lines.compactMap(\.epoch) == [1, 2, 3, 4, 5, 6])
            #expect(lines.suffix(2).map(\.cause) == ["promoted", "rolled-back"])
            #expect(lines.allSatisfy { $0.by?.hasPrefix("twinctl") == true })
            let twin = try #require(try await house.twins().first)
            for _ in 0..<2 {
                let pardoned = try await house.twinctl("twin", "pardon", twin.id, "--json")
                #expect(pardoned.status == 0 && pardoned.output.contains(twin.id), "\(pardoned)")
            }
            let nobody = try await house.twinctl("twin", "pardon", "NOBODY|1")
            #expect(nobody.status == 1, "\(nobody)")
        }
    }
}
