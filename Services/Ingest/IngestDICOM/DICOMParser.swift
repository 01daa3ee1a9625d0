import TwinCore

/// One element, item or fragment; what is within it follows it, up to `next`.
struct DICOMNode: Hashable {
    var tag: DICOMTag
    var kind: DICOMKind
    /// The bytes of its value; of a sequence or item, all that is in it.
    var start: Int
    var end: Int
    /// The number of the first node that is not within it.
    var next: Int
}

/// Reads a data set into a list of nodes, without recursion: what is open lies on a bounded stack.
struct DICOMParser {
    private enum Content {
        case elements
        case items
        case fragments
    }

    private struct Frame {
        var content: Content
        var node: Int
        /// Where it ends, if its length is known; what it holds must end before `limit`.
        var end: Int?
        var limit: Int
        var isExplicit: Bool
    }

    private static let unknownLength = UInt32.max

    private let bytes: [UInt8]
    private let isBigEndian: Bool
    private let limits: DICOMLimits
    private var place: Int
    private var frames: [Frame]
    private(set) var nodes: [DICOMNode] = []
    private(set) var hasOddKinds = false

    private init(_ bytes: [UInt8], from start: Int, _ syntax: DICOMSyntax, _ limits: DICOMLimits) {
        self.bytes = bytes
        self.limits = limits
        isBigEndian = syntax.isBigEndian
        place = start
        frames = [
            Frame(
                content: .elements, node: -1, end: bytes.count, limit: bytes.count,
                isExplicit: syntax.isExplicit)
        ]
    }

    static func parse(
        _ bytes: [UInt8], from start: Int, _ syntax: DICOMSyntax, _ limits: DICOMLimits
    ) throws(Refusal) -> DICOMParser {
        var parser = DICOMParser(bytes, from: start, syntax, limits)
        while let frame = parser.frames.last {
            if frame.end == parser.place {
                parser.close()
            } else {
                try parser.step(frame)
            }
        }
        return parser
    }

    private func refuse(_ what: String) -> Refusal {
        Refusal(.malformed, "\(what) at byte \(place) of a DICOM data set")
    }

    /// What is open ends here.
    private mutating func close() {
        guard let frame = frames.popLast(), frame.node >= 0 else { return }
        nodes[frame.node].next = nodes.count
        if frame.end == nil { nodes[frame.node].end = place }
    }

    private func word(_ place: Int, _ count: Int) -> UInt32 {
        var word: UInt32 = 0
        for index in 0..<count {
            word = word << 8 | UInt32(bytes[place + (isBigEndian ? index : count - 1 - index)])
        }
        return word
    }

    private mutating func step(_ frame: Frame) throws(Refusal) {
        guard frame.limit - place >= 8 else {
            throw refuse(frame.end == nil ? "a sequence without an end" : "an element cut short")
        }
        let tag = DICOMTag(word(place, 2) << 16 | word(place + 2, 2))
        if tag.group == 0xFFFE { return try delimiter(tag, frame) }
        guard frame.content == .elements else { throw refuse("\(tag) among items") }
        try element(tag, frame)
    }

    private mutating func delimiter(_ tag: DICOMTag, _ frame: Frame) throws(Refusal) {
        let length = word(place + 4, 4)
        place += 8
        switch (tag, frame.content) {
        case (.item, .items), (.item, .fragments):
            try open(
                tag, .unsaid, length, frame.content == .fragments ? nil : .elements,
                isExplicit: frame.isExplicit)
        case (.itemEnd, .elements) where frame.end == nil && length == 0,
            (.sequenceEnd, .items) where frame.end == nil && length == 0,
            (.sequenceEnd, .fragments) where frame.end == nil && length == 0:
            // The value ends before the delimiter.
            place -= 8
            close()
            place += 8
        default: throw refuse("a delimiter out of place")
        }
    }

    private mutating func element(_ tag: DICOMTag, _ frame: Frame) throws(Refusal) {
        var kind = DICOMKind.unsaid
        let length: UInt32
        if frame.isExplicit {
            kind = DICOMKind(bytes[place + 4], bytes[place + 5])
            guard kind.isLetters else { throw refuse("no kind of value for \(tag)") }
            if kind.isShort {
                length = word(place + 6, 2)
                place += 8
            } else {
                guard frame.limit - place >= 12 else { throw refuse("an element cut short") }
                length = word(place + 8, 4)
                place += 12
                if !DICOMParser.long.contains(kind) {
                    hasOddKinds = true
                    kind = .unknown
                }
            }
        } else {
            length = word(place + 4, 4)
            place += 8
        }
        let isUnknown = length == DICOMParser.unknownLength
        var content: Content?
        var isExplicit = frame.isExplicit
        if kind == .sequence {
            content = .items
        } else if isUnknown && tag == .pixels {
            content = .fragments
        } else if isUnknown && (kind == .unknown || kind == .unsaid) {
            // A sequence of unknown kind is written without kinds.
            content = .items
            isExplicit = false
        } else if isUnknown {
            throw refuse("\(tag) of kind \(kind) without a length")
        } else if kind == .unsaid && looksLikeItems(length, frame) {
            content = .items
        }
        try open(tag, kind, length, content, isExplicit: isExplicit)
    }

    private static let long: Set<DICOMKind> = Set(
        ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"].map(
            DICOMKind.init))

    /// Whether what has no kind begins as an item does: its tag, and a length that fits.
    private func looksLikeItems(_ length: UInt32, _ frame: Frame) -> Bool {
        guard length >= 8, length <= frame.limit - place else { return false }
        let tag = DICOMTag(word(place, 2) << 16 | word(place + 2, 2))
        let inner = word(place + 4, 4)
        return tag == .item && (inner == DICOMParser.unknownLength || inner <= length - 8)
    }

    /// Notes a node at the place of its value, and goes into it or past it.
    private mutating func open(
        _ tag: DICOMTag, _ kind: DICOMKind, _ length: UInt32, _ content: Content?,
        isExplicit: Bool
    ) throws(Refusal) {
        let limit = frames[frames.count - 1].limit
        let isUnknown = length == DICOMParser.unknownLength
        guard isUnknown ? content != nil : Int(length) <= limit - place else {
            throw refuse("\(tag) of \(length) bytes where \(limit - place) are left")
        }
        guard nodes.count < limits.elementsMax else {
            throw Refusal(.tooLarge, "more than \(limits.elementsMax) DICOM elements")
        }
        let end = isUnknown ? place : place + Int(length)
        nodes.append(
            DICOMNode(tag: tag, kind: kind, start: place, end: end, next: nodes.count + 1))
        guard let content else {
            place = end
            return
        }
        // A sequence and its item are one level.
        guard frames.count <= 2 * limits.depthMax else {
            throw Refusal(.tooLarge, "DICOM sequences more than \(limits.depthMax) deep")
        }
        frames.append(
            Frame(
                content: content, node: nodes.count - 1, end: isUnknown ? nil : end,
                limit: isUnknown ? limit : end, isExplicit: isExplicit))
    }
}
