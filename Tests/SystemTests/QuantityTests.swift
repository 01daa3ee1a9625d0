import Foundation
import Testing
import TwinTestKit

extension SystemTests {
    /// A number that a model tells of twins, from the store's own features to the doctor.
    struct QuantityTests {
        private struct Trained: Decodable {
            let artifact: String
            let unit: String
            let residualMax: Double
        }

        private struct Twin: Decodable {
            struct Assessment: Decodable {
                struct Estimate: Decodable {
                    let value: Double
                    let unit: String
                    let low: Double?
                    let high: Double?
                    let coverage: Double?
                }

                struct Reason: Decodable { let contribution: Double }

                let outcome: String
                let artifact: String
                let probability: Double?
                let estimate: Estimate?
                let baseline: Double
                let remainder: Double
                let reasons: [Reason]
            }

            let assessments: [Assessment]
        }

        @Test func `is learnt from the store, proved, activated, told and explained in its unit`()
            async throws
        {
            try await RunningHouse.open(RunningHouse.Plan(models: 1)) { house in
                try await house.admitWard()
                // A made-up stay: longer for those who deteriorate.
                let lines = try String(
                    contentsOfFile: house.scratch.path + "/ward/outcomes.csv", encoding: .utf8
                ).split(separator: "\n").dropFirst()
                let stays = lines.enumerated().map { number, line in
                    let fields = line.split(separator: ",")
                    return "\(fields[0]),\(fields[1] == "1" ? 9 : 3).\(number % 10)"
                }
                let table = house.scratch.path + "/stays.csv"
                try Data(("patient,stay\n" + stays.joined(separator: "\n") + "\n").utf8)
                    .write(to: URL(filePath: table))
                let path = house.scratch.path + "/stay.onnx"
                let trained = try await house.twinctl(
                    "model", "train", "--outcomes", table, "--label", "stay", "--target",
                    "quantity", "--unit", "d", "--trees", "40", "--out", path, "--activate",
                    "--json"
                ).document(Trained.self)
                #expect(trained.unit == "d" && trained.residualMax > 0)
                let waited = try await house.twinctl("model", "await")
                #expect(waited.status == 0, "\(waited)")
                let twin = try await house.twinctl("twin", "show", "WARD-001", "--json")
                    .document(Twin.self)
                let told = try #require(twin.assessments.first { $0.outcome == "stay" })
                let estimate = try #require(told.estimate)
                #expect(told.artifact == trained.artifact && told.probability == nil)
                #expect(estimate.unit == "d" && estimate.coverage == 0.9)
                #expect((2...12).contains(estimate.value))
                let high = try #require(estimate.high)
                #expect(abs(high - estimate.value - trained.residualMax) < 1e-6)
                let sum = told.reasons.reduce(told.baseline + told.remainder) {
                    $0 + $1.contribution
                }
                #expect(abs(sum - estimate.value) < 1e-2)
                let text = try await house.twinctl("twin", "explain", "WARD-001").output
                #expect(text.contains("why (in d, from") && text.contains("(90 %: "), "\(text)")
            }
        }

        @Test func `what twins do not have is refused before it could speak`() async throws {
            try await RunningHouse.open(RunningHouse.Plan(models: 1)) { house in
                let heart = RepositoryFolder.root
                    .appending(path: "deploy/samples/heart/heart.csv").path
                let path = house.scratch.path + "/heart.onnx"
                let trained = try await house.twinctl(
                    "model", "train", "--table", heart, "--label", "heart_disease", "--trees", "10",
                    "--folds", "0", "--out", path)
                #expect(trained.status == 0, "\(trained)")
                struct Pushed: Decodable { let artifact: String }
                let pushed = try await house.twinctl("model", "push", path, "--json")
                    .document(Pushed.self)
                for step in ["activate", "shadow", "canary"] {
                    let refused = try await house.twinctl("model", step, pushed.artifact)
                    #expect(
                        refused.status == 1
                            && refused.errors.contains("made of a table, and can't speak"),
                        "\(refused)")
                }
                #expect(try await house.status().active.isEmpty)
            }
        }
    }
}
