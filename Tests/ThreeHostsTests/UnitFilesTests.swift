import Foundation
import Testing
import TwinTestKit

private let systemdAnalyze = "/usr/bin/systemd-analyze"

/// The unit files as systemd reads them, where there is a systemd.
@Suite(
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: systemdAnalyze),
        "SKIPPED: the unit files need systemd-analyze"))
struct UnitFilesTests {
    static let units = [
        "twin-store.service", "twin-ingest.service", "twin-feature@.service", "twin-model@.service",
    ]

    @Test(arguments: units)
    func `a unit file is understood, and leaves a service little to do harm with`(
        unit: String
    ) throws {
        let folder = try ScratchFolder()
        defer { folder.remove() }
        let path = folder.path + "/" + unit.replacing("@.", with: "@1.")
        let text = try String(
            contentsOf: RepositoryFolder.root.appending(path: "deploy/systemd/\(unit)"),
            encoding: .utf8)
        // Not installed here: any executable does, as it is not run.
        try text.replacing(/\/usr\/local\/bin\/[a-z-]+/, with: "/bin/true").write(
            toFile: path, atomically: true, encoding: .utf8)
        let understood = try analyze("verify", "--man=no", path)
        #expect(understood.status == 0 && understood.words.isEmpty, "\(understood.words)")
        let exposed = try analyze("security", "--offline=true", "--threshold=15", path)
        #expect(exposed.status == 0, "\(exposed.words.suffix(200))")
    }

    private func analyze(_ arguments: String...) throws -> (status: Int32, words: String) {
        let process = Process()
        process.executableURL = URL(filePath: systemdAnalyze)
        process.arguments = arguments + ["--no-pager"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.runPatiently()
        let words = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: words, as: UTF8.self))
    }
}
