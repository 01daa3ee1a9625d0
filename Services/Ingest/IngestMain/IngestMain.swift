import Foundation
import IngestCore
import IngestDoorways
import IngestMLLP
import IngestOutbox
import Logging
import TwinCleaning
import TwinDoorways
import TwinJournal
import TwinRuntime
import TwinWire

/// The door `twin-ingest`: speaks the devices' protocols, acknowledges what is on disk, brings it
/// to the store.
@main
struct IngestMain {
    static let settings =
        LinkSettings.all + [
            Setting("data", standard: "twinline-data/ingest", help: "The folder of the outbox."),
            Setting(
                "listen.mllp", standard: "127.0.0.1:2575",
                help: "Where HL7 v2 over MLLP is taken, as HOST:PORT."),
            Setting(
                "listen.mllps", standard: "",
                help: "Where HL7 v2 over MLLP with TLS is taken, as HOST:PORT; 2576 is usual."),
            Setting(
                "tls.certificate", standard: "",
                help: "PEM file of this side's certificate, for listen.mllps and listen.fhirs."),
            Setting("tls.key", standard: "", help: "PEM file of its key."),
            Setting(
                "tls.authorities", standard: "",
                help: "PEM file of who may sign the senders' certificates."),
            Setting(
                "listen.fhir", standard: "127.0.0.1:8080",
                help: "Where FHIR R4 over HTTP is taken, as HOST:PORT; empty takes none."),
            Setting(
                "listen.fhirs", standard: "",
                help: "Where FHIR R4 over HTTPS is taken, as HOST:PORT; 8443 is usual."),
            Setting(
                "fhir.certificates", standard: "demand",
                help:
                    "demand or none: certificates of tls.authorities from who sends to listen.fhirs."
            ),
            Setting(
                "fhir.tokens", standard: "",
                help: "File of who may send FHIR: a name and the SHA-256 of a token a line."),
            Setting(
                "fhir.plain", standard: "loopback",
                help: "loopback or anywhere: where listen.fhir, which has no TLS, may be."),
            Setting("fhir.kilobytes", standard: "4096", help: "How long a FHIR body may be."),
            Setting("fhir.connections", standard: "256", help: "How many FHIR senders at once."),
            Setting(
                "fhir.seconds", standard: "30", help: "How long a FHIR request may take to come."),
            Setting(
                "listen.native", standard: "tcp://127.0.0.1:5570",
                help: "Where the native protocol is taken; see proto/README.md."),
            Setting(
                "store.ingest", standard: "tcp://127.0.0.1:5580",
                help: "Where the store takes commits."),
            Setting(
                "authority", standard: "",
                help: "Who assigned patient identifiers that come without an authority."),
            Setting(
                "missing.authority", standard: "take",
                help: "take or refuse: patient identifiers without an authority, where none is set."
            ),
            Setting(
                "reused.ids", standard: "take",
                help: "take or refuse: message ids that come again with other content."),
            Setting(
                "test.messages", standard: "refuse",
                help: "refuse or take: messages marked as training or debugging (MSH-11 T, D)."),
            Setting(
                "zone.minutes", standard: "",
                help:
                    "Minutes east of UTC of times without a zone; such times are flagged if empty."),
            Setting(
                "hl7.charset", standard: "8859/1",
                help:
                    "How text is read that is no UTF-8 and has no MSH-18: 8859/1, 8859/2, "
                    + "8859/15, CP1252, or refuse."),
            Setting(
                "outbox.megabytes", standard: "4096",
                help: "How much is kept while the store is away; then senders are refused."),
            Setting("message.kilobytes", standard: "1024", help: "How long a message may be."),
            Setting("mllp.connections", standard: "256", help: "How many senders at once."),
            .rules,
        ]

    #if DEBUG
    /// A mistake that a test of the whole system asks for, to see that it would be found.
    static var plantedBug: IngestRoom.PlantedBug? {
        ProcessInfo.processInfo.environment["TWINLINE_PLANTED_BUG"]
            .flatMap(IngestRoom.PlantedBug.init)
    }
    #endif

    static func main() async {
        await Door.serve("twin-ingest", settings) { settings, logger in
            let data = try settings.folder("data")
            let outbox = try outbox(settings, in: data)
            let quarantine = try FileQuarantine(directory: data + "/quarantine")
            let links = try LinkSettings(settings)
            let feed = try StoreFeed(
                outbox, to: try settings.text("store.ingest"), links, logger: logger)
            let desk = try IngestDesk(
                room: try room(settings), outbox: outbox, quarantine: quarantine, feed: feed,
                bindings: data + "/bindings", mllp: try mllp(settings, "listen.mllp"),
                mllpTLS: try mllpTLS(settings), http: try http(settings),
                https: try https(settings), native: try settings.text("listen.native"), links,
                logger: logger)
            try await desk.open()
            return {
                desk.close()
                feed.close()
                outbox.close()
            }
        }
    }

    private static func outbox(_ settings: Settings, in data: String) throws -> Outbox {
        let megabytes = try settings.number("outbox.megabytes", in: 64...1 << 20)
        var limits = JournalLimits()
        limits.byteCountMax = megabytes << 20
        let name = UUID().uuidString.lowercased()
        return try Outbox(
            directory: data + "/outbox", newIngest: name, limits: limits,
            coding: ByteCoding(
                encode: { ValueWire.encode($0) }, decode: { try ValueWire.batch($0) }))
    }

    private static func room(_ settings: Settings) throws -> IngestRoom.Settings {
        var channel = Channel(assigningAuthority: try settings.optionalText("authority"))
        channel.acceptsTestMessages = try takes("test.messages", settings)
        channel.needsAuthority = try !takes("missing.authority", settings)
        if let minutes = try settings.optionalText("zone.minutes") {
            guard let offset = Int(minutes), (-1080...1080).contains(offset) else {
                throw SettingsError("zone.minutes is '\(minutes)': -1080 to 1080 is needed")
            }
            channel.zoneOffsetMinutes = offset
        }
        let charset = try settings.text("hl7.charset")
        channel.charset = SingleByteCharset(charset)
        guard channel.charset != nil || charset == "refuse" else {
            throw SettingsError(
                "hl7.charset is '\(charset)': 8859/1, 8859/2, 8859/15, CP1252 or refuse is needed")
        }
        return IngestRoom.Settings(
            channels: [channel, Channel(), channel, channel, channel],
            refusesReusedIDs: try !takes("reused.ids", settings),
            rules: try CleaningRules(settings))
    }

    static func takes(_ name: String, _ settings: Settings) throws -> Bool {
        let word = try settings.text(name)
        guard ["refuse", "take"].contains(word) else {
            throw SettingsError("\(name) is '\(word)': refuse or take is needed")
        }
        return word == "take"
    }

    /// The door for senders with a certificate, where there is one.
    private static func mllpTLS(_ settings: Settings) throws -> MLLPSettings? {
        guard try settings.optionalText("listen.mllps") != nil else { return nil }
        var mllp = try mllp(settings, "listen.mllps")
        mllp.identity = try identity(settings, of: "listen.mllps", demandsCertificates: true)
        return mllp
    }

    /// The files of TLS that a door needs.
    static func identity(
        _ settings: Settings, of door: String, demandsCertificates: Bool
    ) throws -> DoorwayIdentity {
        func file(_ name: String) throws -> String {
            guard let path = try settings.optionalText(name) else {
                throw SettingsError("\(door) needs \(name)")
            }
            return path
        }
        return DoorwayIdentity(
            certificatePath: try file("tls.certificate"), keyPath: try file("tls.key"),
            authoritiesPath: demandsCertificates ? try file("tls.authorities") : nil)
    }

    private static func mllp(_ settings: Settings, _ name: String) throws -> MLLPSettings {
        let (host, port) = try place(settings, name)
        return MLLPSettings(
            host: host, port: port,
            connectionCountMax: try settings.number("mllp.connections", in: 1...65_536),
            frameByteCountMax: try settings.number("message.kilobytes", in: 1...65_536) << 10)
    }

    /// The host and port of a key.
    static func place(
        _ settings: Settings, _ name: String
    ) throws -> (host: String, port: Int) {
        let address = try settings.text(name)
        guard let colon = address.lastIndex(of: ":"),
            let port = UInt16(address[address.index(after: colon)...])
        else { throw SettingsError("\(name) is '\(address)': HOST:PORT is needed") }
        return (String(address[..<colon]), Int(port))
    }
}
