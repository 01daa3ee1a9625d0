import ArgumentParser
import ControlWard
import Foundation

struct WardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ward",
        abstract: "Makes a simulated ward: no patient in it is real, nor was one.")

    @Option(help: "How many patients.") var beds = 60
    @Option(help: "For how many hours.") var hours = 24
    @Option(help: "The same seed gives the same ward.") var seed: UInt64 = 1
    @Option(help: "The folder for ward.csv and outcomes.csv.") var out: String

    func validate() throws {
        guard Ward.bedCounts.contains(beds), Ward.hourCounts.contains(hours) else {
            throw ValidationError(
                "--beds takes \(Ward.bedCounts), --hours takes \(Ward.hourCounts)")
        }
    }

    func run() async throws {
        let ward = Ward.simulate(beds: beds, hours: hours, seed: seed)
        let folder = URL(filePath: out)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(ward.table.utf8).write(to: folder.appending(path: "ward.csv"))
        try Data(ward.outcomeTable.utf8).write(to: folder.appending(path: "outcomes.csv"))
        let count = ward.outcomes.count { $0.deteriorated }
        Output.line(
            "\(ward.rows.count) simulated values of \(beds) simulated patients, \(count) of whom "
                + "deteriorate; in \(folder.path)")
    }
}
