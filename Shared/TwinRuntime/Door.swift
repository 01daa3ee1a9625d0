import CTwinRuntime
import Foundation
public import Logging
import ServiceLifecycle
import UnixSignals

/// The software's version, as every service tells it.
public let twinlineVersion = "0.1.0"

/// What every service's executable does the same: help, settings, logs, signals, exit codes.
public enum Door {
    /// Every thread may have a heap of its own, and each keeps what it once needed.
    private static let heapCountMax: Int32 = 4
    /// A block of an artifact or a large message; it goes back to the system as it is let go.
    private static let largeByteCount: Int32 = 1 << 20

    /// Opens a service, waits for SIGTERM or SIGINT, shuts it.
    ///
    /// `open` starts the service and returns what shuts it; both may block.
    /// Exits 0 after a shutdown, 78 where the configuration is at fault, 1 on any other error.
    public static func serve(
        _ name: String, _ settings: [Setting],
        open: @escaping @Sendable (Settings, Logger) async throws -> @Sendable () -> Void
    ) async {
        let arguments = CommandLine.arguments
        if arguments.contains("--help") {
            print(help(name, settings))
            return
        }
        if arguments.contains("--version") {
            print("\(name) \(twinlineVersion)")
            return
        }
        // Otherwise one large artifact is enough for megabytes to stay with each heap.
        _ = twin_allocator_bound(heapCountMax, largeByteCount)
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        let logger = Logger(label: name)
        do {
            let shut = try await open(
                try await Settings(
                    settings, environment: ProcessInfo.processInfo.environment), logger)
            try await ServiceGroup(
                services: [Opened(shut: shut)], gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: name, factory: { _ in SwiftLogNoOpLogHandler() })
            ).run()
            logger.info("stopped")
        } catch let error as SettingsError {
            stop(name, "\(error)", status: 78)
        } catch {
            stop(name, "\(error)", status: 1)
        }
    }

    private static func stop(_ name: String, _ reason: String, status: Int32) -> Never {
        FileHandle.standardError.write(Data("\(name): \(reason)\n".utf8))
        exit(status)
    }

    private static func help(_ name: String, _ settings: [Setting]) -> String {
        let rows = settings.map { setting in
            "  \(setting.flag) VALUE\n      \(setting.help)"
                + (setting.standard.map { $0.isEmpty ? "" : " [\($0)]" } ?? " (needed)")
                + "\n      environment: \(setting.variable), file: \(setting.key)"
        }
        return "\(name) \(twinlineVersion)\n\n  --config FILE\n      JSON with the keys below\n"
            + rows.joined(separator: "\n")
    }
}

/// A service that is open already: it waits for the signal and shuts.
private struct Opened: Service {
    let shut: @Sendable () -> Void

    func run() async throws {
        try? await gracefulShutdown()
        shut()
    }
}

extension Logger {
    /// Says where a door listens, and that only this machine reaches it where that is so.
    public func listening(_ what: String, _ address: String, setting: String) {
        let isLoopback = address.contains("127.0.0.1") || address.contains("localhost")
        let hint = isLoopback ? " (this machine only; set \(setting) for others)" : ""
        info("\(what) listens at \(address)\(hint)")
    }
}
