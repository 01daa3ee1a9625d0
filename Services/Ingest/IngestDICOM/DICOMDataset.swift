public import TwinCore
import TwinDeflate

/// A parsed DICOM data set: what lies where, and the values that are asked for.
///
/// No dictionary of elements is needed: who asks for an element knows what it is.
public struct DICOMDataset: Sendable {
    let bytes: [UInt8]
    let nodes: [DICOMNode]
    let isBigEndian: Bool
    public let syntax: DICOMSyntax
    /// Whether some element was of a kind that is not known; it was read as bytes.
    public let hasOddKinds: Bool

    public init(
        _ bytes: [UInt8], from start: Int = 0, syntax: DICOMSyntax,
        limits: DICOMLimits = DICOMLimits()
    ) throws(Refusal) {
        precondition((0...bytes.count).contains(start))
        var bytes = bytes
        var start = start
        if syntax.isDeflated {
            do {
                bytes = try Inflater.all(
                    of: bytes, from: start, container: .raw, countMax: limits.inflatedMax)
            } catch {
                throw Refusal(
                    error == .tooLarge ? .tooLarge : .malformed,
                    "the deflated DICOM data set is \(error)")
            }
            start = 0
        }
        let parser = try DICOMParser.parse(bytes, from: start, syntax, limits)
        self.bytes = bytes
        self.syntax = syntax
        isBigEndian = syntax.isBigEndian
        nodes = parser.nodes
        hasOddKinds = parser.hasOddKinds
    }

    /// The elements of the data set itself.
    public var root: DICOMItem { DICOMItem(dataset: self, nodes: 0..<nodes.count) }
}

/// The elements of a data set or of an item of a sequence.
public struct DICOMItem: Sendable {
    public let dataset: DICOMDataset
    let nodes: Range<Int>

    /// The element's node; nil where there is none.
    func node(_ tag: DICOMTag) -> DICOMNode? {
        var index = nodes.lowerBound
        while index < nodes.upperBound {
            let node = dataset.nodes[index]
            if node.tag == tag { return node }
            index = node.next
        }
        return nil
    }

    public func has(_ tag: DICOMTag) -> Bool { node(tag) != nil }

    /// Every element, sequences without what is in them.
    public var elements: [(tag: DICOMTag, kind: DICOMKind, range: Range<Int>)] {
        var all: [(DICOMTag, DICOMKind, Range<Int>)] = []
        var index = nodes.lowerBound
        while index < nodes.upperBound {
            let node = dataset.nodes[index]
            all.append((node.tag, node.kind, node.start..<max(node.start, node.end)))
            index = node.next
        }
        return all
    }

    /// The bytes of a value as they are.
    public func bytes(_ tag: DICOMTag) -> ArraySlice<UInt8>? {
        node(tag).map { dataset.bytes[$0.start..<max($0.start, $0.end)] }
    }

    /// The items of a sequence; none where there is no sequence.
    public func items(_ tag: DICOMTag) -> [DICOMItem] {
        var index = nodes.lowerBound
        while index < nodes.upperBound, dataset.nodes[index].tag != tag {
            index = dataset.nodes[index].next
        }
        guard index < nodes.upperBound else { return [] }
        let end = dataset.nodes[index].next
        var items: [DICOMItem] = []
        index += 1
        while index < end {
            let next = dataset.nodes[index].next
            items.append(DICOMItem(dataset: dataset, nodes: index + 1..<next))
            index = next
        }
        return items
    }

    /// The fragments of encapsulated pixels, the offset table first.
    func fragments(_ tag: DICOMTag) -> [Range<Int>] {
        guard let index = nodes.first(where: { dataset.nodes[$0].tag == tag }) else { return [] }
        return (index + 1..<dataset.nodes[index].next).map {
            dataset.nodes[$0].start..<dataset.nodes[$0].end
        }
    }

    /// Text in ASCII, without the padding: identifiers, codes, dates, numbers.
    public func word(_ tag: DICOMTag) -> String? {
        guard let bytes = bytes(tag), bytes.count <= 1 << 16 else { return nil }
        return DICOMText.trimmed(String(decoding: bytes, as: UTF8.self))
    }

    /// The values of decimal or integer text; nil where one is no number.
    public func decimals(_ tag: DICOMTag) -> [Double]? {
        guard let bytes = bytes(tag), !bytes.isEmpty else { return nil }
        var values: [Double] = []
        for part in bytes.split(separator: 0x5C, omittingEmptySubsequences: false) {
            guard let value = Double(DICOMText.trimmed(String(decoding: part, as: UTF8.self))),
                value.isFinite
            else { return nil }
            values.append(value)
        }
        return values
    }

    public func decimal(_ tag: DICOMTag) -> Double? { decimals(tag)?.first }

    private func unsigned(_ tag: DICOMTag, _ size: Int) -> [UInt64]? {
        guard let bytes = bytes(tag), !bytes.isEmpty, bytes.count % size == 0 else { return nil }
        return stride(from: bytes.startIndex, to: bytes.endIndex, by: size).map { place in
            (0..<size).reduce(0) { word, index in
                word << 8
                    | UInt64(bytes[place + (dataset.isBigEndian ? index : size - 1 - index)])
            }
        }
    }

    public func unsigned16(_ tag: DICOMTag) -> Int? {
        unsigned(tag, 2)?.first.map { Int($0) }
    }

    public func unsigned32(_ tag: DICOMTag) -> [Int]? { unsigned(tag, 4)?.map { Int($0) } }

    public func double64(_ tag: DICOMTag) -> [Double]? {
        unsigned(tag, 8)?.map { Double(bitPattern: $0) }
    }

    /// Whole numbers in text.
    public func integer(_ tag: DICOMTag) -> Int? { word(tag).flatMap { Int($0) } }
}
