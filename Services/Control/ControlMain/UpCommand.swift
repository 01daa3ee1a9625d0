import ArgumentParser
import Dispatch
import Foundation

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "All services on this machine; Ctrl-C stops all.")

    @OptionGroup var common: OutputOptions
    @Option(help: "Where everything is kept.") var data = "twinline-data"
    @Option(help: "The first of six free ports; the agreed ones where none is given.")
    var portsFrom: Int?
    @Option(help: "How many workers extract features of vitals.") var featureWorkers = 1
    @Option(help: "How many workers score models.") var modelWorkers = 1
    @Option(help: "A file of rules of cleaning; see twinctl cleaning.") var rules: String?

    func validate() throws {
        guard portsFrom.map((1024...65_530).contains) ?? true else {
            throw ValidationError("--ports-from takes 1024 to 65530")
        }
        guard (0...64).contains(featureWorkers), (0...64).contains(modelWorkers) else {
            throw ValidationError("0 to 64 workers of a kind")
        }
    }

    func run() async throws {
        let addresses = Addresses(portsFrom: portsFrom)
        let folder = URL(filePath: data)
        let logs = folder.appending(path: "log")
        try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
        let household = Household(logs: logs)
        let signals = [SIGINT, SIGTERM].map { household.stop(on: $0) }
        defer { for signal in signals { signal.cancel() } }
        do {
            try household.start(services(addresses, in: folder))
            let store = try StoreOptions.parse(["--store", addresses.store.clients])
            try await StoreClient.use(store, patienceSeconds: 20) { client in
                try await client.awaitWorkers(count: featureWorkers + modelWorkers)
            }
        } catch {
            household.stop()
            throw error
        }
        if common.json {
            try Output.json(addresses)
        } else {
            Output.line("HL7 v2 over MLLP   \(addresses.mllp)")
            Output.line("FHIR R4 over HTTP  http://\(addresses.fhir)/fhir")
            Output.line("native             \(addresses.native)")
            Output.line("clients            \(addresses.store.clients)")
            Output.line("data and logs      \(folder.path)")
            Output.line("Ctrl-C stops all.")
        }
        try await household.finished()
    }

    private func services(_ addresses: Addresses, in folder: URL) -> [Household.Member] {
        func member(_ name: String, _ executable: String, _ arguments: [String]) -> Household.Member
        {
            Household.Member(name: name, executable: executable, arguments: arguments)
        }
        let store = addresses.store
        let cleaning = rules.map { ["--rules", $0] } ?? []
        var members = [
            member(
                "store", "twin-store",
                [
                    "--data", folder.appending(path: "store").path, "--listen-ingest", store.ingest,
                    "--listen-workers", store.workers, "--listen-clients", store.clients,
                ]),
            member(
                "ingest", "twin-ingest",
                [
                    "--data", folder.appending(path: "ingest").path, "--listen-native",
                    addresses.native, "--listen-mllp", addresses.mllp, "--listen-fhir",
                    addresses.fhir, "--store-ingest", store.ingest,
                ] + cleaning),
        ]
        for index in 0..<featureWorkers {
            members.append(
                member(
                    "feature-\(index + 1)", "twin-feature",
                    [
                        "--store-workers", store.workers, "--modality", "vitals", "--name",
                        "feature-\(index + 1)",
                    ] + cleaning))
        }
        for index in 0..<modelWorkers {
            members.append(
                member(
                    "model-\(index + 1)", "twin-model",
                    ["--store-workers", store.workers, "--name", "model-\(index + 1)"]))
        }
        return members
    }
}
