public import TwinCore

/// A file as part 10 of DICOM says: preamble, meta information, data set.
public struct DICOMFile: Sendable {
    public let meta: DICOMDataset
    public let dataset: DICOMDataset

    public static func isLikely(_ bytes: [UInt8]) -> Bool {
        bytes.count > 132 && bytes[128..<132].elementsEqual("DICM".utf8)
    }

    public init(
        _ bytes: [UInt8], limits: DICOMLimits = DICOMLimits()
    ) throws(Refusal) {
        guard DICOMFile.isLikely(bytes) else {
            throw Refusal(.malformed, "no DICOM file: DICM is not at byte 128")
        }
        let end = try DICOMFile.metaEnd(bytes)
        meta = try DICOMDataset(
            Array(bytes[132..<end]), syntax: .explicitLittle, limits: limits)
        let root = meta.root
        if let said = root.unsigned32(0x0002_0000)?.first, said != end - 132 - 12 {
            throw Refusal(.malformed, "the DICOM meta information is not \(said) bytes long")
        }
        guard let syntax = root.word(0x0002_0010), !syntax.isEmpty else {
            throw Refusal(.malformed, "a DICOM file without a transfer syntax")
        }
        dataset = try DICOMDataset(bytes, from: end, syntax: DICOMSyntax(syntax), limits: limits)
    }

    /// Where the elements of group 2 end; what the file says of that is checked afterwards.
    private static func metaEnd(_ bytes: [UInt8]) throws(Refusal) -> Int {
        var place = 132
        while bytes.count - place >= 8, bytes[place] == 2, bytes[place + 1] == 0 {
            let kind = DICOMKind(bytes[place + 4], bytes[place + 5])
            func word(_ start: Int, _ count: Int) -> Int {
                (0..<count).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) }
            }
            guard kind.isLetters, kind.isShort || bytes.count - place >= 12 else {
                throw Refusal(.malformed, "the DICOM meta information is damaged")
            }
            let length = kind.isShort ? word(place + 6, 2) : word(place + 8, 4)
            place += kind.isShort ? 8 : 12
            guard length <= bytes.count - place else {
                throw Refusal(.malformed, "the DICOM meta information is cut short")
            }
            place += length
        }
        return place
    }

    /// The files that a DICOMDIR names, as paths from its folder.
    public var referencedFiles: [String] {
        dataset.root.items(0x0004_1220).compactMap { record in
            guard let path = record.word(0x0004_1500), !path.isEmpty else { return nil }
            let parts = path.split(separator: "\\").map(String.init)
            // A path never leads out of the folder.
            let isSafe = parts.allSatisfy { $0 != ".." && $0 != "." && !$0.contains("/") }
            return isSafe && !parts.isEmpty ? parts.joined(separator: "/") : nil
        }
    }
}
