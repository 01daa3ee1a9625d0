public import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A port that is listened on, and its connections, no more than are allowed.
public final class Doorway<Counts: ConnectionCounts>: Sendable {
    public let registry: ConnectionRegistry<Counts>
    private let group: MultiThreadedEventLoopGroup
    private let listener = Mutex<(any Channel)?>(nil)

    public init(connectionCountMax: Int, threadCount: Int = 1) {
        registry = ConnectionRegistry(countMax: connectionCountMax)
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, threadCount))
    }

    /// Listens, and says on which port; `prepare` gives each connection its handlers.
    ///
    /// With an identity, only TLS is spoken.
    public func start(
        host: String, port: Int, identity: DoorwayIdentity? = nil,
        prepare: @escaping @Sendable (any Channel, _ id: UInt64) throws -> Void
    ) async throws -> Int {
        let registry = registry
        let context = try identity?.context()
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
                    return channel.eventLoop.makeFailedFuture(DoorwayFull())
                }
                channel.closeFuture.whenComplete { _ in registry.remove(id) }
                return channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLServerHandler(context: context))
                    }
                    try prepare(channel, id)
                }
            }
            .bind(host: host, port: port).get()
        listener.withLock { $0 = channel }
        return channel.localAddress?.port ?? port
    }

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
private struct DoorwayFull: Error {}
