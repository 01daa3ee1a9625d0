import Foundation
import Synchronization
import TwinTestKit

/// One site on three machines, as `deploy/samples/three-hosts` describes it: network namespaces on
/// a switch of their own, which reach each other at the documentation's addresses and nothing else.
final class Site {
    enum Host: String, CaseIterable {
        case ingest
        case store
        case workers
    }

    static let samples = "deploy/samples/three-hosts"
    static let clients = "tcp://192.0.2.2:5582"
    static let mllp = "192.0.2.1:2575"

    /// Whether this machine lets this user make network namespaces.
    static let isPossible: Bool = {
        let name = "twinline-\(ProcessInfo.processInfo.processIdentifier)-probe"
        let probe = "ip netns add \(name) && ip netns delete \(name)"
        return geteuid() == 0 && (try? Site.shell(probe)) == 0
    }()

    private static let count = Mutex(0)

    let folder: ScratchFolder
    private let name: String
    private let guardian = Process()
    private let life = Pipe()

    init() throws {
        folder = try ScratchFolder()
        let number = Site.count.withLock { count in
            count += 1
            return count
        }
        name = "twinline-\(ProcessInfo.processInfo.processIdentifier)-\(number)"
        try guardIt()
        try Site.shell(build())
    }

    /// Ends every process of the site and takes it down.
    func close() throws {
        try life.fileHandleForWriting.close()
        guardian.waitUntilExit()
    }

    /// Takes the site down when this process ends, whichever way it does: the pipe ends with it.
    private func guardIt() throws {
        let names = (["switch"] + Host.allCases.map(\.rawValue)).map { "\(name)-\($0)" }
        guardian.executableURL = URL(filePath: "/bin/sh")
        guardian.arguments = [
            "-c",
            """
            trap '' INT TERM HUP
            cat >/dev/null
            for name in \(names.joined(separator: " ")); do
                ip netns pids $name | xargs -r kill -9
                ip netns delete $name
            done
            rm -r '\(folder.path)'
            """,
        ]
        guardian.standardInput = life.fileHandleForReading
        guardian.standardError = FileHandle.nullDevice
        try guardian.runPatiently()
    }

    private func build() -> String {
        var lines = [
            "ip netns add \(name)-switch", "ip -n \(name)-switch link add lan type bridge",
            "ip -n \(name)-switch link set lan up",
        ]
        for (index, host) in Host.allCases.enumerated() {
            let (place, port) = ("\(name)-\(host.rawValue)", host.rawValue)
            lines += [
                "ip netns add \(place)", "ip -n \(place) link set lo up",
                "ip -n \(name)-switch link add \(port) type veth peer name eth0 netns \(place)",
                "ip -n \(name)-switch link set \(port) master lan up",
                "ip -n \(place) address add 192.0.2.\(index + 1)/24 dev eth0",
                "ip -n \(place) link set eth0 up",
            ]
        }
        return lines.joined(separator: "\n")
    }

    /// Pulls a host's plug: what it sends, or is sent, is lost without a word.
    func cut(_ host: Host) throws {
        try Site.shell("ip -n \(name)-switch link set \(host.rawValue) down")
    }

    func heal(_ host: Host) throws {
        try Site.shell("ip -n \(name)-switch link set \(host.rawValue) up")
    }

    /// Starts an executable that was built beside the tests, on one of the hosts.
    func start(
        _ executable: String, _ arguments: [String], on host: Host, as log: String,
        _ environment: [String: String] = [:]
    ) throws -> SiteProcess {
        let beside = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        return try SiteProcess(
            ["netns", "exec", "\(name)-\(host.rawValue)", beside.appending(path: executable).path]
                + arguments, environment, log: folder.path + "/" + log)
    }

    @discardableResult
    private static func shell(_ script: String) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-ec", script]
        let errors = Pipe()
        process.standardError = errors
        try process.runPatiently()
        let text = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ContractViolation(String(decoding: text, as: UTF8.self))
        }
        return 0
    }
}
