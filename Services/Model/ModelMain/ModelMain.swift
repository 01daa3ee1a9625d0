import Logging
import ModelCell
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
            Setting(
                "load.megabytes", standard: "2048",
                help: "How much memory a first load, in a process of its own, may take."),
            Setting(
                "load.seconds", standard: "10",
                help: "How much processor time a first load may take."),
            Setting(
                "latency.ms", standard: "1000",
                help: "How much processor time a model may take for one row."),
            Setting("models", standard: "8", help: "How many loaded models are kept."),
        ]

    static func main() async {
        CellInmate.serveIfAsked(CommandLine.arguments, loader: ModelRoster.loader())
        await Door.serve("twin-model", settings) { settings, logger in
            var limits = ModelRoom.Limits()
            limits.modelCountMax = try settings.number("models", in: 1...1024)
            let aside = ModelsAside(cell: try cell(settings, logger), ModelRoster.loader())
            let room = Mutex(ModelRoom(loader: { aside.take($0, $1) }, limits: limits))
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
                },
                prove: { id, bytes throws(Refusal) in try aside.load(id, bytes) }
            ) { arrival in room.withLock { ModelMain.handle(arrival, &$0) } }
            return { link.close() }
        }
    }

    /// Where artifacts are loaded first; says at the start what it keeps in, and what it does not.
    private static func cell(_ settings: Settings, _ logger: Logger) throws -> Cell {
        var limits = Cell.Limits()
        limits.memoryMegabytes = try settings.number("load.megabytes", in: 512...1_048_576)
        limits.seconds = try settings.number("load.seconds", in: 1...20)
        limits.latencyMs = try settings.number("latency.ms", in: 1...10_000)
        let cell = Cell(limits: limits)
        do throws(Refusal) {
            let walls = try cell.look()
            logger.log(
                level: walls.isWhole ? .info : .warning,
                "artifacts are loaded first in a process of their own; \(walls)")
        } catch {
            logger.warning(
                "artifacts can't be loaded in a process of their own, so none is taken: \(error)")
        }
        return cell
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
