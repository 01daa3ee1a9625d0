import Testing
import TwinJSON
import TwinTestKit

@Suite struct JSONTests {
    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\":1,}", "01", "1.", ".5", "+1", "1e", "nul", "\"a", "\"\\x\"",
        "\"\u{1}\"", "[1] 2", "'a'", "{a:1}", "NaN", "Infinity", "1e999", "\"\\ud800\"",
        "\"\\u12g4\"",
        "// c\n1",
    ])
    func `what is not JSON is refused`(_ text: String) {
        #expect(throws: JSONError.self) { try JSON(reading: text) }
    }

    @Test func `a duplicate key is refused`() {
        #expect(throws: JSONError.duplicateKey("a", at: 8)) {
            try JSON(reading: "{\"a\":1,\"a\":2}")
        }
    }

    @Test func `depth is bounded`() {
        let text = String(repeating: "[", count: 17) + String(repeating: "]", count: 17)
        #expect(throws: Never.self) { try JSON(reading: text) }
        #expect(throws: JSONError.tooDeep(at: 17)) { try JSON(reading: "[[" + text + "]]") }
        #expect(throws: JSONError.self) {
            try JSON(reading: String(repeating: "[", count: 100_000))
        }
    }

    @Test func `numbers read back as the same bits`() throws {
        var random = SplitMix64(seed: 3)
        for _ in 0..<2_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            #expect(try JSON(reading: JSON.number(value).text) == .number(value))
        }
        let negativeZero = try JSON(reading: JSON.number(-0.0).text)
        #expect(negativeZero == .number(-0.0))
    }

    @Test func `texts read back as they were`() throws {
        let value = JSON.object([
            .init("a\"\\\n\u{1}é𝄞", .array([.null, .bool(true), .string("\t/")])),
            .init("", .object([])),
        ])
        #expect(try JSON(reading: value.text) == value)
        #expect(try JSON(reading: "\"\\u00e9\\ud834\\udd1e\\/\\b\"") == .string("é𝄞/\u{8}"))
    }
}
