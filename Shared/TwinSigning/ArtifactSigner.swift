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
