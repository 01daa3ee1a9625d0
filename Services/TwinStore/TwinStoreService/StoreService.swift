import Dispatch
import Synchronization
public import TwinCore
import TwinRuntime
public import TwinStoreCore

/// What time it is, for a service.
public struct StoreClock: Sendable {
    public var now: @Sendable () -> Instant
    /// Goes only forward.
    public var uptimeMs: @Sendable () -> UInt64

    public init(
        now: @escaping @Sendable () -> Instant, uptimeMs: @escaping @Sendable () -> UInt64
    ) {
        self.now = now
        self.uptimeMs = uptimeMs
    }

    /// The machine's clocks; the uptime counts from this call.
    public static func ofMachine() -> StoreClock {
        let start = MachineClock.uptimeMs
        return StoreClock(
            now: { MachineClock.now }, uptimeMs: { MachineClock.uptimeMs &- start })
    }
}

/// The store without its sockets: a room on a thread of its own, and readers on theirs.
public final class StoreService: Sendable {
    /// How long the room's thread sleeps at most, so that deadlines are seen.
    private static let tickMs: UInt32 = 100

    private let inbox = Inbox<StoreArrival>()
    private let readers: Readers
    private let engine: any TwinEngine
    private let threads: [LoopThread]
    private let isStopped = Mutex(false)

    /// Recovers what the engine has kept, and begins.
    public init(
        engine: any TwinEngine, port: any StorePort,
        settings: ServiceSettings = ServiceSettings(), clock: StoreClock = .ofMachine(),
        identify: @escaping @Sendable ([UInt8]) -> ArtifactID,
        admit: @escaping StoreLoop.Admission = { _, _, _ in }
    ) throws(EngineError) {
        self.engine = engine
        let inbox = inbox
        let readers = Readers(
            count: settings.readerCount, questionCountMax: settings.questionCountMax)
        self.readers = readers
        let loop: StoreLoop
        do throws(EngineError) {
            loop = try StoreLoop(
                StoreLoop.Surroundings(
                    engine: engine, port: port, post: { inbox.post([$0]) },
                    perform: { readers.perform($0) }, identify: identify, admit: admit),
                settings: settings)
        } catch {
            readers.stop()
            throw error
        }
        threads = [
            LoopThread("store-room") {
                var loop = loop
                while let arrivals = inbox.take() {
                    loop.turn(arrivals, at: clock.now(), uptimeMs: clock.uptimeMs())
                }
            },
            LoopThread("store-tick") {
                while inbox.nudge() { MachineClock.sleep(milliseconds: StoreService.tickMs) }
            },
        ]
    }

    deinit { stop() }

    /// Hands in what arrived, in bulk; from any thread.
    public func post(_ arrivals: [StoreArrival]) { inbox.post(arrivals) }

    /// Stops, waits for what is under way, and closes the engine.
    ///
    /// What has not been acknowledged by then is sent again by its ingest. Not to be called from the
    /// port: it would wait for itself.
    public func stop() {
        let isFirst = isStopped.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        guard isFirst else { return }
        inbox.close()
        for thread in threads { thread.join() }
        readers.stop()
        engine.close()
    }
}
