import Crypto
public import TwinCore

/// The people whose artifacts are taken, by their public signing keys.
public struct TrustedSigners: Sendable {
    /// One who may sign, until when, and what a person calls them.
    public struct Signer: Hashable, Sendable {
        public var key: String
        /// Nil: until the key is taken off the list.
        public var until: Instant?

        public init(key: String, until: Instant? = nil) {
            self.key = key
            self.until = until
        }
    }

    /// Why a line of a list is no signer.
    public enum LineError: Error, Hashable, Sendable {
        /// Not 64 lower-case hexadecimal digits that are a public Ed25519 key.
        case key(String)
        /// Not `until=` and a time of RFC 3339.
        case until(String)
    }

    private let signers: [String: Signer]

    public init(_ signers: [Signer]) {
        self.signers = Dictionary(signers.map { ($0.key, $0) }) { first, _ in first }
    }

    /// One line of a list: a public key, `until=` a time where it ends, then whose it is; nil for an empty line.
    public static func signer(line: Substring) throws(LineError) -> Signer? {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let key = words.first, !key.hasPrefix("#") else { return nil }
        guard let bytes = Hexadecimal.bytes(key, count: 32),
            (try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)) != nil
        else { throw .key(key) }
        guard let limit = words.dropFirst().first, limit.hasPrefix("until=") else {
            return Signer(key: key)
        }
        guard let until = Instant(rfc3339: String(limit.dropFirst("until=".count))) else {
            throw .until(limit)
        }
        return Signer(key: key, until: until)
    }

    /// Throws unless somebody on the list answers for exactly these bytes.
    public func check(
        _ artifact: ArtifactID, _ signature: ArtifactSignature?, at now: Instant
    ) throws(Refusal) {
        guard let signature else {
            throw TrustedSigners.refusal(
                "the artifact is not signed, and only signed ones are taken here: sign it with "
                    + "`twinctl model push --sign KEYFILE`")
        }
        guard let key = Hexadecimal.bytes(signature.key, count: 32),
            let value = Hexadecimal.bytes(signature.value, count: 64)
        else {
            throw TrustedSigners.refusal(
                "a key of \(signature.key.utf8.count) and a signature of "
                    + "\(signature.value.utf8.count) digits came, and 64 and 128 are needed: sign "
                    + "it again")
        }
        guard let signer = signers[signature.key] else {
            throw TrustedSigners.refusal(
                "nobody here trusts the key \(signature.key): if it is right, add it to the file "
                    + "that artifacts.signers names, and start again")
        }
        if let until = signer.until, until <= now {
            throw TrustedSigners.refusal(
                "the key \(signature.key) was trusted until \(until): sign with one in use")
        }
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: key),
            key.isValidSignature(value, for: SignedMessage.bytes(of: artifact))
        else {
            throw TrustedSigners.refusal(
                "the signature is not of these bytes: take the file anew from who made it")
        }
    }

    private static func refusal(_ detail: String) -> Refusal {
        Refusal(.notAuthorised, "signature: \(detail)")
    }
}
