import Foundation
public import Logging
public import TwinRuntime
public import TwinSigning

/// Ed25519 keys as they lie in files: a secret for its owner alone, a list of whose artifacts are taken.
public enum SigningKeyFiles {
    /// What a secret begins with, so that no other secret is taken for it.
    private static let mark = "twinline-signing-secret"

    public static let setting = Setting(
        "artifacts.signers", standard: "",
        help:
            "A file with the public signing keys whose artifacts are taken, one a line; anybody's "
            + "if empty.")

    /// Those whose artifacts are taken, nil for anybody's; the log is told which of the two it is.
    public static func trusted(
        _ settings: Settings, logger: Logger
    ) throws(SettingsError) -> TrustedSigners? {
        guard let path = try settings.optionalText(setting.key) else {
            logger.notice(
                """
                artifacts are taken from anybody, signed or not: set artifacts.signers to a list of \
                keys (`twinctl keys make --signing FILE` makes one)
                """)
            return nil
        }
        let signers = try list(path)
        logger.info("artifacts are taken from \(signers.count) signers alone")
        return TrustedSigners(signers)
    }

    static func list(_ path: String) throws(SettingsError) -> [TrustedSigners.Signer] {
        var signers: [TrustedSigners.Signer] = []
        for line in try KeyFiles.text(path).split(whereSeparator: \.isNewline) {
            do throws(TrustedSigners.LineError) {
                if let signer = try TrustedSigners.signer(line: line) { signers.append(signer) }
            } catch {
                switch error {
                case .key(let word):
                    throw SettingsError(
                        "'\(word)' in \(path) is no public signing key: one a line is needed, 64 "
                            + "hexadecimal digits each, as `twinctl keys show --signing FILE` prints "
                            + "it")
                case .until(let word):
                    throw SettingsError(
                        "'\(word)' in \(path): until=2027-12-31T00:00:00Z is needed")
                }
            }
        }
        guard !signers.isEmpty else {
            throw SettingsError(
                "\(path) names no signing key: then nothing could ever be pushed; name one, or "
                    + "leave artifacts.signers empty")
        }
        return signers
    }

    /// The key of a secret; a secret that others can read is no secret: it is refused.
    public static func own(_ path: String) throws(SettingsError) -> ArtifactSigner {
        let words = try KeyFiles.secretText(path).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, words[0] == mark,
            let signer = ArtifactSigner(secret: String(words[1]))
        else {
            throw SettingsError(
                "\(path) holds no secret signing key: make one with `twinctl keys make --signing "
                    + "FILE`")
        }
        return signer
    }

    /// Writes a new secret, for this user alone; never over something that is there.
    public static func make(_ path: String) throws(SettingsError) -> ArtifactSigner {
        let signer = ArtifactSigner.generate()
        try KeyFiles.write("\(mark) \(signer.secret)\n", to: path)
        return signer
    }
}
