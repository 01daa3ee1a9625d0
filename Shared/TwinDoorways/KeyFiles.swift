import Foundation
public import TwinLinkZeroMQ
public import TwinRuntime

/// CURVE keys as they lie in files: a secret for its owner alone, a list of who may connect.
public enum KeyFiles {
    /// Who this process is on its links; nil where nothing about keys is set.
    ///
    /// Half a setting is refused: it would leave a link open that was meant to be closed.
    public static func curve(
        secret path: String?, server: String?, admitted: String? = nil
    ) throws(SettingsError) -> Curve? {
        guard let path else {
            guard server == nil, admitted == nil else {
                throw SettingsError(
                    "keys.server or keys.admitted is set and keys.secret is not: make a key with "
                        + "`twinctl keys make FILE` and name the file in keys.secret")
            }
            return nil
        }
        if let server, !CurveKeys.isKey(server) {
            throw SettingsError(
                "keys.server is '\(server)', which is no public CURVE key (40 characters of Z85): "
                    + "`twinctl keys show FILE` prints it where the store's secret lies")
        }
        return Curve(
            own: try own(path), serverKey: server,
            admitted: try admitted.map { path throws(SettingsError) in try list(path) })
    }

    /// The keys of a secret; a secret that others can read is no secret: it is refused.
    public static func own(_ path: String) throws(SettingsError) -> CurveKeys {
        let text = try secretText(path).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let keys = CurveKeys(secretKey: text) else {
            throw SettingsError(
                "\(path) holds no CURVE secret key (40 characters of Z85): make one with "
                    + "`twinctl keys make FILE`")
        }
        return keys
    }

    /// The text of a secret, which others must not be able to read.
    static func secretText(_ path: String) throws(SettingsError) -> String {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let mode = (attributes[.posixPermissions] as? NSNumber)?.uint16Value
        else { throw unreadable(path) }
        guard mode & 0o077 == 0 else {
            throw SettingsError("others can read the secret key in \(path): chmod 600 it")
        }
        return try text(path)
    }

    /// Writes a new secret, for this user alone; never over something that is there.
    public static func make(_ path: String) throws(SettingsError) -> CurveKeys {
        let keys = CurveKeys.generate()
        try write(keys.secretKey + "\n", to: path)
        return keys
    }

    static func write(_ secret: String, to path: String) throws(SettingsError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            guard errno == EEXIST else {
                throw SettingsError(
                    "\(path) can't be written: \(String(cString: strerror(errno)))")
            }
            throw SettingsError(
                "\(path) is there already, and may be a key in use: name another file, or remove "
                    + "it yourself")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try file.write(contentsOf: Data(secret.utf8))
            try file.synchronize()
        } catch { throw SettingsError("\(path) can't be written: \(error)") }
    }

    /// The public keys of a list: the first word of each line; the rest says whose it is.
    private static func list(_ path: String) throws(SettingsError) -> Set<String> {
        let lines = try text(path).split(whereSeparator: \.isNewline)
        let keys = lines.compactMap { $0.split(whereSeparator: \.isWhitespace).first }
            .map(String.init)
        for key in keys where !CurveKeys.isKey(key) {
            throw SettingsError(
                "'\(key)' in \(path) is no public CURVE key: one a line is needed, 40 characters "
                    + "of Z85 each")
        }
        return Set(keys)
    }

    static func text(_ path: String) throws(SettingsError) -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw unreadable(path)
        }
        return text
    }

    private static func unreadable(_ path: String) -> SettingsError {
        SettingsError("\(path) can't be read: does it exist, may this user read it?")
    }
}
