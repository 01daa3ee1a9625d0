import Crypto
import Foundation
import Logging
import TwinCore
import TwinDoorways
import TwinJournal
import TwinRuntime
import TwinSigning
import TwinStoreCore
import TwinStoreEmbedded
import TwinStoreService
import TwinWire

/// The door `twin-store`: keeps the twins, dispatches work, answers clients.
@main
struct StoreMain {
    static let settings =
        LinkSettings.all + [
            Setting("data", standard: "twinline-data/store", help: "The folder of the twins."),
            Setting(
                "listen.ingest", standard: "tcp://127.0.0.1:5580",
                help: "Where ingest brings its commits."),
            Setting(
                "listen.workers", standard: "tcp://127.0.0.1:5581",
                help: "Where feature and model workers take tasks."),
            Setting(
                "listen.clients", standard: "tcp://127.0.0.1:5582",
                help: "Where clients ask, watch and push."),
            SigningKeyFiles.setting,
            Setting(
                "artifacts.megabytes", standard: "1024",
                help: "How large an artifact may be; refused before a byte of it is kept."),
            Setting(
                "recent.observations", standard: "262144",
                help: "How many recent observations are kept in memory, so that tasks read nothing."
            ),
            Setting(
                "recent.features", standard: "524288",
                help: "The same for features."),
            Setting(
                "recent.changes", standard: "65536",
                help: "How many recent changes a watcher that comes back can catch up with."),
            Setting(
                "database.megabytes", standard: "64",
                help: "How much of the database is kept in memory."),
            Setting(
                "guard.trips", standard: "3",
                help: "After how many answers that are not valid an artifact is barred."),
            Setting(
                "task.seconds", standard: "10", help: "After how long a task goes elsewhere."),
        ]

    static func main() async {
        await Door.serve("twin-store", settings) { settings, logger in
            let data = try settings.folder("data")
            let links = try LinkSettings(settings)
            let signers = try SigningKeyFiles.trusted(settings, logger: logger)
            var limits = ServiceSettings()
            limits.artifactByteCountMax =
                try settings.number("artifacts.megabytes", in: 1...65_536) << 20
            var engineLimits = EngineLimits()
            engineLimits.artifactByteCountMax = limits.artifactByteCountMax
            engineLimits.cacheMegabytes = try settings.number("database.megabytes", in: 1...65_536)
            let engine = try EmbeddedEngine(
                directory: data, coding: .wire, limits: engineLimits)
            limits.room.version = twinlineVersion
            try keep(settings, in: &limits)
            limits.room.guardTripCountMax = try settings.number("guard.trips", in: 1...1_000_000)
            limits.room.taskDeadlineMs =
                UInt32(try settings.number("task.seconds", in: 1...3600)) * 1000
            #if DEBUG
            // A mistake that a test of the whole system asks for, to see that it would be found.
            limits.room.planted = ProcessInfo.processInfo.environment["TWINLINE_PLANTED_BUG"]
                .flatMap(PlantedBug.init)
            #endif
            let door = StoreDoor(logger: logger)
            let service = try StoreService(
                engine: engine, port: door, settings: limits,
                identify: { ArtifactID(digest: SHA256.hash(data: $0)) },
                admit: { artifact, signature, now throws(Refusal) in
                    try signers?.check(artifact, signature, at: now)
                })
            try door.open(
                for: service,
                ingest: links.listening(at: try settings.text("listen.ingest"), role: "store"),
                workers: links.listening(at: try settings.text("listen.workers"), role: "store"),
                clients: links.listening(at: try settings.text("listen.clients"), role: "store"))
            return {
                door.close()
                service.stop()
            }
        }
    }
}

extension StoreMain {
    /// What is kept in memory for speed alone.
    private static func keep(
        _ settings: Settings, in limits: inout ServiceSettings
    ) throws(SettingsError) {
        let counts = 1...100_000_000
        limits.recentObservationCountMax = try settings.number("recent.observations", in: counts)
        limits.recentFeatureCountMax = try settings.number("recent.features", in: counts)
        limits.room.recentChangeCountMax = try settings.number("recent.changes", in: counts)
    }
}

extension EngineCoding {
    /// What is stored is written as on the wire.
    fileprivate static let wire = EngineCoding(
        observations: ByteCoding(
            encode: { ValueWire.encode($0) }, decode: { try ValueWire.observations($0) }),
        featureSet: ByteCoding(
            encode: { ValueWire.encode($0) }, decode: { try ValueWire.featureSet($0) }),
        assessments: ByteCoding(
            encode: { ValueWire.encode($0) }, decode: { try ValueWire.assessments($0) }),
        artifactInfo: ByteCoding(
            encode: { ValueWire.encode($0) }, decode: { try ValueWire.artifactInfo($0) }),
        activation: ByteCoding(
            encode: { ValueWire.encode($0) }, decode: { try ValueWire.activation($0) }),
        driftTally: ByteCoding(
            encode: { ValueWire.encode($0) }, decode: { try ValueWire.driftTally($0) }))
}
