import IngestTable
import Testing
import TwinCore
import TwinTestKit

struct CSVReaderTests {
    private func fields(
        _ text: String, limits: CSVReader.Limits = CSVReader.Limits()
    ) throws -> [[String]?] {
        try CSVReader(Array(text.utf8), limits: limits).map { try? $0.fields.get() }
    }

    @Test(
        arguments: [
            ("", []), ("a", [["a"]]), ("a,b\n", [["a", "b"]]),
            ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]),
            ("\u{FEFF}a,b", [["a", "b"]]), ("\n\na\n\n\nb\n\n", [["a"], ["b"]]),
            (",\n", [["", ""]]), ("a,\"b,c\"", [["a", "b,c"]]), ("\"a\"\"b\"", [["a\"b"]]),
            ("\"a\nb\",c\nd,e", [["a\nb", "c"], ["d", "e"]]), ("\"\"", [[""]]),
            ("a,=HYPERLINK(\"x\")", [["a", "=HYPERLINK(\"x\")"]]), ("a\rb", [["a\rb"]]),
        ] as [(String, [[String]])])
    func `records are read as written`(text: String, expected: [[String]]) throws {
        #expect(try fields(text) == expected)
    }

    @Test func `a broken record costs one line`() throws {
        #expect(try fields("a,\"b\nc,d\ne,f") == [nil, ["c", "d"], ["e", "f"]])
        #expect(try fields("a,\"b\"x\nc,d") == [nil, ["c", "d"]])
        let invalid = try CSVReader([0x61, 0xFF, 0x0A, 0x62]).map { try? $0.fields.get() }
        #expect(invalid == [nil, ["b"]])
    }

    @Test func `lines are counted as an editor counts them`() throws {
        let records = Array(try CSVReader(Array("a\n\"b\nc\"\n\nd\n\"x\ne".utf8)))
        #expect(records.map(\.line) == [1, 2, 5, 6, 7])
        #expect(records.map(\.byteRange) == [0..<1, 2..<7, 9..<10, 11..<13, 14..<15])
    }

    @Test func `what is too large is refused`() throws {
        let limits = CSVReader.Limits(byteCountMax: 40, fieldCountMax: 3, fieldByteCountMax: 5)
        #expect(try fields("a,b,c\na,b,c,d", limits: limits) == [["a", "b", "c"], nil])
        #expect(try fields("12345\n123456\n\"123456\"", limits: limits) == [["12345"], nil, nil])
        #expect(throws: Refusal.self) {
            try CSVReader([UInt8](repeating: 0x61, count: 41), limits: limits)
        }
        #expect(throws: Refusal.self) { try CSVReader([0xFF, 0xFE, 0x61, 0x00]) }
    }

    @Test func `every truncation and every changed byte is read or refused`() throws {
        let good = Array("\u{FEFF}a,\"b \"\"q\"\"\",c\r\n1,\"2\n3\",é\n\n".utf8)
        for length in 0...good.count {
            #expect(try CSVReader(Array(good.prefix(length))).reduce(0) { n, _ in n + 1 } <= 4)
        }
        var sum = 0
        for index in good.indices {
            for byte in UInt8.min...UInt8.max {
                var bad = good
                bad[index] = byte
                if let reader = try? CSVReader(bad) { sum += reader.reduce(0) { n, _ in n + 1 } }
            }
        }
        #expect(sum > 0)
    }
}
