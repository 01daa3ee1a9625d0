import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Takes MLLP connections: frames out in bulk, answers in, within limits.
///
/// `deliver` is called on a thread of the server's own and must not block; what is delivered of
/// one connection is in its order. Every frame is answered by ``send(_:)``, in the same order; the
/// server stops reading a connection that has too many without an answer.
public final class MLLPServer: Sendable {
    public let settings: MLLPSettings
    private let group: MultiThreadedEventLoopGroup
    private let registry: MLLPRegistry
    private let deliver: @Sendable ([MLLPInput]) -> Void
    private let listener = Mutex<(any Channel)?>(nil)

    public init(
        _ settings: MLLPSettings, threadCount: Int = 1,
        deliver: @escaping @Sendable ([MLLPInput]) -> Void
    ) {
        self.settings = settings
        self.deliver = deliver
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, threadCount))
        registry = MLLPRegistry(countMax: settings.connectionCountMax)
    }

    /// Listens, and says on which port.
    public func start() async throws -> Int {
        let (settings, registry, deliver) = (settings, registry, deliver)
        let context = try settings.identity?.context()
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 2048, maximum: 65_536)
            )
            .childChannelInitializer { channel in
                guard let id = registry.add(channel) else {
                    return channel.eventLoop.makeFailedFuture(MLLPServerFull())
                }
                channel.closeFuture.whenComplete { _ in registry.remove(id) }
                return channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.addHandlers(
                        IdleStateHandler(readTimeout: .milliseconds(settings.idleMs)),
                        MLLPConnection(id: id, settings, registry, deliver: deliver))
                }
            }
            .bind(host: settings.host, port: settings.port).get()
        listener.withLock { $0 = channel }
        return channel.localAddress?.port ?? settings.port
    }

    /// Answers frames, one write each, in the order given.
    ///
    /// An answer to a connection that is gone is dropped: its sender will send again.
    public func send(_ answers: [MLLPAnswer]) {
        for (channel, messages) in registry.channels(of: answers) {
            channel.eventLoop.execute {
                for message in messages { channel.write(message, promise: nil) }
                channel.flush()
            }
        }
    }

    public func close(_ connection: UInt64) {
        registry.channel(connection)?.close(promise: nil)
    }

    public var counts: MLLPCounts { registry.counts }

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
struct MLLPServerFull: Error {}

/// The connections that are open, and how many there were.
final class MLLPRegistry: Sendable {
    private struct State {
        var channels: [UInt64: any Channel] = [:]
        var counts = MLLPCounts()
    }

    private let countMax: Int
    private let state = Mutex(State())

    init(countMax: Int) { self.countMax = countMax }

    var counts: MLLPCounts {
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

    func count(_ change: (inout MLLPCounts) -> Void) { state.withLock { change(&$0.counts) } }

    func channel(_ id: UInt64) -> (any Channel)? { state.withLock { $0.channels[id] } }

    func all() -> [any Channel] { state.withLock { Array($0.channels.values) } }

    /// Each connection's answers together, in their order.
    func channels(of answers: [MLLPAnswer]) -> [(channel: any Channel, messages: [[UInt8]])] {
        state.withLock { state in
            var places: [UInt64: Int] = [:]
            var grouped: [(channel: any Channel, messages: [[UInt8]])] = []
            for answer in answers {
                if let place = places[answer.connection] {
                    grouped[place].messages.append(answer.bytes)
                } else if let channel = state.channels[answer.connection] {
                    places[answer.connection] = grouped.count
                    grouped.append((channel, [answer.bytes]))
                }
            }
            return grouped
        }
    }
}
