import IngestCore
import Testing
import TwinCore

struct DecimalTests {
    private func number(_ text: String) -> Double? { Decimal.number(Array(text.utf8).span) }

    @Test(arguments: [
        ("0", 0.0), ("72", 72), ("-5", -5), ("+5", 5), ("7.31", 7.31), (".5", 0.5), ("5.", 5),
        ("0.1", 0.1), ("1.76", 1.76), ("123456789012345", 123_456_789_012_345),
        ("3.14159265358979323846", 3.14159265358979323846), ("310.15", 310.15),
    ])
    func `a decimal is the nearest double`(text: String, expected: Double) {
        #expect(number(text) == expected)
    }

    @Test(arguments: [
        "", " ", ".", "-", "+", "37,5", "1e5", "1e999", "NaN", "inf", "Infinity", "0x10", "++1",
        "1.2.3", "7 0", "7\u{0}0", "٣", "--", "1-", String(repeating: "9", count: 41),
    ])
    func `what is not a decimal is no number`(text: String) {
        #expect(number(text) == nil)
    }

    @Test func `a comparator is kept beside its number`() throws {
        func comparison(_ text: String) -> (Double, Comparator)? {
            Decimal.comparison(Array(text.utf8).span)
        }
        #expect(try #require(comparison("<5")) == (5, .less))
        #expect(try #require(comparison("<= 0.5")) == (0.5, .lessOrEqual))
        #expect(try #require(comparison(">200")) == (200, .greater))
        #expect(try #require(comparison(">=7")) == (7, .greaterOrEqual))
        #expect(try #require(comparison("12")) == (12, .equal))
        #expect(comparison("<>7") == nil)
        #expect(comparison("<") == nil)
        #expect(comparison("=<5") == nil)
    }
}
