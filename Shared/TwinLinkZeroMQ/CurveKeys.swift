import CZeroMQ

/// A key pair of CURVE, in Z85; the secret is never printed.
public struct CurveKeys: Hashable, Sendable {
    /// Z85 writes the 32 bytes of a key as 40 characters.
    static let characterCount = 40

    public let publicKey: String
    public let secretKey: String

    /// Nil unless the secret is a key and the public key is its own.
    public init?(publicKey: String, secretKey: String) {
        guard let keys = CurveKeys(secretKey: secretKey), keys.publicKey == publicKey else {
            return nil
        }
        self = keys
    }

    /// Nil unless the secret is a key.
    public init?(secretKey: String) {
        guard CurveKeys.isKey(secretKey) else { return nil }
        var publicKey = [CChar](repeating: 0, count: CurveKeys.characterCount + 1)
        guard unsafe zmq_curve_public(&publicKey, secretKey) == 0 else { return nil }
        self.publicKey = CurveKeys.text(publicKey)
        self.secretKey = secretKey
    }

    private init(generatedPublic: String, secret: String) {
        publicKey = generatedPublic
        secretKey = secret
    }

    /// A new key pair, from the system's random source.
    public static func generate() -> CurveKeys {
        var publicKey = [CChar](repeating: 0, count: characterCount + 1)
        var secretKey = [CChar](repeating: 0, count: characterCount + 1)
        let status = unsafe zmq_curve_keypair(&publicKey, &secretKey)
        precondition(status == 0, "this libzmq has no CURVE")
        return CurveKeys(generatedPublic: text(publicKey), secret: text(secretKey))
    }

    /// Whether this is a key in Z85.
    public static func isKey(_ text: String) -> Bool {
        guard text.utf8.count == characterCount else { return false }
        var bytes = [UInt8](repeating: 0, count: 32)
        return unsafe zmq_z85_decode(&bytes, text) != nil
    }

    /// The key of 32 raw bytes, as it came over the wire.
    static func key(ofBytes bytes: [UInt8]) -> String? {
        guard bytes.count == 32 else { return nil }
        var characters = [CChar](repeating: 0, count: characterCount + 1)
        guard unsafe zmq_z85_encode(&characters, bytes, bytes.count) != nil else { return nil }
        return text(characters)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(
            decoding: characters.prefix(characterCount).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension CurveKeys: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "keys of \(publicKey)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey]) }
}
