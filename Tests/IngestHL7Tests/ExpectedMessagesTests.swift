import IngestCore
import Testing
import TwinCore
import TwinTestKit

@testable import IngestHL7

/// Every line of the shared tables of messages and rows.
@Suite(.enabled(if: SharedData.isPresent, "the shared data folder is absent"))
struct ExpectedMessagesTests {
    /// The split messages of a file, whatever their type.
    static func messages(_ file: String) throws -> [HL7Message] {
        var bytes = Samples.bytes(file)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        var messages: [HL7Message] = []
        var start = 0
        while let first = HL7Batch.nextMessage(
            in: bytes.span, from: start, isFirst: messages.isEmpty)
        {
            let message = try HL7Scanner.message(in: bytes, at: first, HL7Limits())
            start = message.end
            messages.append(message)
        }
        return messages
    }

    @Test(arguments: Samples.files)
    func `every message is split as expected`(file: String) throws {
        let messages = try Self.messages(file)
        let rows = SharedData.table("hl7/expected_messages.csv").rows.filter {
            $0["file"] == file
        }
        #expect(messages.count == rows.count)
        for (message, row) in zip(messages, rows) {
            let header = try #require(message.segments.first)
            func count(_ name: UInt32) -> String {
                String(message.segments.count { $0.name == name })
            }
            #expect(String(decoding: [message.separators.field], as: UTF8.self) == row["field_sep"])
            for (number, column) in [
                (2, "msh2"), (9, "msh9"), (10, "msh10"), (12, "msh12"), (7, "msh7"),
            ] {
                #expect(message.string(message.field(number, of: header)) == row[column])
            }
            #expect(String(message.segments.count) == row["segments"])
            #expect(count(HL7Segment.pid) == row["pid"])
            #expect(count(HL7Segment.obr) == row["obr"])
            #expect(count(HL7Segment.obx) == row["obx"])
            #expect(row["charset"] == "utf-8")
            #expect(String(validating: message.text, as: UTF8.self) != nil)
        }
    }

    @Test(arguments: Samples.files)
    func `every row is found with its parts as expected`(file: String) throws {
        let rows = SharedData.table("hl7/expected.csv").rows.filter { $0["file"] == file }
        var found: [[String: String]] = []
        for (index, message) in try Self.messages(file).enumerated() {
            let patient = Self.patient(message)
            message.forEachRow { row in
                found.append(
                    Self.describe(row, message, index + 1).merging(patient) { $1 })
            }
        }
        #expect(found.count == rows.count)
        for (found, expected) in zip(found, rows) {
            for (column, value) in found {
                #expect(value == expected[column], "\(column) of \(expected)")
            }
        }
    }

    /// The first identifier, and the one that is called a record number.
    private static func patient(_ message: HL7Message) -> [String: String] {
        let person = message.segments.first { $0.name == HL7Segment.pid }
        let field = person.map { message.field(3, of: $0) } ?? .empty
        let all = message.repetitions(of: field)
        let record = all.first { message.string(message.component(5, of: $0)) == "MR" }
        func identifier(_ place: HL7Place?) -> String {
            place.map { message.string(message.component(1, of: $0)) } ?? ""
        }
        return ["patient_id": identifier(all.first), "patient_mr": identifier(record)]
    }

    /// The value as JSON has it, its escape sequences undone.
    private static func json(_ row: HL7Row, _ message: HL7Message) -> String {
        var hasUnknown = false
        let escapes = HL7Escapes(separators: message.separators)
        let bytes = escapes.undone(
            message.text.span.extracting(row.value.range), hasUnknown: &hasUnknown)
        let text = String(decoding: bytes, as: UTF8.self)
        return "\"" + text.replacing(#"\"#, with: #"\\"#) + "\""
    }

    /// A time as it is written, without its zone, and the zone.
    private static func local(_ text: String, _ time: HL7Time?) -> (time: String, zone: String) {
        guard time != nil else { return ("", "") }
        let digits = Array(text.prefix { $0 != "+" && $0 != "-" })
        let zone = Array(text.dropFirst(digits.count))
        var local = ""
        for (index, digit) in digits.enumerated() {
            local += [4: "-", 6: "-", 8: "T", 10: ":", 12: ":"][index] ?? ""
            local.append(digit)
        }
        return (local, zone.isEmpty ? "" : String(zone[..<3]) + ":" + String(zone[3...]))
    }

    private static func describe(
        _ row: HL7Row, _ message: HL7Message, _ number: Int
    ) -> [String: String] {
        let code = message.codes(row.code).first
        let unit = message.codes(row.unit).first
        let value = message.string(row.value)
        let time = HL7Time(message.text.span.extracting(row.time.range))
        let (local, zone) = local(message.string(row.time), time)
        let json = json(row, message)
        let precisions = ["y", "M", "d", "h", "m", "s", "f"]
        return [
            "msg": String(number), "obx": String(row.observationNumber),
            "rep": String(row.repetitionNumber), "obr": String(row.requestNumber),
            "value_type": message.string(row.type), "code": message.string(code.value),
            "code_text": message.string(code.text), "code_system": message.string(code.system),
            "value": value.utf8.count > 80_000 ? "<\(value.utf8.count) characters>" : value,
            "set_id": message.string(row.setID), "sub_id": message.string(row.place),
            "value_text_json": json.utf8.count > 80_000
                ? "\"<\(json.utf8.count - 2) characters>\"" : json,
            "escape_policy": "0", "ts_local": local, "ts_offset": zone,
            "unit": message.string(unit.value), "unit_text": message.string(unit.text),
            "unit_system": message.string(unit.system),
            "flag": message.string(row.interpretation), "status": message.string(row.status),
            "ts_source": row.timeSource == .none
                ? "none" : row.timeSource == .request ? "OBR-7" : "OBX-14",
            "ts_raw": message.string(row.time), "ts_valid": time == nil ? "0" : "1",
            "ts_precision": time.map { precisions[Int($0.precision.rawValue)] } ?? "",
            "ts_utc": time?.instant(messageOffsetMinutes: nil).map { $0.description } ?? "",
        ]
    }
}
