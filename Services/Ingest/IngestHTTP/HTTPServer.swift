import IngestDoorways
import IngestFHIR
import NIOCore
import NIOHTTP1

/// Takes FHIR over HTTP/1.1: whole requests out, answers in, within limits.
///
/// `deliver` is called on a thread of the server's own and must not block. Every request that is
/// delivered is answered by ``send(_:)``; until then its connection is not read on.
public final class HTTPServer: Sendable {
    public let settings: HTTPSettings
    private let doorway: Doorway<HTTPCounts>
    private let deliver: @Sendable (HTTPInput) -> Void

    public init(_ settings: HTTPSettings, deliver: @escaping @Sendable (HTTPInput) -> Void) {
        self.settings = settings
        self.deliver = deliver
        doorway = Doorway(connectionCountMax: settings.connectionCountMax)
    }

    /// Listens, and says on which port.
    public func start() async throws -> Int {
        let (settings, registry, deliver) = (settings, doorway.registry, deliver)
        return try await doorway.start(
            host: settings.host, port: settings.port, identity: settings.identity
        ) { channel, id in
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline(withErrorHandling: false)
            try pipeline.addHandler(HTTPConnection(id: id, settings, registry, deliver: deliver))
        }
    }

    /// Answers requests; an answer to a connection that is gone is dropped: its sender asks again.
    public func send(_ answers: [HTTPAnswer]) {
        for answer in answers {
            doorway.registry.channel(answer.connection)?.writeAndFlush(
                answer.answer, promise: nil)
        }
    }

    public var counts: HTTPCounts { doorway.registry.counts }

    /// Closes every connection and the listener, and waits for that.
    public func stop() async throws { try await doorway.stop() }
}

/// The connections that are open, and what they hold together.
typealias HTTPRegistry = ConnectionRegistry<HTTPCounts>

extension ConnectionRegistry<HTTPCounts> {
    /// Whether so many bytes more may be held, of so many together; they are, then.
    func reserve(_ byteCount: Int, of byteCountMax: Int) -> Bool {
        count { counts in
            guard byteCount <= byteCountMax - counts.bufferedByteCount else { return false }
            counts.bufferedByteCount += byteCount
            return true
        }
    }

    func release(_ byteCount: Int) { count { $0.bufferedByteCount -= byteCount } }
}
