import Testing
import TwinCore
import TwinTestKit

@testable import IngestCore
@testable import IngestHL7

/// Every line of the shared table of canonical vitals.
@Suite(.enabled(if: SharedData.isPresent, "the shared data folder is absent"))
struct ExpectedVitalsTests {
    static let files: [String] = {
        var names: [String] = []
        for row in SharedData.table("hl7/expected_vitals.csv").rows {
            if let name = row["file"], names.last != name { names.append(name) }
        }
        return names
    }()

    /// The cleaned observation of every repetition of every OBX, by message, OBX and repetition.
    private static func observations(_ file: String) throws -> [String: Observation] {
        let nobody = try #require(TwinID("nobody"))
        var found: [String: Observation] = [:]
        let adapter = HL7Adapter()
        let read = adapter.read(
            Samples.bytes(file), channel: Samples.channel, receivedAt: Samples.receivedAt)
        for (index, message) in read.enumerated() {
            guard case .observations(let raw) = message.content,
                let messages = try? ExpectedMessagesTests.messages(file)
            else { continue }
            var keys: [String] = []
            messages[index].forEachRow {
                keys.append("\(index + 1)/\($0.observationNumber)/\($0.repetitionNumber)")
            }
            let twin = try? PatientNaming.twin(
                of: raw.patients, in: raw.text, channel: Samples.channel)
            for (key, row) in zip(keys, raw.observations) {
                found[key] = try? Cleaner().clean(
                    row, of: raw, twin: twin ?? nobody, channel: Samples.channel,
                    receivedAt: Samples.receivedAt)
            }
        }
        return found
    }

    /// The flag that the table's word for what is wrong stands for.
    private static let flags: [String: QualityFlags] = [
        "usable": [], "usable_zone_unknown": .zoneUnknown, "code_conflict": .codeConflict,
        "no_result": .noResult, "empty": .empty, "unit_missing": .unitMissing,
        "deleted": .deleted, "wrong_patient": .wrongPatient, "device_invalid": .deviceInvalid,
    ]

    @Test(arguments: files)
    func `every vital is canonical and usable exactly where it should be`(file: String) throws {
        let observations = try Self.observations(file)
        for row in SharedData.table("hl7/expected_vitals.csv").rows where row["file"] == file {
            let key = "\(row["msg"] ?? "")/\(row["obx"] ?? "")/\(row["rep"] ?? "")"
            let observation = try #require(observations[key], "\(row)")
            let quality = row["quality"] ?? ""
            #expect(Concept.of(observation.code)?.name == row["vital"])
            if quality == "no_patient" {
                #expect(Samples.reply(Samples.bytes(file)).contains("MSA|AE|"))
                continue
            }
            #expect(String(observation.twin.identifier) == row["patient"])
            #expect(observation.isUsable == quality.hasPrefix("usable"), "\(row)")
            let flags = try #require(Self.flags[quality])
            #expect(observation.flags.isSuperset(of: flags), "\(row)")
            if let text = row["ts_utc"], !text.isEmpty {
                #expect(observation.eventTime.description == text)
            }
            guard quality.hasPrefix("usable") else { continue }
            let expected = try #require(Double(row["value_canonical"] ?? ""))
            let number = try #require(observation.number)
            #expect(abs(number - expected) <= 0.005 * abs(expected), "\(row)")
            #expect(observation.unit == row["unit_canonical"])
        }
    }

    @Test func `two record numbers, local codes and alarms keep their meaning`() throws {
        let alarm = try Self.observations("syn_31_alarm_r40.hl7")
        #expect(alarm["1/1/1"]?.flags.contains(.codeUnknown) == true)
        #expect(alarm["1/1/1"]?.value == .text("196680"))
        let news = try Self.observations("syn_33_news2_set.hl7")
        // New confusion: one above alert.
        #expect(news["1/3/1"]?.number == 1)
        #expect(news["1/3/1"]?.isUsable == true)
        let old = try Self.observations("syn_37_v21_minimal.hl7")
        #expect(old["1/1/1"]?.flags.isSuperset(of: [.codeUnknown, .timeMissing]) == true)
    }
}
