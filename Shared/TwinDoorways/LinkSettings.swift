import Foundation
public import TwinLink
public import TwinLinkZeroMQ
public import TwinRuntime
import TwinWire

extension HeaderCoding {
    /// The wire's own.
    public static let wire = HeaderCoding(
        encodeHeader: { HeaderWire.encode($0) }, decodeHeader: { HeaderWire.read($0) })
}

/// The settings of every door's links: names and keys.
public struct LinkSettings: Sendable {
    public static let all = [
        Setting("name", standard: "", help: "How this process is called; HOST-PROCESS if empty."),
        Setting(
            "keys.secret", standard: "",
            help: "A file, readable by this user alone, with the CURVE secret key in Z85."),
        Setting(
            "keys.server", standard: "",
            help: "The public CURVE key of the store; needed with keys.secret to connect."),
        Setting(
            "keys.admitted", standard: "",
            help: "A file with the public keys that may connect, one a line; all if empty."),
    ]

    public let name: String
    private let curve: Curve?

    public init(_ settings: Settings) throws(SettingsError) {
        name =
            try settings.optionalText("name")
            ?? "\(ProcessInfo.processInfo.hostName)-\(ProcessInfo.processInfo.processIdentifier)"
        guard let path = try settings.optionalText("keys.secret") else {
            curve = nil
            return
        }
        guard let own = CurveKeys(secretKey: try LinkSettings.secret(path)) else {
            throw SettingsError("\(path) holds no CURVE secret key (40 characters of Z85)")
        }
        curve = Curve(
            own: own, serverKey: try settings.optionalText("keys.server"),
            admitted: try LinkSettings.keys(try settings.optionalText("keys.admitted")))
    }

    /// Where to listen or to connect, and as whom.
    public func endpoint(
        _ address: String, role: String, limits: LinkLimits = LinkLimits()
    ) -> Endpoint {
        Endpoint(
            address: address, curve: curve, limits: limits,
            hello: Hello(
                name: name, role: role, version: twinlineVersion, windowCount: limits.windowCount,
                windowByteCount: limits.windowByteCount))
    }

    /// A secret that others can read is no secret: it is refused.
    private static func secret(_ path: String) throws(SettingsError) -> String {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let mode = (attributes[.posixPermissions] as? NSNumber)?.uint16Value,
            let text = try? String(contentsOfFile: path, encoding: .utf8)
        else { throw SettingsError("\(path) can't be read: does it exist, may this user read it?") }
        guard mode & 0o077 == 0 else {
            throw SettingsError("others can read the secret key in \(path): chmod 600 it")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func keys(_ path: String?) throws(SettingsError) -> Set<String>? {
        guard let path else { return nil }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw SettingsError("\(path) can't be read: does it exist, may this user read it?")
        }
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        for line in lines where !CurveKeys.isKey(line) {
            throw SettingsError("'\(line)' in \(path) is no public CURVE key")
        }
        return Set(lines)
    }
}
