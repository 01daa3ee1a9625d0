import Testing
import TwinJSON
import TwinTestKit

/// The strict reader of JSON: places, limits, damage.
struct DocumentTests {
    private static func document(
        _ text: String, _ limits: JSONLimits = JSONLimits()
    ) throws -> JSONNode { try JSONDocument(Array(text.utf8), limits: limits).root }

    @Test func `numbers stay as they are written`() throws {
        let node = try Self.document(#"{"a": 15.00, "b": [-0, 8.2e3, 6.30E-1]}"#)
        #expect(node["a"]?.numberText == "15.00")
        #expect(node["b"]?.elements.map(\.numberText) == ["-0", "8.2e3", "6.30E-1"])
        #expect(node["b"]?.elements.map(\.number) == [-0.0, 8200, 0.63])
    }

    @Test func `every value knows its place`() throws {
        let text = #" {"a":"x\u0041", "b":[{}, [1,2], null], "c":true}"#
        let node = try Self.document(text)
        let bytes = Array(text.utf8)
        func written(_ node: JSONNode?) -> String? {
            node.map { String(decoding: bytes[$0.range], as: UTF8.self) }
        }
        #expect(written(node) == String(text.dropFirst()))
        #expect(written(node["a"]) == #""x\u0041""#)
        #expect(node["a"]?.string == "xA")
        #expect(node["b"]?.elements.map { written($0) } == ["{}", "[1,2]", "null"])
        #expect(node["c"]?.bool == true)
        #expect(node["d"] == nil)
        #expect(node.members.map(\.name) == ["a", "b", "c"])
    }

    @Test func `names that differ only in how they are written are the same`() {
        #expect(throws: JSONError.duplicateKey("a", at: 8)) {
            try Self.document(#"{"a":1,"\u0061":2}"#)
        }
        let many = (0..<40).map { "\"k\($0)\":\($0)" }
        #expect(throws: Never.self) { try Self.document("{\(many.joined(separator: ","))}") }
        #expect(throws: JSONError.self) {
            try Self.document("{\((many + ["\"k3\":0"]).joined(separator: ","))}")
        }
        // Of another object it is no duplicate.
        #expect(throws: Never.self) {
            try Self.document(#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}"#)
        }
    }

    @Test func `each limit holds`() {
        func error(_ text: String, _ change: (inout JSONLimits) -> Void) -> JSONError? {
            var limits = JSONLimits()
            change(&limits)
            do throws(JSONError) {
                _ = try JSONDocument(Array(text.utf8), limits: limits)
                return nil
            } catch { return error }
        }
        #expect(error("[1]") { $0.byteCountMax = 2 } == .tooLarge)
        #expect(error("[1,2]") { $0.valueCountMax = 2 } == .tooMany(at: 3))
        #expect(error("[1,2]") { $0.valueCountMax = 3 } == nil)
        #expect(error("\"abcd\"") { $0.stringByteCountMax = 3 } == .tooLong(at: 1))
        #expect(error("[[1]]") { $0.depthMax = 1 } == .tooDeep(at: 2))
        #expect(error("123.45") { $0.digitCountMax = 4 } == .numberOutOfBounds(at: 0))
        #expect(error("1e31") { $0.exponentMax = 30 } == .numberOutOfBounds(at: 0))
        #expect(error("1e99999999999999999999") { _ in } == .numberOutOfBounds(at: 0))
    }

    @Test(arguments: [
        [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xFF], [0xE2, 0x82], [0xF5, 0x80, 0x80, 0x80],
    ])
    func `what is no UTF-8 is refused in names and values`(bad: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        let text = [quote] + bad + [quote]
        #expect(throws: JSONError.self) { try JSONDocument(text) }
        #expect(throws: JSONError.self) {
            try JSONDocument([UInt8(ascii: "{")] + text + Array(":1}".utf8))
        }
    }

    @Test func `half a pair is no character`() {
        for text in [#""\udc00""#, #""\ud834\u0041""#, #""\ud834x""#, #""\ud834\ud834""#] {
            #expect(throws: JSONError.self) { try Self.document(text) }
        }
    }

    @Test func `damage is refused or read to the end, and never leads outside of the text`() {
        let sample = Array(
            #"{"a":[1,-2.50e+3,"x\"\ud834\udd1e\n",{"b":null,"é":[true,false,[]]}],"c":{}}"#.utf8)
        var readCount = 0
        let check: ([UInt8]) -> Void = { bytes in
            guard let document = try? JSONDocument(bytes) else { return }
            readCount += 1
            document.root.forEachDescendant { _, node in
                if node.range.upperBound > bytes.count || node.range.isEmpty {
                    Issue.record("a place outside of the text")
                }
                _ = (node.string, node.number, node.members.count, node.elements.count)
            }
        }
        Mutations.truncations(of: sample, check)
        #expect(readCount == 0)
        Mutations.singleByteChanges(of: sample, changes: Mutations.interesting, check)
        Mutations.random(of: [sample], count: 20_000, seed: 5, check)
        #expect(readCount > 100)
    }
}
