import Logging
import ModelCore
import ModelRoster
import Synchronization
import TwinCore
import TwinDoorways
import TwinRuntime
import TwinSigning

/// The door `twin-model`: takes a twin's features from the store, gives assessments back.
@main
struct ModelMain {
    static let settings =
        LinkSettings.all + [
            SigningKeyFiles.setting,
            Setting(
                "artifacts.megabytes", standard: "1024",
                help: "How large an artifact may be; refused before it is fetched."),
            Setting(
                "store.workers", standard: "tcp://127.0.0.1:5581",
                help: "Where the store takes workers."),
            Setting("credits", standard: "32", help: "How many tasks are taken at once."),
            Setting("models", standard: "8", help: "How many loaded models are kept."),
        ]

    static func main() async {
        await Door.serve("twin-model", settings) { settings, logger in
            var limits = ModelRoom.Limits()
            limits.modelCountMax = try settings.number("models", in: 1...1024)
            let room = Mutex(
                ModelRoom(loader: ModelRoster.loader(), limits: limits))
            let credits = UInt32(try settings.number("credits", in: 1...1024))
            let signers = try SigningKeyFiles.trusted(settings, logger: logger)
            let megabytes = UInt64(try settings.number("artifacts.megabytes", in: 1...65_536))
            let link = try WorkerLink(
                to: try settings.text("store.workers"),
                as: Ready(role: .model, version: twinlineVersion, credits: credits),
                try LinkSettings(settings), logger: logger,
                admit: { info throws(Refusal) in
                    guard info.byteCount <= megabytes << 20 else {
                        throw Refusal(
                            .tooLarge,
                            "limit: \(info.byteCount) bytes, more than \(megabytes) MiB; "
                                + "artifacts.megabytes sets it")
                    }
                    try signers?.check(info.id, info.signature, at: MachineClock.now)
                }
            ) { arrival in room.withLock { ModelMain.handle(arrival, &$0) } }
            return { link.close() }
        }
    }

    private static func handle(
        _ arrival: WorkerLink.Arrival, _ room: inout ModelRoom
    ) -> [WorkerLink.Departure] {
        let departures =
            switch arrival {
            case .order(let request, let order): room.receive(.order(request, order))
            case .artifact(let id, let fetched): room.receive(.artifact(id, fetched))
            }
        return departures.map { departure in
            switch departure {
            case .fetch(let id): .fetch(id)
            case .result(let request, let result): .result(request: request, result)
            }
        }
    }
}
