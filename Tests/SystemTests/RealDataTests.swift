import Foundation
import Testing
import TwinCore
import TwinTestKit

extension SystemTests {
    /// Real messages of many makers, over MLLP, until they can be read from the twins.
    @Suite(
        .enabled(if: SharedData.isPresent, "the shared data folder is absent: set TWINLINE_DATA"))
    struct RealDataTests {
        static let files: [String] = {
            var names: [String] = []
            for row in SharedData.table("hl7/expected_messages.csv").rows {
                if let name = row["file"], names.last != name { names.append(name) }
            }
            return names
        }()

        @Test func `every real message becomes the vitals that it should`() async throws {
            try await RunningHouse.open(
                RunningHouse.Plan(ingest: ["--test-messages", "take"])
            ) { house in
                let sender = try MLLPSender(port: house.mllpPort)
                for file in Self.files { try send(file, by: sender) }
                let expected = Self.expectedVitals()
                try await house.settle()
                for (patient, rows) in expected where !patient.isEmpty {
                    let stored = try await house.history(patient)
                    for code in Set(rows.compactMap(\.code)) {
                        compare(
                            rows.filter { $0.code == code }, stored.filter { $0.code == code },
                            "\(patient) \(code)")
                    }
                }
                let nobody = try await house.quarantine().filter { $0.reason == "no-patient" }
                #expect(nobody.count == expected[""]?.count)
                let twins = try await house.twins().map(\.id)
                #expect(twins.count == Self.patientCount, "\(twins)")
            }
        }

        /// Patients of the samples: those with vitals, and those whose values are others.
        static let patientCount = 23

        /// Each message is acknowledged; those without a patient are refused.
        private func send(_ file: String, by sender: MLLPSender) throws {
            let rows = SharedData.table("hl7/expected_messages.csv").rows
                .filter { $0["file"] == file }
            let bytes = try #require(SharedData.bytes("hl7/messages/\(file)"))
            #expect(sender.send(bytes))
            for row in rows {
                let reply = try #require(sender.reply(), "\(file) is not answered")
                let isRefused = file == "syn_23_no_patient_id.hl7"
                // A for the original mode, C for the enhanced one: the message asks for either.
                #expect(
                    reply.code.dropFirst() == (isRefused ? "E" : "A"), "\(file): \(reply)")
                // One id holds a separator of repetitions, which the table cuts at.
                #expect(reply.controlID.hasPrefix(row["msh10"]?.prefix(4) ?? ""), "\(file)")
            }
        }

        struct Vital {
            let code: String?
            let value: Double?
            let unit: String
            let time: String
            let quality: String
        }

        /// By patient; what a message says that comes again is expected once.
        private static func expectedVitals() -> [String: [Vital]] {
            var seen: Set<[String?]> = []
            var vitals: [String: [Vital]] = [:]
            for row in SharedData.table("hl7/expected_vitals.csv").rows {
                let columns = ["file", "obx", "rep", "patient", "vital", "value_raw", "ts_raw"]
                guard seen.insert(columns.map { row[$0] }).inserted else { continue }
                vitals[row["patient"] ?? "", default: []].append(
                    Vital(
                        code: Concept.named(row["vital"] ?? "")?.code.description,
                        value: Double(row["value_canonical"] ?? ""),
                        unit: row["unit_canonical"] ?? "", time: row["ts_utc"] ?? "",
                        quality: row["quality"] ?? ""))
            }
            return vitals
        }

        /// One to one: every expected vital has its own observation, and none is left over.
        private func compare(
            _ expected: [Vital], _ stored: [Document.Observation], _ what: String
        ) {
            var rest = stored
            for vital in expected {
                let isUsable = vital.quality.hasPrefix("usable")
                let place = rest.firstIndex { one in
                    guard one.usable == isUsable, vital.time.isEmpty || one.eventTime == vital.time
                    else { return false }
                    guard isUsable, let value = vital.value, let number = one.number else {
                        return !isUsable
                    }
                    return abs(number - value) <= 0.005 * abs(value) && one.unit == vital.unit
                }
                guard let place else {
                    Issue.record("\(what): \(vital) is not among \(rest)")
                    continue
                }
                if vital.quality == "usable_zone_unknown" {
                    #expect(rest[place].flags.contains("zone-unknown"), "\(what)")
                }
                rest.remove(at: place)
            }
            #expect(rest.isEmpty, "\(what): nobody expects \(rest)")
        }
    }
}
