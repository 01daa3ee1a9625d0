import Foundation
import TwinTestKit

/// All services as processes, on ports and in a folder of a test's own.
final class RunningHouse {
    /// How the services of a house are set.
    struct Plan {
        var features = 1
        var models = 0
        var ingest: [String] = []
        var store: [String] = []
        var model: [String] = []
        var feature: [String] = []
        var ingestEnvironment: [String: String] = [:]
        var storeEnvironment: [String: String] = [:]
    }

    let scratch: ScratchFolder
    let plan: Plan
    /// Six in a row: native, MLLP, the store's for ingest, workers and clients, and FHIR.
    let firstPort: Int
    private(set) var services: [String: ServiceProcess] = [:]

    var nativePort: Int { firstPort }
    var mllpPort: Int { firstPort + 1 }
    var fhirPort: Int { firstPort + 5 }
    var storeAddress: String { "tcp://127.0.0.1:\(firstPort + 4)" }
    var ingestFolder: String { scratch.path + "/ingest" }

    /// Starts everything, runs `body`, ends everything.
    static func open(
        _ plan: Plan = Plan(), _ body: (RunningHouse) async throws -> Void
    ) async throws {
        let house = try RunningHouse(plan)
        defer { house.close() }
        do {
            try await house.startAll()
            try await body(house)
        } catch {
            throw SystemFailure("\(error)\n\(house.logs())")
        }
    }

    private init(_ plan: Plan) throws {
        self.plan = plan
        scratch = try ScratchFolder()
        firstPort = try Ports.sixFree()
    }

    private func startAll() async throws {
        for name in ["store", "ingest"] { try start(name) }
        for index in 0..<plan.features { try start("feature-\(index + 1)") }
        for index in 0..<plan.models { try start("model-\(index + 1)") }
        try await awaitUp()
    }

    /// Waits until every door is open and the store knows the others.
    func awaitUp() async throws {
        try await eventually("every service is up", within: 30) {
            guard let status = try? await status() else { return false }
            let names = Set(status.peers.map(\.name))
            return names.isSuperset(of: services.keys.filter { $0 != "store" })
                && (services["ingest"] == nil || (try? PlainSocket(port: mllpPort)) != nil)
        }
    }

    /// Starts a service, or starts it again in the same folder.
    func start(_ name: String) throws {
        let host = "tcp://127.0.0.1:"
        var arguments = ["--name", name]
        var environment: [String: String] = [:]
        switch name {
        case "store":
            arguments += [
                "--data", scratch.path + "/store", "--listen-ingest", host + "\(firstPort + 2)",
                "--listen-workers", host + "\(firstPort + 3)", "--listen-clients", storeAddress,
            ]
            arguments += plan.store
            environment = plan.storeEnvironment
        case "ingest":
            arguments += [
                "--data", ingestFolder, "--listen-mllp", "127.0.0.1:\(mllpPort)",
                "--listen-fhir", "127.0.0.1:\(fhirPort)",
                "--listen-native", host + "\(nativePort)", "--store-ingest",
                host + "\(firstPort + 2)",
            ]
            arguments += plan.ingest
            environment = plan.ingestEnvironment
        default:
            arguments += ["--store-workers", host + "\(firstPort + 3)"]
            arguments += name.hasPrefix("model") ? plan.model : plan.feature
        }
        let kind = name.prefix { $0 != "-" }
        services[name] = try ServiceProcess(
            "twin-\(kind)", arguments,
            log: URL(filePath: "\(scratch.path)/\(name).log"), environment: environment)
    }

    func kill(_ name: String) { services[name]?.kill() }

    /// Ends what runs, by its process id.
    private func close() {
        for service in services.values { service.send(SIGCONT) }
        for service in services.values { service.kill() }
        scratch.remove()
    }

    func twinctl(
        _ arguments: String..., seconds: Int = 60
    ) async throws -> Finished {
        try await twinctl(arguments, seconds: seconds)
    }

    func twinctl(_ arguments: [String], seconds: Int = 60) async throws -> Finished {
        try await Executables.run(
            Executables.folder.appending(path: "twinctl"), arguments, in: scratch.path,
            environment: ["TWINLINE_STORE_CLIENTS": storeAddress], seconds: seconds)
    }

    /// The end of every log.
    private func logs() -> String {
        services.keys.sorted().map { name in
            let text = (try? String(contentsOfFile: "\(scratch.path)/\(name).log", encoding: .utf8))
            return "── \(name)\n" + (text ?? "").suffix(1500)
        }.joined(separator: "\n")
    }
}

/// Ports that nobody uses.
enum Ports {
    /// The first of six free ports in a row, below those that the system gives to clients.
    static func sixFree() throws -> Int {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let first = Int.random(in: 15_000...31_000, using: &random)
            if (first..<first + 6).allSatisfy({ PlainSocket.isFree(port: $0) }) { return first }
        }
        throw SystemFailure("no six free ports in a row")
    }
}
