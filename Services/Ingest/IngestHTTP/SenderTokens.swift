import Crypto

/// Who may send: the SHA-256 of each sender's token.
///
/// A file has a line for each, with the sender's name, a blank or tab, and 64 hexadecimal digits;
/// what it holds opens no door to who reads it. Empty lines and those that start with `#` say
/// nothing.
public struct SenderTokens: Hashable, Sendable {
    public static let byteCountMax = 1 << 20
    /// A longer one is no token.
    static let tokenByteCountMax = 4096

    private var digests: Set<[UInt8]> = []

    /// Reads a file; refused whole where a line can't be read.
    public init(_ bytes: [UInt8]) throws(MalformedLine) {
        guard bytes.count <= SenderTokens.byteCountMax else { throw MalformedLine(number: 0) }
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let words = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            guard let first = words.first, first.first != 0x23 else { continue }
            guard words.count == 2, let digest = SenderTokens.digest(words[1]) else {
                throw MalformedLine(number: index + 1)
            }
            digests.insert(digest)
        }
    }

    public struct MalformedLine: Error, Hashable {
        /// From 1; 0 where the file is too large.
        public var number: Int
    }

    /// Whether a request with this `Authorization` may be taken.
    func allow(_ authorization: String?) -> Bool {
        guard let authorization else { return false }
        let words = authorization.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer",
            words[1].utf8.count <= SenderTokens.tokenByteCountMax
        else { return false }
        return digests.contains(Array(SHA256.hash(data: Array(words[1].utf8))))
    }

    private static func digest(_ word: ArraySlice<UInt8>) -> [UInt8]? {
        guard word.count == 64 else { return nil }
        var digits: [UInt8] = []
        for byte in word {
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x37
            case 0x61...0x66: digit = byte - 0x57
            default: return nil
            }
            digits.append(digit)
        }
        return stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
