import IngestDoorways
import NIOCore

/// Takes MLLP connections: frames out in bulk, answers in, within limits.
///
/// `deliver` is called on a thread of the server's own and must not block; what is delivered of
/// one connection is in its order. Every frame is answered by ``send(_:)``, in the same order; the
/// server stops reading a connection that has too many without an answer.
public final class MLLPServer: Sendable {
    public let settings: MLLPSettings
    private let doorway: Doorway<MLLPCounts>
    private let deliver: @Sendable ([MLLPInput]) -> Void

    public init(
        _ settings: MLLPSettings, threadCount: Int = 1,
        deliver: @escaping @Sendable ([MLLPInput]) -> Void
    ) {
        self.settings = settings
        self.deliver = deliver
        doorway = Doorway(
            connectionCountMax: settings.connectionCountMax, threadCount: threadCount)
    }

    /// Listens, and says on which port.
    public func start() async throws -> Int {
        let (settings, registry, deliver) = (settings, doorway.registry, deliver)
        return try await doorway.start(
            host: settings.host, port: settings.port, identity: settings.identity
        ) { channel, id in
            try channel.pipeline.syncOperations.addHandlers(
                IdleStateHandler(readTimeout: .milliseconds(settings.idleMs)),
                MLLPConnection(id: id, settings, registry, deliver: deliver))
        }
    }

    /// Answers frames, one write each, in the order given.
    ///
    /// An answer to a connection that is gone is dropped: its sender will send again.
    public func send(_ answers: [MLLPAnswer]) {
        for (channel, messages) in doorway.registry.channels(of: answers) {
            channel.eventLoop.execute {
                for message in messages { channel.write(message, promise: nil) }
                channel.flush()
            }
        }
    }

    public func close(_ connection: UInt64) {
        doorway.registry.channel(connection)?.close(promise: nil)
    }

    public var counts: MLLPCounts { doorway.registry.counts }

    /// Closes every connection and the listener, and waits for that.
    public func stop() async throws { try await doorway.stop() }
}

/// The connections that are open, and how many there were.
typealias MLLPRegistry = ConnectionRegistry<MLLPCounts>

extension ConnectionRegistry<MLLPCounts> {
    /// Each connection's answers together, in their order.
    func channels(of answers: [MLLPAnswer]) -> [(channel: any Channel, messages: [[UInt8]])] {
        var places: [UInt64: Int] = [:]
        var grouped: [(channel: any Channel, messages: [[UInt8]])] = []
        for answer in answers {
            if let place = places[answer.connection] {
                grouped[place].messages.append(answer.bytes)
            } else if let channel = channel(answer.connection) {
                places[answer.connection] = grouped.count
                grouped.append((channel, [answer.bytes]))
            }
        }
        return grouped
    }
}
