import Testing
import TwinCore
import TwinSigning

struct TrustedSignersTests {
    static let now = Instant(microsecondsSinceEpoch: 1_700_000_000_000_000)
    /// The first test vector of RFC 8032, §7.1: a secret and its public key.
    static let secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    static let publicKey = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

    static func artifact(_ digit: String) throws -> ArtifactID {
        try #require(ArtifactID(hex: String(repeating: digit, count: 64)))
    }

    private func refused(
        _ signers: TrustedSigners, _ artifact: ArtifactID, _ signature: ArtifactSignature?
    ) -> String? {
        do throws(Refusal) {
            try signers.check(artifact, signature, at: Self.now)
            return nil
        } catch {
            #expect(error.reason == .notAuthorised)
            #expect(error.detail.hasPrefix("signature: "))
            return error.detail
        }
    }

    @Test func `keys are those of the standard`() throws {
        let signer = try #require(ArtifactSigner(secret: Self.secret))
        #expect(signer.publicKey == Self.publicKey && signer.secret == Self.secret)
        #expect("\(signer)" == Self.publicKey)
        #expect(ArtifactSigner(secret: String(Self.secret.dropLast())) == nil)
        #expect(ArtifactSigner(secret: Self.secret.uppercased()) == nil)
    }

    /// Made by Python's `cryptography` from the same secret, over the domain and 32 bytes 0xAA.
    @Test func `a signature that another library made is taken`() throws {
        let value =
            "26dd77a8361623ef7cf67ab39b8bc26888d9ea542475cae649f9b92eab54a85d"
            + "9175200c4383162d51d6905aa83e9015e49fc6c2478f5d5e9f02c0064d2b0f01"
        let signature = ArtifactSignature(key: Self.publicKey, value: value)
        let signers = TrustedSigners([TrustedSigners.Signer(key: Self.publicKey)])
        #expect(refused(signers, try Self.artifact("a"), signature) == nil)
    }

    @Test func `only a trusted signature of these very bytes is taken`() throws {
        let (own, stranger) = (ArtifactSigner.generate(), ArtifactSigner.generate())
        let signers = TrustedSigners([TrustedSigners.Signer(key: own.publicKey)])
        let (first, second) = (try Self.artifact("1"), try Self.artifact("2"))
        let good = try own.sign(first)
        #expect(refused(signers, first, good) == nil)
        #expect(refused(signers, second, good)?.contains("not of these bytes") == true)
        #expect(refused(signers, first, nil)?.contains("--sign") == true)
        let strange = try stranger.sign(first)
        #expect(refused(signers, first, strange)?.contains("nobody here trusts") == true)
        // The stranger's signature under the trusted key.
        let mixed = ArtifactSignature(key: own.publicKey, value: strange.value)
        #expect(refused(signers, first, mixed)?.contains("not of these bytes") == true)
        for length in [0, 126, 130] {
            let text = String((good.value + "00").prefix(length))
            let cut = ArtifactSignature(key: good.key, value: text)
            #expect(refused(signers, first, cut)?.contains("64 and 128") == true)
        }
        var flipped = good
        flipped.value = (good.value.first == "0" ? "1" : "0") + good.value.dropFirst()
        #expect(refused(signers, first, flipped)?.contains("not of these bytes") == true)
    }

    @Test func `a key is trusted until its time`() throws {
        let signer = ArtifactSigner.generate()
        let artifact = try Self.artifact("3")
        let signature = try signer.sign(artifact)
        func trusted(_ until: Instant) -> TrustedSigners {
            TrustedSigners([TrustedSigners.Signer(key: signer.publicKey, until: until)])
        }
        #expect(refused(trusted(Self.now), artifact, signature)?.contains("until") == true)
        let later = Instant(microsecondsSinceEpoch: Self.now.microsecondsSinceEpoch + 1)
        #expect(refused(trusted(later), artifact, signature) == nil)
    }

    @Test func `a list names keys, ends of trust and people`() throws {
        let key = Self.publicKey
        #expect(try TrustedSigners.signer(line: "") == nil)
        #expect(try TrustedSigners.signer(line: "# people") == nil)
        #expect(try TrustedSigners.signer(line: "\(key)  Dr. X") == TrustedSigners.Signer(key: key))
        let until = try TrustedSigners.signer(line: "\(key) until=2027-01-01T00:00:00Z Dr. X")
        #expect(until?.until == Instant(rfc3339: "2027-01-01T00:00:00Z"))
        for line in [String(key.dropLast()), key + "0", "nonsense", "\(key) until=soon"] {
            #expect(throws: TrustedSigners.LineError.self) {
                try TrustedSigners.signer(line: line[...])
            }
        }
    }
}
