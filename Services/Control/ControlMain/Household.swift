import Dispatch
import Foundation
import Synchronization

/// The processes of `twinctl up`: started together, stopped together.
///
/// A service that ends by itself is started again; three ends within ten seconds stop all.
final class Household: Sendable {
    struct Member: Sendable {
        let name: String
        let executable: String
        let arguments: [String]
    }

    private struct State {
        var running: [String: Process] = [:]
        var ends: [String: [ContinuousClock.Instant]] = [:]
        var isStopping = false
        var failure: String?
    }

    private let logs: URL
    private let state = Mutex(State())

    init(logs: URL) { self.logs = logs }

    func start(_ members: [Member]) throws {
        for member in members { try start(member) }
    }

    private func start(_ member: Member) throws {
        let log = logs.appending(path: "\(member.name).log")
        if !FileManager.default.fileExists(atPath: log.path) {
            try Data().write(to: log)
        }
        let output = try FileHandle(forWritingTo: log)
        try output.seekToEnd()
        let process = Process()
        process.executableURL = Household.sibling(member.executable)
        process.arguments = member.arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        process.terminationHandler = { [weak self] _ in self?.ended(member) }
        try process.run()
        state.withLock { $0.running[member.name] = process }
    }

    /// An executable that lies beside this one.
    static func sibling(_ name: String) -> URL {
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            ?? CommandLine.arguments[0]
        return URL(filePath: own).deletingLastPathComponent().appending(path: name)
    }

    private func ended(_ member: Member) {
        let mayRestart = state.withLock { state in
            state.running[member.name] = nil
            guard !state.isStopping else { return false }
            let now = ContinuousClock.now
            let recent = (state.ends[member.name] ?? []).filter { now - $0 < .seconds(10) } + [now]
            state.ends[member.name] = recent
            if recent.count >= 3 {
                state.failure = "\(member.name) keeps ending; see \(member.name).log"
            }
            return recent.count < 3
        }
        guard mayRestart else { return stop() }
        Output.note("\(member.name) ended and is started again")
        do { try start(member) } catch {
            state.withLock { $0.failure = "\(member.name): \(error)" }
            stop()
        }
    }

    /// Ends every process by the id that it was started with.
    func stop() {
        let running = state.withLock { state in
            state.isStopping = true
            return state.running.values
        }
        for process in running { process.terminate() }
    }

    func stop(on signal: Int32) -> any DispatchSourceSignal {
        Foundation.signal(signal, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: signal, queue: .global())
        source.setEventHandler { self.stop() }
        source.resume()
        return source
    }

    /// Returns when every process has ended; kills those that do not within ten seconds.
    func finished() async throws {
        var deadline: ContinuousClock.Instant?
        while true {
            let (count, isStopping) = state.withLock { ($0.running.count, $0.isStopping) }
            if isStopping, count == 0 { break }
            if isStopping {
                let limit = deadline ?? ContinuousClock.now + .seconds(10)
                deadline = limit
                if ContinuousClock.now > limit { kill() }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        if let failure = state.withLock({ $0.failure }) { throw CommandFailure(failure) }
    }

    private func kill() {
        for process in state.withLock({ $0.running.values }) {
            _ = Foundation.kill(process.processIdentifier, SIGKILL)
        }
    }
}
