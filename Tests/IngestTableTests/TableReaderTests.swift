import IngestTable
import Testing
import TwinCore
import TwinTestKit

struct TableReaderTests {
    private let received = Instant(microsecondsSinceEpoch: 1_800_000_000_000_000)

    private func wide() -> TableMapping {
        var mapping = TableMapping(
            source: "test", timeColumn: "time", timeFormat: .rfc3339,
            parameters: [
                "hr": .init(code: "http://loinc.org|8867-4", unit: "/min", missing: ["0"]),
                "temp": .init(code: "http://loinc.org|8310-5", unit: "Cel"),
                "note": .init(code: "note", unit: "", isText: true),
            ])
        mapping.missing = ["-1", "NA"]
        return mapping
    }

    private func long() -> TableMapping {
        var mapping = wide()
        mapping.authority = "TEST"
        mapping.timeFormat = .elapsed
        mapping.epoch = "2026-01-01T00:00:00Z"
        (mapping.codeColumn, mapping.valueColumn, mapping.patientColumn) = ("what", "value", "who")
        return mapping
    }

    private func read(
        _ text: String, _ mapping: TableMapping, patient: TwinID? = TwinID("TEST|1")
    ) throws -> [TableRow] {
        Array(
            try TableReader(
                Array(text.utf8), mapping: mapping, patient: patient, receivedAt: received))
    }

    private func values(_ rows: [TableRow]) -> [ObservedValue] {
        rows.compactMap { try? $0.result.get() }.flatMap(\.self).map(\.value)
    }

    @Test func `a wide row is as many observations as it has cells`() throws {
        let rows = try read(
            "time,hr,temp\n2026-01-12T10:14:00Z,72,\n2026-01-12T10:15:00Z,,37.5", wide())
        let observations = try rows.flatMap { try $0.result.get() }
        #expect(observations.map(\.value) == [.number(72), .number(37.5)])
        #expect(observations.map(\.code) == [.loinc("8867-4"), .loinc("8310-5")])
        #expect(observations[0].unit == "/min" && observations[0].source == "test")
        #expect(observations[0].eventTime == Instant(rfc3339: "2026-01-12T10:14:00Z"))
        #expect(observations[0].receiveTime == received)
    }

    @Test func `a long row names patient, parameter and time since the epoch`() throws {
        let rows = try read(
            "who,time,what,value\n7,25:30,hr,72\n8,00:00:05,temp,37", long(), patient: nil)
        let observations = try rows.flatMap { try $0.result.get() }
        #expect(observations.map(\.twin.text) == ["TEST|7", "TEST|8"])
        #expect(
            observations.map(\.eventTime.description) == [
                "2026-01-02T01:30:00Z", "2026-01-01T00:00:05Z",
            ])
    }

    @Test(
        arguments: [
            ("72", .number(72), .equal, []), ("-1", .number(-1), .equal, .sentinel),
            ("0", .number(0), .equal, .sentinel), ("NA", .absent, .equal, .noResult),
            ("", .absent, .equal, .empty), (" 72 ", .number(72), .equal, []),
            ("7.2e1", .number(72), .equal, []), ("<5", .number(5), .less, .bound),
            (">= 5", .number(5), .greaterOrEqual, .bound),
            ("72,5", .text("72,5"), .equal, .notNumeric),
            ("0x1F", .text("0x1F"), .equal, .notNumeric),
            ("nan", .text("nan"), .equal, .notNumeric),
            ("1e999", .text("1e999"), .equal, .notNumeric),
            ("1 000", .text("1 000"), .equal, .notNumeric),
            ("--1", .text("--1"), .equal, .notNumeric),
            ("١", .text("١"), .equal, .notNumeric), ("1.2.3", .text("1.2.3"), .equal, .notNumeric),
            (".", .text("."), .equal, .notNumeric), ("1e", .text("1e"), .equal, .notNumeric),
        ] as [(String, ObservedValue, Comparator, QualityFlags)])
    func `a cell is a number, a flagged number, or flagged text; never a guess`(
        text: String, value: ObservedValue, comparator: Comparator, flags: QualityFlags
    ) throws {
        let rows = try read("who,time,what,value\n7,00:01,hr,\"\(text)\"", long())
        let observation = try #require(try rows.first?.result.get().first)
        #expect(observation.value == value)
        #expect(observation.comparator == comparator)
        #expect(observation.flags == flags)
    }

    @Test func `a decimal comma is one only where it is declared`() throws {
        let text = "time;hr;temp\n2026-01-12 10:14;72;37,5"
        var mapping = wide()
        mapping.timeFormat = .civil
        mapping.offsetMinutes = 60
        #expect(throws: Refusal.self) { try read(text, mapping) }
        mapping.delimiter = ";"
        #expect(values(try read(text, mapping)) == [.number(72), .text("37,5")])
        mapping.decimalMark = ","
        let rows = try read(text, mapping)
        #expect(values(rows) == [.number(72), .number(37.5)])
        let time = try #require(try rows[0].result.get().first).eventTime
        #expect(time.description == "2026-01-12T09:14:00Z")
    }

    @Test func `a row that can't be taken is refused with its line, the others are taken`() throws {
        let text = """
            who,time,what,value
            7,00:01,hr,72
            7,00:01,unheard,72
            ,00:01,hr,72
            a|b,00:01,hr,72
            7,late,hr,72
            7,00:61,hr,72
            7,00:01,hr
            7,00:01,hr,73
            """
        let rows = try read(text, long())
        #expect(values(rows) == [.number(72), .number(73)])
        let refused = rows.compactMap { row -> (Int, Refusal.Reason)? in
            guard case .failure(let refusal) = row.result else { return nil }
            return (row.line, refusal.reason)
        }
        #expect(refused.map(\.0) == [3, 4, 5, 6, 7, 8])
        #expect(
            refused.map(\.1) == [
                .unsupported, .noPatient, .noPatient, .malformed, .malformed, .malformed,
            ])
    }

    @Test func `a patient named by a parameter holds for the rows after it`() throws {
        var mapping = long()
        (mapping.patientColumn, mapping.patientParameter) = (nil, "id")
        mapping.ignored = ["skip"]
        let text =
            "time,what,value\n00:00,hr,70\n00:00,id,7\n00:00,skip,x\n00:01,hr,71\n00:00,id,\n00:02,hr,72"
        let rows = try read(text, mapping, patient: nil)
        #expect(values(rows) == [.number(71)])
        #expect(rows.filter { (try? $0.result.get()) == nil }.map(\.line) == [2, 6, 7])
    }

    @Test func `a mapping that does not fit is refused at once`() {
        let header = "who,time,what,value\n"
        var mappings = [long(), long(), long(), long(), long(), wide(), wide(), wide()]
        mappings[0].timeColumn = "when"
        mappings[1].valueColumn = nil
        mappings[2].epoch = "yesterday"
        mappings[3].delimiter = "|"
        mappings[4].decimalMark = "'"
        mappings[5].timeFormat = .civil
        mappings[6].patientParameter = "id"
        for mapping in mappings {
            #expect(throws: Refusal.self) { try read(header, mapping) }
        }
        #expect(throws: Refusal.self) { try read("", long()) }
        #expect(throws: Refusal.self) { try read("time,hr\n", wide(), patient: nil) }
        #expect(throws: Refusal.self) { try read("time,hr,hr\n", wide()) }
    }

    private let good = Array(
        "who,time,what,value\r\n7,25:30,hr,\"72\"\r\n8,00:00,temp,<37.5\r\n".utf8)

    /// How many observations come out; none where the table is refused.
    private func count(_ bytes: [UInt8]) -> Int {
        let reader = try? TableReader(bytes, mapping: long(), receivedAt: received)
        return reader?.reduce(0) { $0 + ((try? $1.result.get().count) ?? 0) } ?? 0
    }

    @Test func `no truncation and no changed byte ends the process or makes more of it`() {
        for length in 0...good.count { #expect(count(Array(good.prefix(length))) <= 2) }
        for index in good.indices {
            for byte in UInt8.min...UInt8.max {
                var bad = good
                bad[index] = byte
                if count(bad) > 2 { Issue.record("byte \(byte) at \(index)") }
            }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `no mutation of a good table ends the process`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var taken = 0
        for _ in 0..<4_000 {
            var bad = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bad.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bad[index] = UInt8.random(in: .min ... .max, using: &random)
                case 1: bad.remove(at: index)
                default: bad.insert(bad[index], at: index)
                }
            }
            taken += count(bad)
        }
        #expect(taken > 0)
    }
}
