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
            help: "A file of this user alone with a CURVE secret key; twinctl keys makes one."),
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
        curve = try KeyFiles.curve(
            secret: try settings.optionalText("keys.secret"),
            server: try settings.optionalText("keys.server"),
            admitted: try settings.optionalText("keys.admitted"))
    }

    /// Where to listen, and as whom.
    public func listening(
        at address: String, role: String, limits: LinkLimits = LinkLimits()
    ) throws(SettingsError) -> Endpoint {
        do throws(LinkError) { try Endpoint.check(address) } catch {
            throw SettingsError("\(error)")
        }
        return Endpoint(
            address: address, curve: curve, limits: limits,
            hello: Hello(
                name: name, role: role, version: twinlineVersion, windowCount: limits.windowCount,
                windowByteCount: limits.windowByteCount))
    }

    /// Where to connect, and as whom.
    public func connecting(
        to address: String, role: String, limits: LinkLimits = LinkLimits()
    ) throws(SettingsError) -> Endpoint {
        guard curve == nil || curve?.serverKey != nil else {
            throw SettingsError(
                "keys.secret is set and keys.server is not: connecting to \(address) needs the "
                    + "store's public key (`twinctl keys show FILE` prints it)")
        }
        return try listening(at: address, role: role, limits: limits)
    }
}
