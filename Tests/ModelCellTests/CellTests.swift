import Foundation
import ModelCell
import Testing
import TwinCore

/// What the worst of artifacts does to its loader, it does in a cell of the real executable.
@Suite(.enabled(if: InmateFile.isBuilt, "twin-model is not built beside the tests"))
struct CellTests {
    private let id: ArtifactID

    init() throws { id = try #require(ArtifactID(hex: String(repeating: "ab", count: 32))) }

    private func cell(seconds: Int = 10, megabytes: Int = 1024) -> Cell {
        var limits = Cell.Limits()
        (limits.seconds, limits.memoryMegabytes) = (seconds, megabytes)
        return Cell(limits: limits, executable: InmateFile.path)
    }

    private func refusal(_ cell: Cell, _ bytes: [UInt8]) -> Refusal? {
        do throws(Refusal) {
            try cell.prove(id, bytes)
            return nil
        } catch { return error }
    }

    @Test func `no way leads out of a cell`() throws {
        let walls = try cell().look()
        print(walls)
        #expect(walls.escapeCount == 0 && walls.boundsMemory && walls.filtersCalls)
        #expect(walls.isWhole)
    }

    @Test func `what the loader says comes out of the cell`() {
        let refused = refusal(cell(), Array("no model".utf8))
        #expect(refused?.reason == .malformed, "\(String(describing: refused))")
        #expect(refused?.detail.contains("are those of") == true)
    }

    @Test(arguments: [
        ("crash", Refusal.Reason.failed, "died of it"), ("recurse", .failed, "died of it"),
        ("hoard", .tooLarge, "limit: it takes more than 1024 MiB"),
        ("spin", .tooLarge, "limit: it was not loaded and proved within 1 s"),
        ("sleep", .tooLarge, "limit: it was not loaded and proved within 1 s"),
    ])
    func `a loader that dies, hangs or hoards is a refusal with its reason`(
        fault: String, reason: Refusal.Reason, says: String
    ) {
        let refused = refusal(
            cell(seconds: fault == "hoard" ? 20 : 1), Array("planted \(fault)".utf8))
        #expect(refused?.reason == reason, "\(String(describing: refused))")
        #expect(refused?.detail.contains(says) == true, "\(String(describing: refused))")
    }

    @Test func `an artifact of more bytes than the cell may hold is refused`() {
        let bytes = [UInt8](repeating: 7, count: 600 << 20)
        let refused = refusal(cell(megabytes: 512), bytes)
        #expect(refused?.reason == .tooLarge, "\(String(describing: refused))")
    }

    @Test func `a cell that can't be started is a refusal that may be tried again`() {
        let refused = refusal(Cell(executable: "/nowhere"), [1])
        #expect(refused?.reason == .failed && refused?.retryAfterMs != nil)
    }

    @Test func `what is no cell says so`() {
        let refused = refusal(Cell(executable: "/bin/true"), [1])
        #expect(refused?.reason == .failed)
        #expect(refused?.detail.contains("no answer") == true)
    }
}

/// The executable that can be a cell.
enum InmateFile {
    static let path = URL(filePath: CommandLine.arguments[0])
        .deletingLastPathComponent().appending(path: "twin-model").path
    static let isBuilt = FileManager.default.isExecutableFile(atPath: path)
}
