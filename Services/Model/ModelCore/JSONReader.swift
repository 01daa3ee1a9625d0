/// Reads JSON strictly: no duplicate keys, no trailing commas, no comments, bounded in size, depth
/// and count of values.
struct JSONReader {
    static let byteCountMax = 4 << 20
    static let depthMax = 16
    static let valueCountMax = 200_000

    private let bytes: [UInt8]
    private var at = 0
    private var valueCount = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The one value of the text.
    static func read(_ bytes: [UInt8]) throws(JSONError) -> JSON {
        guard bytes.count <= byteCountMax else { throw .tooLarge }
        var reader = JSONReader(bytes)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.at == bytes.count else { throw .malformed("the end", at: reader.at) }
        return value
    }

    private var byte: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while let next = byte, next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 {
            at += 1
        }
    }

    /// Goes past white space and `expected`, if it is there.
    private mutating func take(_ expected: Unicode.Scalar) -> Bool {
        skipSpace()
        guard byte == UInt8(ascii: expected) else { return false }
        at += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSON {
        valueCount += 1
        guard valueCount <= JSONReader.valueCountMax else { throw .tooLarge }
        guard depth <= JSONReader.depthMax else { throw .tooDeep(at: at) }
        if take("{") { return try object(depth: depth) }
        if take("[") { return try array(depth: depth) }
        if take("\"") { return .string(try string()) }
        for (word, value) in [("null", JSON.null), ("true", .bool(true)), ("false", .bool(false))]
        where bytes[at...].starts(with: word.utf8) {
            at += word.utf8.count
            return value
        }
        return .number(try number())
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSON {
        var members: [JSON.Member] = []
        var names: Set<String> = []
        if take("}") { return .object(members) }
        repeat {
            guard take("\"") else { throw .malformed("a key", at: at) }
            let start = at
            let name = try string()
            guard names.insert(name).inserted else { throw .duplicateKey(name, at: start) }
            guard take(":") else { throw .malformed("a colon", at: at) }
            members.append(JSON.Member(name, try value(depth: depth + 1)))
        } while take(",")
        guard take("}") else { throw .malformed("a comma or }", at: at) }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSON {
        var values: [JSON] = []
        if take("]") { return .array(values) }
        repeat {
            values.append(try value(depth: depth + 1))
        } while take(",")
        guard take("]") else { throw .malformed("a comma or ]", at: at) }
        return .array(values)
    }

    private mutating func number() throws(JSONError) -> Double {
        let start = at
        if byte == UInt8(ascii: "-") { at += 1 }
        let whole = digits()
        guard whole > 0, whole == 1 || bytes[at - whole] != UInt8(ascii: "0") else {
            throw .malformed("a value", at: start)
        }
        if byte == UInt8(ascii: ".") {
            at += 1
            guard digits() > 0 else { throw .malformed("a digit", at: at) }
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            at += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { at += 1 }
            guard digits() > 0 else { throw .malformed("a digit", at: at) }
        }
        guard at - start <= 64 else { throw .malformed("at most 64 digits", at: start) }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw .malformed("a finite number", at: start)
        }
        return value
    }

    private mutating func digits() -> Int {
        let start = at
        while let next = byte, (0x30...0x39).contains(next) { at += 1 }
        return at - start
    }

    /// The rest of a string whose quote was taken.
    private mutating func string() throws(JSONError) -> String {
        let start = at
        var text: [UInt8] = []
        while let next = byte {
            at += 1
            switch next {
            case UInt8(ascii: "\""):
                guard let valid = String(validating: text, as: UTF8.self) else {
                    throw .malformed("UTF-8", at: start)
                }
                return valid
            case UInt8(ascii: "\\"): text += String(try escape()).utf8
            case ..<0x20: throw .malformed("no control character", at: at - 1)
            default: text.append(next)
            }
        }
        throw .malformed("a quote", at: at)
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        guard let next = byte else { throw .malformed("an escape", at: at) }
        at += 1
        switch next {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return .init(next)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw .malformed("an escape", at: at - 1)
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let start = at
        var code = try hexadecimal()
        if (0xD800..<0xDC00).contains(code), bytes[at...].starts(with: "\\u".utf8) {
            at += 2
            let low = try hexadecimal()
            guard (0xDC00..<0xE000).contains(low) else { throw .malformed("a pair", at: start) }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw .malformed("a scalar", at: start) }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let next = byte, let digit = Character(Unicode.Scalar(next)).hexDigitValue else {
                throw .malformed("four hexadecimal digits", at: at)
            }
            code = code << 4 | UInt32(digit)
            at += 1
        }
        return code
    }
}

extension JSON {
    /// Reads one value; refuses duplicate keys and whatever else readers disagree about.
    public init(reading text: String) throws(JSONError) {
        self = try JSONReader.read(Array(text.utf8))
    }
}
