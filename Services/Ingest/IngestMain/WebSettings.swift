import Foundation
import IngestDoorways
import IngestFHIR
import IngestHTTP
import TwinRuntime

/// The doors of FHIR, as they are set.
extension IngestMain {
    /// The one without TLS, where there is one.
    static func http(_ settings: Settings) throws -> HTTPSettings? {
        guard try settings.optionalText("listen.fhir") != nil else { return nil }
        let http = try web(settings, "listen.fhir")
        let rule = try settings.text("fhir.plain")
        guard ["loopback", "anywhere"].contains(rule) else {
            throw SettingsError("fhir.plain is '\(rule)': loopback or anywhere is needed")
        }
        guard rule == "anywhere" || isLoopback(http.host) else {
            throw SettingsError(
                "listen.fhir is at \(http.host), where others can listen along: set listen.fhirs, "
                    + "which has TLS, keep listen.fhir at 127.0.0.1, or say fhir.plain=anywhere")
        }
        return http
    }

    /// The one with TLS, where there is one.
    static func https(_ settings: Settings) throws -> HTTPSettings? {
        guard try settings.optionalText("listen.fhirs") != nil else { return nil }
        let rule = try settings.text("fhir.certificates")
        guard ["demand", "none"].contains(rule) else {
            throw SettingsError("fhir.certificates is '\(rule)': demand or none is needed")
        }
        var https = try web(settings, "listen.fhirs")
        https.identity = try identity(
            settings, of: "listen.fhirs", demandsCertificates: rule == "demand")
        return https
    }

    private static func web(_ settings: Settings, _ name: String) throws -> HTTPSettings {
        let (host, port) = try place(settings, name)
        return HTTPSettings(
            host: host, port: port,
            connectionCountMax: try settings.number("fhir.connections", in: 1...65_536),
            bodyByteCountMax: try settings.number("fhir.kilobytes", in: 1...65_536) << 10,
            requestMs: Int64(try settings.number("fhir.seconds", in: 1...3600)) * 1000,
            capabilities: FHIRCapability.statement(version: twinlineVersion),
            tokens: try tokens(settings))
    }

    private static func tokens(_ settings: Settings) throws -> SenderTokens? {
        guard let path = try settings.optionalText("fhir.tokens") else { return nil }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw SettingsError("fhir.tokens: \(path) can't be read")
        }
        do throws(SenderTokens.MalformedLine) {
            return try SenderTokens(Array(bytes))
        } catch {
            throw SettingsError(
                "fhir.tokens: line \(error.number) of \(path) is no name and SHA-256: "
                    + "printf %s TOKEN | sha256sum makes one")
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        ["localhost", "::1", "[::1]"].contains(host)
            || (host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." })
    }
}
