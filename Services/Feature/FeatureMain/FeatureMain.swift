import FeatureCore
import FeatureDoorways
import FeatureRoster
import Logging
import Synchronization
import TwinCleaning
import TwinCore
import TwinDoorways
import TwinRuntime

/// The door `twin-feature`: takes a twin's changed slice from the store, gives its features back.
@main
struct FeatureMain {
    static let settings =
        LinkSettings.all + SiteFiles.settings + [
            Setting("modality", standard: "vitals", help: "vitals, imaging or genome."),
            Setting(
                "store.workers", standard: "tcp://127.0.0.1:5581",
                help: "Where the store takes workers."),
            Setting("credits", standard: "32", help: "How many tasks are taken at once."),
            Setting(
                "cache.megabytes", standard: "512",
                help: "How much of the twins is kept to save work."),
            .rules,
        ]

    static func main() async {
        await Door.serve("twin-feature", settings) { settings, logger in
            let name = try settings.text("modality")
            let roster = FeatureRoster.all(
                of: try SiteFiles.site(settings), rules: try CleaningRules(settings))
            guard let modality = Modality(name: name),
                let extractor = roster.first(where: { $0.modality == modality })
            else {
                let known = roster.map(\.modality.name).joined(separator: ", ")
                throw SettingsError("modality is '\(name)': this build has \(known)")
            }
            let megabytes = try settings.number("cache.megabytes", in: 1...65_536)
            let room = Mutex(
                FeatureRoom(
                    extractors: [extractor],
                    limits: FeatureRoom.Limits(byteCountMax: megabytes << 20)))
            let credits = UInt32(try settings.number("credits", in: 1...1024))
            let ready = Ready(
                role: .feature(modality), version: extractor.version, credits: credits)
            let link = try WorkerLink(
                to: try settings.text("store.workers"), as: ready, try LinkSettings(settings),
                logger: logger
            ) { arrival in room.withLock { FeatureMain.handle(arrival, &$0) } }
            return { link.close() }
        }
    }

    private static func handle(
        _ arrival: WorkerLink.Arrival, _ room: inout FeatureRoom
    ) -> [WorkerLink.Departure] {
        guard case .order(let request, let order) = arrival else { return [] }
        guard case .features(let task) = order else {
            let refusal = Refusal(.unsupported, "a feature worker makes features only")
            return [.result(request: request, .failed(refusal))]
        }
        return room.receive(.order(request: request, task)).map { departure in
            switch departure {
            case .result(let request, let result): .result(request: request, result)
            }
        }
    }
}
