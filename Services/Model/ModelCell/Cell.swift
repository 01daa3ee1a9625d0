import CModelCell
public import TwinCore

/// A disposable process in which an artifact is loaded before any service loads it.
///
/// Whatever the artifact does to its loader, it does there: behind walls, with bounded memory and
/// time, and without a file, a network or another process.
public struct Cell: Sendable {
    /// What a cell may take.
    public struct Limits: Hashable, Sendable {
        public var memoryMegabytes = 2048
        /// Of processor time; by the clock, which other work slows down, three times as much.
        public var seconds = 10
        /// Of processor time for one row, scored and explained.
        public var latencyMs = 1000

        public init() {}
    }

    /// The walls of a cell, as it found them when it tried to get out.
    public struct Walls: Hashable, Sendable, CustomStringConvertible {
        public var boundsMemory: Bool
        /// By Landlock; without it the filter of system calls keeps files shut.
        public var shutsFiles: Bool
        public var filtersCalls: Bool
        /// How many of the ways out were open, of a file, a socket and a process.
        public var escapeCount: Int

        public var isWhole: Bool { boundsMemory && filtersCalls && escapeCount == 0 }

        public var description: String {
            func word(_ stands: Bool) -> String { stands ? "yes" : "NOT HERE" }
            return "bounded memory and time: \(word(boundsMemory)), system calls filtered: "
                + "\(word(filtersCalls)), files shut by Landlock: \(word(shutsFiles)), "
                + "ways out: \(escapeCount) of 3"
        }
    }

    /// The word that tells an executable to be a cell.
    static let word = "--cell"
    /// What a refusal may say.
    static let answerByteCountMax = 4096
    private static let complaintByteCountMax = 512
    /// The name of no artifact: the cell looks at its walls and loads nothing.
    static let emptyName = "empty"
    /// What the kernel ends a process with that has used up its processor time.
    private static let processorSignal: Int32 = 24

    public let limits: Limits
    private let executable: String

    /// `executable` calls ``CellInmate/serveIfAsked(_:loader:)`` first of all; it is this one.
    public init(limits: Limits = Limits(), executable: String = "/proc/self/exe") {
        self.limits = limits
        self.executable = executable
    }

    /// Loads an artifact in a cell and proves it there; throws why it may not be loaded here.
    public func prove(_ id: ArtifactID, _ bytes: [UInt8]) throws(Refusal) {
        let spoken = try judge(run(id.hex, bytes))
        guard spoken.reason != 0 else { return }
        throw Refusal(Refusal.Reason(rawValue: spoken.reason) ?? .failed, spoken.detail)
    }

    /// Looks at the walls of an empty cell; throws where none can be had.
    public func look() throws(Refusal) -> Walls {
        let spoken = try judge(run(Cell.emptyName, [0]))
        let stand = Int32(spoken.walls)
        return Walls(
            boundsMemory: stand & TWIN_CELL_LIMITS != 0, shutsFiles: stand & TWIN_CELL_FILES != 0,
            filtersCalls: stand & TWIN_CELL_CALLS != 0, escapeCount: Int(spoken.reason))
    }

    /// How a cell ended, and what it wrote.
    private struct Outcome {
        var end = twin_cell_end()
        var answer = [UInt8](repeating: 0, count: Cell.answerByteCountMax)
        var complaint = [UInt8](repeating: 0, count: Cell.complaintByteCountMax)
    }

    private func run(_ name: String, _ bytes: [UInt8]) -> Outcome {
        let words =
            "twin-cell \(Cell.word) \(limits.memoryMegabytes) \(limits.seconds) "
            + "\(limits.latencyMs) \(name)"
        var outcome = Outcome()
        unsafe twin_cell_run(
            executable, words, bytes, bytes.count, Int64(limits.seconds) * 3000, &outcome.answer,
            outcome.answer.count, &outcome.complaint, outcome.complaint.count, &outcome.end)
        outcome.answer.removeLast(outcome.answer.count - outcome.end.answer_count)
        outcome.complaint.removeLast(outcome.complaint.count - outcome.end.complaint_count)
        return outcome
    }

    private func judge(_ outcome: Outcome) throws(Refusal) -> CellAnswer {
        let code = outcome.end.code
        switch outcome.end.how {
        case TWIN_CELL_EXITED:
            if code == 0, let answer = CellAnswer(outcome.answer) { return answer }
            throw Refusal(.failed, "cell: it ended with status \(code) and no answer")
        case TWIN_CELL_OVERDUE: throw overdue
        case TWIN_CELL_KILLED where code == Cell.processorSignal: throw overdue
        case TWIN_CELL_KILLED: throw death(outcome)
        default:
            throw Refusal(
                .failed, "cell: no process could be started to load it in (error \(code))",
                retryAfterMs: 5000)
        }
    }

    private var overdue: Refusal {
        Refusal(
            .tooLarge,
            "limit: it was not loaded and proved within \(limits.seconds) s; load.seconds sets it")
    }

    /// Of memory that the kernel did not give, a loader dies as of any other fault.
    private func death(_ outcome: Outcome) -> Refusal {
        let text = String(
            decoding: outcome.complaint.filter { (0x20..<0x7F).contains($0) }, as: UTF8.self)
        let kilobytes = outcome.end.resident_kilobytes
        if kilobytes > Int64(limits.memoryMegabytes) * 1024 / 2 || text.contains("allocat")
            || text.contains("memory")
        {
            return Refusal(
                .tooLarge,
                "limit: it takes more than \(limits.memoryMegabytes) MiB to load; "
                    + "load.megabytes sets it")
        }
        return Refusal(
            .failed, "cell: its loader died of it (signal \(outcome.end.code)): \(text.prefix(200))"
        )
    }
}

/// What a cell says before it ends: a byte of walls, a byte that is 0 where all is well, a text.
struct CellAnswer {
    var walls: UInt8
    var reason: UInt8
    var detail: String

    init(walls: UInt8, reason: UInt8, detail: String) {
        self.walls = walls
        self.reason = reason
        self.detail = detail
    }

    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 2, bytes.count <= Cell.answerByteCountMax else { return nil }
        walls = bytes[0]
        reason = bytes[1]
        detail = String(decoding: bytes.dropFirst(2), as: UTF8.self)
    }

    var bytes: [UInt8] {
        Array(([walls, reason] + Array(detail.utf8)).prefix(Cell.answerByteCountMax))
    }
}
