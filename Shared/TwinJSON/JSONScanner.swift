/// Finds the values of a text, within limits and without recursion.
struct JSONScanner {
    private struct Container {
        /// Its entry.
        let index: Int
        let isObject: Bool
        var count = 0
        /// Where the names of an object are listed, from the first.
        let firstName: Int
        /// The names, once they are too many to be compared one by one.
        var nameSet: Set<[UInt8]>?
    }

    /// Up to so many names are compared one by one.
    private static let comparedCountMax = 16

    private(set) var entries: [JSONDocument.Entry] = []
    private let bytes: [UInt8]
    private let limits: JSONLimits
    private var at = 0
    private var valueCount = 0
    private var open: [Container] = []
    /// The entries of the names of the open objects.
    private var names: [Int] = []

    init(_ bytes: [UInt8], _ limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    }

    mutating func scan() throws(JSONError) {
        try value()
        while !open.isEmpty { try step() }
        skipSpace()
        guard at == bytes.count else { throw .malformed("the end", at: at) }
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

    /// The next value of the innermost array or object, or its end.
    private mutating func step() throws(JSONError) {
        let last = open.count - 1
        let isObject = open[last].isObject
        if take(isObject ? "}" : "]") { return close() }
        if open[last].count > 0, !take(",") {
            throw .malformed(isObject ? "a comma or }" : "a comma or ]", at: at)
        }
        open[last].count += 1
        if isObject {
            try name()
            guard take(":") else { throw .malformed("a colon", at: at) }
        }
        try value()
    }

    private mutating func close() {
        let container = open.removeLast()
        names.removeSubrange(container.firstName...)
        entries[container.index].end = UInt32(at)
        entries[container.index].next = UInt32(entries.count)
    }

    private mutating func value() throws(JSONError) {
        skipSpace()
        guard open.count <= limits.depthMax else { throw .tooDeep(at: at) }
        valueCount += 1
        guard valueCount <= limits.valueCountMax else { throw .tooMany(at: at) }
        let start = at
        switch byte {
        case UInt8(ascii: "{"): begin(.object)
        case UInt8(ascii: "["): begin(.array)
        case UInt8(ascii: "\""): try string(.string)
        case UInt8(ascii: "n"): try word("null", .null)
        case UInt8(ascii: "t"): try word("true", .bool)
        case UInt8(ascii: "f"): try word("false", .bool)
        default:
            try number()
            add(.number, start, at)
        }
    }

    private mutating func begin(_ kind: JSONDocument.Entry.Kind) {
        open.append(
            Container(
                index: entries.count, isObject: kind == .object, firstName: names.count))
        add(kind, at, at)
        at += 1
    }

    private mutating func add(
        _ kind: JSONDocument.Entry.Kind, _ start: Int, _ end: Int, hasEscapes: Bool = false
    ) {
        entries.append(
            JSONDocument.Entry(
                kind: kind, hasEscapes: hasEscapes, start: UInt32(start), end: UInt32(end),
                next: UInt32(entries.count + 1)))
    }

    private mutating func word(
        _ word: String, _ kind: JSONDocument.Entry.Kind
    ) throws(JSONError) {
        guard bytes[at...].starts(with: word.utf8) else { throw .malformed("a value", at: at) }
        add(kind, at, at + word.utf8.count)
        at += word.utf8.count
    }

    private mutating func name() throws(JSONError) {
        skipSpace()
        guard byte == UInt8(ascii: "\"") else { throw .malformed("a key", at: at) }
        try string(.name)
        let index = entries.count - 1
        let name = entries[index].decoded(in: bytes)
        if isTaken(name) {
            throw .duplicateKey(
                String(decoding: name, as: UTF8.self), at: Int(entries[index].start))
        }
        names.append(index)
    }

    /// Whether the innermost object has that name already; it has it from now on.
    private mutating func isTaken(_ name: [UInt8]) -> Bool {
        let last = open.count - 1
        if open[last].nameSet != nil {
            return open[last].nameSet?.insert(name).inserted == false
        }
        let others = names[open[last].firstName...]
        if others.contains(where: { entries[$0].stands(for: name, in: bytes) }) { return true }
        if others.count >= JSONScanner.comparedCountMax {
            open[last].nameSet = Set(others.map { entries[$0].decoded(in: bytes) } + [name])
        }
        return false
    }

    private mutating func string(_ kind: JSONDocument.Entry.Kind) throws(JSONError) {
        at += 1
        let start = at
        var hasEscapes = false
        var isASCII = true
        while let next = byte {
            guard at - start <= limits.stringByteCountMax else { throw .tooLong(at: start) }
            switch next {
            case UInt8(ascii: "\""):
                try prove(start, isASCII)
                add(kind, start, at, hasEscapes: hasEscapes)
                at += 1
                return
            case UInt8(ascii: "\\"):
                hasEscapes = true
                guard let (_, end) = JSONEscapes.scalar(in: bytes[...], at: at) else {
                    throw .malformed("an escape", at: at)
                }
                at = end
            case ..<0x20: throw .malformed("no control character", at: at)
            default:
                if next >= 0x80 { isASCII = false }
                at += 1
            }
        }
        throw .malformed("a quote", at: at)
    }

    private func prove(_ start: Int, _ isASCII: Bool) throws(JSONError) {
        guard isASCII || String(validating: bytes[start..<at], as: UTF8.self) != nil else {
            throw .malformed("UTF-8", at: start)
        }
    }

    private mutating func number() throws(JSONError) {
        let start = at
        if byte == UInt8(ascii: "-") { at += 1 }
        let whole = digits()
        guard whole > 0, whole == 1 || bytes[at - whole] != UInt8(ascii: "0") else {
            throw .malformed("a value", at: start)
        }
        var digitCount = whole
        if byte == UInt8(ascii: ".") {
            at += 1
            let fraction = digits()
            guard fraction > 0 else { throw .malformed("a digit", at: at) }
            digitCount += fraction
        }
        guard digitCount <= limits.digitCountMax else { throw .numberOutOfBounds(at: start) }
        guard byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") else { return }
        at += 1
        if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { at += 1 }
        let exponent = digits()
        guard exponent > 0 else { throw .malformed("a digit", at: at) }
        guard exponent <= 4,
            let size = Int(String(decoding: bytes[(at - exponent)..<at], as: UTF8.self)),
            size <= limits.exponentMax
        else { throw .numberOutOfBounds(at: start) }
    }

    private mutating func digits() -> Int {
        let start = at
        while let next = byte, (0x30...0x39).contains(next) { at += 1 }
        return at - start
    }
}
