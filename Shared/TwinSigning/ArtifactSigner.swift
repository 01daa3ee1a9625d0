import Crypto
public import TwinCore

/// Answers for artifacts with an Ed25519 key.
public struct ArtifactSigner: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// Nil unless `secret` is 64 lower-case hexadecimal digits.
    public init?(secret: String) {
        guard let bytes = Hexadecimal.bytes(secret, count: 32),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
        else { return nil }
        self.key = key
    }

    private init(_ key: Curve25519.Signing.PrivateKey) { self.key = key }

    /// A new key, from the system's own randomness.
    public static func generate() -> ArtifactSigner { ArtifactSigner(.init()) }

    /// 64 lower-case hexadecimal digits, for its owner alone.
    public var secret: String { Hexadecimal.text(key.rawRepresentation) }

    /// 64 lower-case hexadecimal digits, for everybody.
    public var publicKey: String { Hexadecimal.text(key.publicKey.rawRepresentation) }

    /// The signature that says: I answer for this artifact.
    public func sign(_ artifact: ArtifactID) throws -> ArtifactSignature {
        let value = try key.signature(for: SignedMessage.bytes(of: artifact))
        return ArtifactSignature(key: publicKey, value: Hexadecimal.text(value))
    }
}

extension ArtifactSigner: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never the secret: it would come into a log.
    public var description: String { publicKey }
    public var debugDescription: String { publicKey }
    public var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey]) }
}

/// What is signed: nothing else that this key may ever sign begins so.
enum SignedMessage {
    static let domain = "twinline artifact v1"

    static func bytes(of artifact: ArtifactID) -> [UInt8] {
        Array(domain.utf8) + (Hexadecimal.bytes(artifact.hex, count: 32) ?? [])
    }
}

enum Hexadecimal {
    /// Nil unless the text is so many bytes in lower-case digits.
    static func bytes(_ text: String, count: Int) -> [UInt8]? {
        let digits = text.utf8.compactMap { digit -> UInt8? in
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
            default: nil
            }
        }
        guard digits.count == count * 2, text.utf8.count == count * 2 else { return nil }
        return (0..<count).map { digits[2 * $0] << 4 | digits[2 * $0 + 1] }
    }

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
