import ControlWard
import Foundation
import IngestTable
import Testing
import TwinCore
import TwinTestKit

struct WardTests {
    @Test func `the same seed makes the same ward, another one another`() {
        let ward = Ward.simulate(beds: 6, hours: 24, seed: 7)
        #expect(Ward.simulate(beds: 6, hours: 24, seed: 7) == ward)
        #expect(Ward.simulate(beds: 6, hours: 24, seed: 8) != ward)
    }

    @Test func `another bed changes nothing for the others`() {
        let six = Ward.simulate(beds: 6, hours: 24, seed: 7)
        let seven = Ward.simulate(beds: 7, hours: 24, seed: 7)
        #expect(seven.rows.filter { $0.patient != "WARD-007" } == six.rows)
        #expect(Array(seven.outcomes.dropLast()) == six.outcomes)
    }

    @Test func `patients say that they are simulated`() throws {
        let ward = Ward.simulate(beds: 2, hours: 4, seed: 7)
        #expect(ward.outcomes.map(\.patient) == ["WARD-001", "WARD-002"])
        #expect(Ward.authority == "SIMULATED")
        #expect(try mapping().authority == Ward.authority)
        #expect(try mapping().note?.contains("SIMULATED") == true)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `the ill are a minority, and a simple rule finds most but not all`(seed: UInt64) throws {
        let ward = Ward.simulate(beds: 300, hours: 24, seed: seed)
        let ill = ward.outcomes.filter(\.deteriorated).count
        #expect((0.08...0.30).contains(Double(ill) / 300), "\(ill) of 300")
        // The rule: last pulse over last systolic pressure.
        var pulse: [String: Double] = [:]
        var pressure: [String: Double] = [:]
        for row in ward.rows {
            guard let number = Double(row.value), (20...250).contains(number) else { continue }
            if row.parameter == "HR" { pulse[row.patient] = number }
            if row.parameter == "NBPs" { pressure[row.patient] = number }
        }
        let scores = ward.outcomes.map { outcome in
            (pulse[outcome.patient] ?? 80) / (pressure[outcome.patient] ?? 120)
        }
        let area = areaUnderCurve(scores, ward.outcomes.map(\.deteriorated))
        #expect((0.75...0.97).contains(area), "AUROC \(area)")
        print("ward seed \(seed): \(ill) of 300 deteriorate, shock index AUROC \(area)")
    }

    @Test func `every row is taken by the mapping that ships with it`() throws {
        let ward = Ward.simulate(beds: 20, hours: 24, seed: 7)
        let now = Instant(microsecondsSinceEpoch: 1_800_000_000_000_000)
        let reader = try TableReader(
            Array(ward.table.utf8), mapping: try mapping(), receivedAt: now)
        var (numbers, flagged, twins) = (0, 0, Set<TwinID>())
        for row in reader {
            for observation in try row.result.get() {
                twins.insert(observation.twin)
                if observation.isUsable { numbers += 1 } else { flagged += 1 }
            }
        }
        #expect(twins.count == 20)
        #expect(twins.allSatisfy { $0.authority == "SIMULATED" })
        #expect(numbers + flagged == ward.rows.count)
        // Artefacts and words; not many of either.
        #expect((1...numbers / 10).contains(flagged))
    }

    @Test func `usable values are those of living patients`() throws {
        let ward = Ward.simulate(beds: 60, hours: 24, seed: 7)
        for (parameter, range) in [
            ("HR", 25.0...220.0), ("RR", 6...55), ("SpO2", 70...100), ("Lactate", 0.4...20),
        ] {
            let numbers = ward.rows.filter { $0.parameter == parameter }.compactMap {
                Double($0.value)
            }
            let odd = numbers.filter { !range.contains($0) }
            #expect(odd.allSatisfy { [-100, 0, 999, 8_388_607].contains($0) })
            #expect(!numbers.isEmpty && odd.count * 20 < numbers.count)
        }
    }

    private func mapping() throws -> TableMapping {
        let file = RepositoryFolder.root.appending(path: "deploy/mappings/ward.json")
        let data = try Data(contentsOf: file)
        return try JSONDecoder().decode(TableMapping.self, from: data)
    }

    /// How often a positive scores above a negative; ties count half.
    private func areaUnderCurve(_ scores: [Double], _ labels: [Bool]) -> Double {
        let positives = zip(scores, labels).filter(\.1).map(\.0)
        let negatives = zip(scores, labels).filter { !$0.1 }.map(\.0)
        var wins = 0.0
        for positive in positives {
            for negative in negatives {
                wins += positive > negative ? 1 : positive == negative ? 0.5 : 0
            }
        }
        return wins / Double(positives.count * negatives.count)
    }
}
