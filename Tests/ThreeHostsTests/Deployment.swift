import Foundation
import Testing
import TwinTestKit

/// The services of the sample on their hosts, started with the sample's files as they are.
///
/// Only the data folder is given anew, and where a test has keys, the keys.
final class Deployment {
    enum Service: String, CaseIterable {
        case store
        case ingest
        case feature
        case model

        var host: Site.Host {
            switch self {
            case .store: .store
            case .ingest: .ingest
            case .feature, .model: .workers
            }
        }
    }

    struct Status: Decodable {
        struct Peer: Decodable {
            let role: String
            let completed: UInt64
        }

        struct Active: Decodable { let outcome: String }

        let twins: Int
        let observations: Int
        let due: Int
        let poisoned: Int
        let active: [Active]
        let peers: [Peer]

        /// How many peers of a role are connected.
        func count(_ service: Service) -> Int {
            peers.count { $0.role.hasPrefix(service.rawValue) }
        }
    }

    /// What ingest says when devices can connect.
    static let mllpIsOpen = "HL7 v2 over MLLP listens at"

    let site: Site
    private let keys: KeyRing?
    private var startedCount = 0

    init(_ site: Site, keys: KeyRing? = nil) {
        self.site = site
        self.keys = keys
    }

    /// Starts a service; workers take no data folder.
    func start(
        _ service: Service, _ more: [String] = [], as user: KeyRing.User? = nil
    ) throws -> SiteProcess {
        startedCount += 1
        var arguments = ["--config", "\(Site.samples)/\(service.rawValue).json"] + more
        if [.store, .ingest].contains(service), !more.contains("--data") {
            arguments += ["--data", "\(site.folder.path)/\(service.rawValue)"]
        }
        let user = user ?? (service == .store ? .store : .member(service.rawValue))
        return try site.start(
            "twin-\(service.rawValue)", arguments, on: service.host,
            as: "\(startedCount)-\(service.rawValue)", keys?.environment(user) ?? [:])
    }

    /// Starts the operator's tool.
    func twinctl(
        _ arguments: [String], on host: Site.Host = .store, as user: KeyRing.User? = nil
    ) throws -> SiteProcess {
        startedCount += 1
        let environment = keys?.environment(user ?? .member("client")) ?? [:]
        return try site.start(
            "twinctl", arguments, on: host, as: "\(startedCount)-twinctl",
            environment.merging(["TWINLINE_STORE_CLIENTS": Site.clients]) { $1 })
    }

    /// Runs the operator's tool; throws what it said where it failed.
    @discardableResult
    func ask(_ arguments: String..., on host: Site.Host = .store) async throws -> String {
        let process = try twinctl(arguments, on: host)
        let status = try await process.end()
        guard status == 0 else {
            throw ContractViolation(
                "twinctl \(arguments.joined(separator: " ")): \(status): \(process.errors)")
        }
        return process.output
    }

    func status() async throws -> Status {
        try JSONDecoder().decode(
            Status.self, from: Data(try await ask("status", "--json").utf8))
    }

    /// Waits until the store's account of itself is as wanted.
    @discardableResult
    func await(
        _ what: String, seconds: Int = 60, _ isReached: (Status) -> Bool
    ) async throws -> Status {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let status = try await status()
            if isReached(status) { return status }
            guard ContinuousClock.now < deadline else {
                throw ContractViolation("\(what): not after \(seconds) s: \(status)")
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Starts sending a table through HL7 v2 over MLLP, from the ingest's host.
    func send(_ table: String, rate: Int? = nil) throws -> SiteProcess {
        try twinctl(
            ["send", "table", table, "--mapping", WardTruth.mapping, "--to", Site.mllp, "--json"]
                + (rate.map { ["--rate", "\($0)"] } ?? []), on: .ingest)
    }

    struct Sent: Decodable {
        let sent: Int
        let accepted: Int
        let refused: Int
    }

    /// Waits for the last acknowledgement.
    func sent(_ process: SiteProcess) async throws -> Sent {
        let status = try await process.end(withinSeconds: 120)
        guard status == 0 else { throw ContractViolation("send: \(process.errors)") }
        return try JSONDecoder().decode(Sent.self, from: Data(process.output.utf8))
    }

    /// Every observation is in its twin exactly once, and every twin was brought up to date.
    func expectAll(of truth: WardTruth, assessed: Bool) async throws {
        struct Line: Decodable {
            let id: String
            let revision: Int
            let featureRevision: Int
            let assessedRevision: Int
        }
        let lines = try await ask("twin", "list", "--json").split(separator: "\n").map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8))
        }
        #expect(Set(lines.map(\.id)) == Set(truth.twins.keys))
        for line in lines {
            #expect(line.featureRevision == line.revision, "\(line)")
            if assessed { #expect(line.assessedRevision == line.revision, "\(line)") }
            let history = try WardTruth.stored(try await ask("twin", "history", "--json", line.id))
            let changes = history.difference(from: truth.twins[line.id] ?? [])
            #expect(changes.isEmpty, "\(line.id)")
        }
    }
}
