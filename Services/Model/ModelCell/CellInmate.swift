import CModelCell
public import ModelCore
public import TwinCore

/// What runs in a cell: reads an artifact, loads and proves it, says what came of it.
public enum CellInmate {
    /// Ends the process where it was started as a cell; else returns at once.
    public static func serveIfAsked(_ arguments: [String], loader: ModelRoom.Loader) {
        guard arguments.count == 6, arguments[1] == Cell.word,
            let megabytes = UInt64(arguments[2]), let seconds = UInt64(arguments[3]),
            let latencyMs = Int64(arguments[4]), megabytes <= 1 << 20
        else { return }
        // To look at it is no part of computing.
        let byteCount = twin_cell_size(0)
        let walls = UInt8(
            truncatingIfNeeded: twin_cell_enclose(megabytes << 20, seconds))
        var answer = CellAnswer(walls: walls, reason: 0, detail: "")
        if arguments[5] == Cell.emptyName {
            answer.reason = UInt8(truncatingIfNeeded: twin_cell_try_to_break_out())
        } else {
            do throws(Refusal) {
                try prove(arguments[5], try input(byteCount), latencyMs: latencyMs, loader)
            } catch {
                answer.reason = error.reason.rawValue
                answer.detail = error.detail
            }
        }
        let bytes = answer.bytes
        unsafe twin_cell_end_process(twin_cell_write(1, bytes, bytes.count) == 1 ? 0 : 1)
    }

    private static func prove(
        _ name: String, _ bytes: [UInt8], latencyMs: Int64, _ loader: ModelRoom.Loader
    ) throws(Refusal) {
        guard let id = ArtifactID(hex: name) else { throw Refusal(.malformed, "not a name") }
        #if DEBUG
        PlantedFault(bytes)?.happen()
        #endif
        let model = try loader(id, bytes).get()
        // Once to see that it is right and to warm it up, once more to see what it takes.
        try prove(model)
        let begin = twin_cell_processor_microseconds()
        try prove(model)
        var rows = Int64(max(1, model.manifest.golden.count))
        #if DEBUG
        if PlantedFault(bytes) == .slow {
            // As if one row took so long.
            PlantedFault.burn(2 * latencyMs * 1000)
            rows = 1
        }
        #endif
        let perRow = (twin_cell_processor_microseconds() - begin) / rows
        guard perRow <= latencyMs * 1000 else {
            throw Refusal(
                .tooLarge,
                "latency: it takes \(perRow / 1000) ms for a row, more than \(latencyMs) ms; "
                    + "latency.ms sets it")
        }
    }

    private static func prove(_ model: LoadedModel) throws(Refusal) {
        do throws(ModelError) { try Proof.prove(model) } catch { throw error.refusal }
    }

    private static func input(_ count: Int64) throws(Refusal) -> [UInt8] {
        guard count > 0 else { throw Refusal(.malformed, "no bytes") }
        var bytes = [UInt8](repeating: 0, count: Int(count))
        guard unsafe twin_cell_read(0, &bytes, bytes.count) == count else {
            throw Refusal(.failed, "the artifact could not be read")
        }
        return bytes
    }
}

#if DEBUG
/// What a loader may do at the worst, in debug builds: an artifact asks for it with its last bytes.
enum PlantedFault: String, CaseIterable {
    case crash, spin, sleep, hoard, recurse, slow

    init?(_ bytes: [UInt8]) {
        let end = String(decoding: bytes.suffix(32), as: UTF8.self)
        guard let found = PlantedFault.allCases.first(where: { end.hasSuffix("planted \($0)") })
        else { return nil }
        self = found
    }

    func happen() {
        switch self {
        case .crash: fatalError("planted")
        case .spin: PlantedFault.burn(.max)
        case .sleep: twin_cell_sleep_for_ever()
        case .hoard: PlantedFault.hoard()
        case .recurse: _ = PlantedFault.recurse(1)
        // It happens while rows are scored.
        case .slow: break
        }
    }

    static func burn(_ microseconds: Int64) {
        let begin = twin_cell_processor_microseconds()
        while twin_cell_processor_microseconds() - begin < microseconds {}
    }

    private static func hoard() {
        var kept: [[UInt8]] = []
        while true { kept.append([UInt8](repeating: UInt8(kept.count & 1), count: 16 << 20)) }
    }

    private static func recurse(_ depth: Int) -> Int {
        depth == 0 ? 0 : recurse(depth + 1) + depth
    }
}
#endif
