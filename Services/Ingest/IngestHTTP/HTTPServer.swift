import IngestFHIR
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Takes FHIR over HTTP/1.1: whole requests out, answers in, within limits.
///
/// `deliver` is called on a thread of the server's own and must not block. Every request that is
/// delivered is answered by ``send(_:)``; until then its connection is not read on.
public final class HTTPServer: Sendable {
    public let settings: HTTPSettings
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let registry: HTTPRegistry
    private let deliver: @Sendable (HTTPInput) -> Void
    private let listener = Mutex<(any Channel)?>(nil)

    public init(_ settings: HTTPSettings, deliver: @escaping @Sendable (HTTPInput) -> Void) {
        self.settings = settings
        self.deliver = deliver
        registry = HTTPRegistry(
            countMax: settings.connectionCountMax, byteCountMax: settings.bufferedByteCountMax)
    }

    /// Listens, and says on which port.
    public func start() async throws -> Int {
        let (settings, registry, deliver) = (settings, registry, deliver)
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                guard let id = registry.add(channel) else {
                    return channel.eventLoop.makeFailedFuture(HTTPServerFull())
                }
                channel.closeFuture.whenComplete { _ in registry.remove(id) }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: false)
                    try pipeline.addHandler(
                        HTTPConnection(id: id, settings, registry, deliver: deliver))
                }
            }
            .bind(host: settings.host, port: settings.port).get()
        listener.withLock { $0 = channel }
        return channel.localAddress?.port ?? settings.port
    }

    /// Answers requests; an answer to a connection that is gone is dropped: its sender asks again.
    public func send(_ answers: [HTTPAnswer]) {
        for answer in answers {
            registry.channel(answer.connection)?.writeAndFlush(answer.answer, promise: nil)
        }
    }

    public var counts: HTTPCounts { registry.counts }

    /// Closes every connection and the listener, and waits for that.
    public func stop() async throws {
        let channel = listener.withLock { listener in
            defer { listener = nil }
            return listener
        }
        try? await channel?.close().get()
        for channel in registry.all() { try? await channel.close().get() }
        try await group.shutdownGracefully()
    }
}

/// There are as many connections as are allowed.
struct HTTPServerFull: Error {}

/// The connections that are open, and what they hold together.
final class HTTPRegistry: Sendable {
    private struct State {
        var channels: [UInt64: any Channel] = [:]
        var counts = HTTPCounts()
    }

    private let countMax: Int
    private let byteCountMax: Int
    private let state = Mutex(State())

    init(countMax: Int, byteCountMax: Int) {
        self.countMax = countMax
        self.byteCountMax = byteCountMax
    }

    var counts: HTTPCounts {
        state.withLock { state in
            state.counts.open = UInt64(state.channels.count)
            return state.counts
        }
    }

    /// The new connection's number; nil if there are too many.
    func add(_ channel: any Channel) -> UInt64? {
        state.withLock { state in
            guard state.channels.count < countMax else {
                state.counts.turnedAway += 1
                return nil
            }
            state.counts.accepted += 1
            state.channels[state.counts.accepted] = channel
            return state.counts.accepted
        }
    }

    func remove(_ id: UInt64) { state.withLock { $0.channels[id] = nil } }

    func count(_ change: (inout HTTPCounts) -> Void) { state.withLock { change(&$0.counts) } }

    /// Whether so many bytes more may be held; they are, then.
    func reserve(_ byteCount: Int) -> Bool {
        state.withLock { state in
            guard byteCount <= byteCountMax - state.counts.bufferedByteCount else { return false }
            state.counts.bufferedByteCount += byteCount
            return true
        }
    }

    func release(_ byteCount: Int) {
        state.withLock { $0.counts.bufferedByteCount -= byteCount }
    }

    func channel(_ id: UInt64) -> (any Channel)? { state.withLock { $0.channels[id] } }

    func all() -> [any Channel] { state.withLock { Array($0.channels.values) } }
}
