/// A JSON text that was read strictly and whole: where each value is, nothing copied.
///
/// Numbers stay as they are written. It has one entry for each value and name, in the order of the
/// text, so that a walk over a part of it is a walk over a range.
public struct JSONDocument: Sendable {
    public let bytes: [UInt8]
    let entries: [Entry]

    struct Entry: Sendable {
        enum Kind: UInt8, Sendable { case null, bool, number, string, array, object, name }

        var kind: Kind
        /// Whether a string or name has escape sequences.
        var hasEscapes = false
        /// Strings and names without their quotes.
        var start: UInt32
        var end: UInt32
        /// The entry after this one and all that it holds.
        var next: UInt32 = 0
    }

    /// Refuses what is not JSON to the letter, duplicate names, and what exceeds a limit; only a
    /// byte order mark before it is passed over.
    public init(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        guard bytes.count <= limits.byteCountMax else { throw .tooLarge }
        var scanner = JSONScanner(bytes, limits)
        try scanner.scan()
        self.bytes = bytes
        entries = scanner.entries
    }

    public var root: JSONNode { JSONNode(document: self, index: 0) }
}

/// One value of a document.
public struct JSONNode: Sendable {
    public enum Kind: Sendable { case null, bool, number, string, array, object }

    public let document: JSONDocument
    let index: Int

    private var entry: JSONDocument.Entry { document.entries[index] }

    public var kind: Kind {
        switch entry.kind {
        case .null: .null
        case .bool: .bool
        case .number: .number
        case .string, .name: .string
        case .array: .array
        case .object: .object
        }
    }

    /// Its place in the text, quotes and brackets included.
    public var range: Range<Int> {
        let quote = kind == .string ? 1 : 0
        return Int(entry.start) - quote..<Int(entry.end) + quote
    }

    /// As it is written.
    public var written: ArraySlice<UInt8> { document.bytes[range] }

    /// The number as it is written; nil if it is none.
    public var numberText: String? {
        kind == .number ? String(decoding: written, as: UTF8.self) : nil
    }

    /// The number nearest to what is written; nil if it is none, or greater than any.
    public var number: Double? {
        numberText.flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
    }

    public var string: String? {
        kind == .string ? String(decoding: entry.decoded(in: document.bytes), as: UTF8.self) : nil
    }

    public var bool: Bool? { kind == .bool ? written.first == UInt8(ascii: "t") : nil }

    /// The values of an array; empty for anything else.
    public var elements: [JSONNode] {
        guard entry.kind == .array else { return [] }
        var elements: [JSONNode] = []
        var at = index + 1
        while at < Int(entry.next) {
            elements.append(JSONNode(document: document, index: at))
            at = Int(document.entries[at].next)
        }
        return elements
    }

    /// The members of an object; empty for anything else.
    public var members: [(name: String, value: JSONNode)] {
        var members: [(name: String, value: JSONNode)] = []
        forEachName { name, value in
            let text = String(
                decoding: document.entries[name].decoded(in: document.bytes), as: UTF8.self)
            members.append((text, JSONNode(document: document, index: value)))
            return true
        }
        return members
    }

    /// The member of that name; nil if there is none, or it is no object.
    public subscript(_ wanted: String) -> JSONNode? {
        var found: Int?
        forEachName { name, value in
            guard document.entries[name].stands(for: wanted.utf8, in: document.bytes) else {
                return true
            }
            found = value
            return false
        }
        return found.map { JSONNode(document: document, index: $0) }
    }

    /// It and every value within it, with the name that each has in its object.
    public func forEachDescendant(_ body: (_ name: String?, JSONNode) throws -> Void) rethrows {
        var name: String?
        for at in index..<Int(entry.next) {
            let entry = document.entries[at]
            if entry.kind == .name {
                name = String(decoding: entry.decoded(in: document.bytes), as: UTF8.self)
            } else {
                try body(name, JSONNode(document: document, index: at))
                name = nil
            }
        }
    }

    private func forEachName(_ body: (_ name: Int, _ value: Int) -> Bool) {
        guard entry.kind == .object else { return }
        var at = index + 1
        while at < Int(entry.next) {
            guard body(at, at + 1) else { return }
            at = Int(document.entries[at + 1].next)
        }
    }
}

extension JSONDocument.Entry {
    /// The bytes that a string or name of that text stands for.
    func decoded(in bytes: [UInt8]) -> [UInt8] {
        let written = bytes[Int(start)..<Int(end)]
        return hasEscapes ? JSONEscapes.undone(written) : Array(written)
    }

    func stands(for wanted: some Sequence<UInt8>, in bytes: [UInt8]) -> Bool {
        hasEscapes
            ? decoded(in: bytes).elementsEqual(wanted)
            : bytes[Int(start)..<Int(end)].elementsEqual(wanted)
    }
}

extension JSON {
    /// Reads one value; refuses duplicate names and whatever else readers disagree about.
    public init(reading text: String) throws(JSONError) {
        try self.init(JSONDocument(Array(text.utf8)).root)
    }

    /// The tree of a value, which is as deep as the document's limit let it be.
    public init(_ node: JSONNode) throws(JSONError) {
        switch node.kind {
        case .null: self = .null
        case .bool: self = .bool(node.bool == true)
        case .number:
            guard let number = node.number else {
                throw .malformed("a finite number", at: node.range.lowerBound)
            }
            self = .number(number)
        case .string: self = .string(node.string ?? "")
        case .array:
            var values: [JSON] = []
            for element in node.elements { values.append(try JSON(element)) }
            self = .array(values)
        case .object:
            var members: [Member] = []
            for (name, value) in node.members { members.append(Member(name, try JSON(value))) }
            self = .object(members)
        }
    }
}
