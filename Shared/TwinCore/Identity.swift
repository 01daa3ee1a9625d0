/// The name of one patient's twin: `AUTHORITY|identifier`, or the bare identifier where no
/// authority assigned it.
///
/// Two authorities may give the same number to two people, so the authority is part of the name.
public struct TwinID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let byteCountMax = 256

    public let text: String

    /// Nil unless `text` has 1 to 256 bytes and no control characters.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= TwinID.byteCountMax,
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
            )
        else { return nil }
        self.text = text
    }

    /// The identifier without its authority.
    public var identifier: Substring {
        guard let bar = text.lastIndex(of: "|") else { return text[...] }
        return text[text.index(after: bar)...]
    }

    /// The authority that assigned the identifier; nil where none is known.
    public var authority: Substring? {
        text.lastIndex(of: "|").map { text[..<$0] }
    }

    public var description: String { text }

    public static func < (left: TwinID, right: TwinID) -> Bool { left.text < right.text }
}

/// How many changes of one twin the store had committed: 0 before the first.
public typealias Revision = UInt64

/// Where an observation comes from: the sending application, device or channel, as it names itself.
public typealias Source = String

/// The name of one ingest process's outbox; offsets count within it.
public typealias IngestID = String

/// The SHA-256 of an artifact file: its identity.
public struct ArtifactID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public let hex: String

    /// Nil unless `hex` is 64 lower-case hexadecimal digits.
    public init?(hex: String) {
        let digits = Array("0123456789abcdef".utf8)
        guard hex.utf8.count == 64, hex.utf8.allSatisfy({ digits.contains($0) }) else { return nil }
        self.hex = hex
    }

    /// The identity of a file whose SHA-256 is `digest`, which has 32 bytes.
    public init(digest: some Sequence<UInt8>) {
        hex = Hexadecimal.text(digest)
        precondition(hex.utf8.count == 64, "a SHA-256 has 32 bytes")
    }

    public var description: String { hex }

    public static func < (left: ArtifactID, right: ArtifactID) -> Bool { left.hex < right.hex }
}
