import IngestDoorways
import IngestFHIR
import NIOCore
import NIOHTTP1

/// One connection: a request in, its answer out, and when to stop listening.
///
/// Lives on its event loop.
final class HTTPConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = FHIRAnswer
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// No request has begun.
        case idle
        case reading(FHIRRoute)
        /// A request was delivered and has no answer yet.
        case waiting
        /// Given up: nothing is read any more but to let the last answer arrive.
        case draining
    }

    private let id: UInt64
    private let settings: HTTPSettings
    private let registry: HTTPRegistry
    private let deliver: @Sendable (HTTPInput) -> Void
    private var state = State.idle
    private var body: [UInt8] = []
    private var host = ""
    private var hasBodyInAnswer = true
    private var closesAfterAnswer = false
    private var deadline: Scheduled<Void>?

    init(
        id: UInt64, _ settings: HTTPSettings, _ registry: HTTPRegistry,
        deliver: @escaping @Sendable (HTTPInput) -> Void
    ) {
        self.id = id
        self.settings = settings
        self.registry = registry
        self.deliver = deliver
    }

    // MARK: Reading

    func channelActive(context: ChannelHandlerContext) {
        startClock(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard case .idle = state else { return }
            begin(head, context)
        case .body(let buffer): add(buffer, context)
        case .end: end(context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        closesAfterAnswer = !head.isKeepAlive
        host = head.headers.first(name: "host") ?? ""
        hasBodyInAnswer = head.method != .HEAD
        do throws(FHIRProblem) {
            let route = try FHIRRoute.decide(
                method: head.method.rawValue, uri: head.uri,
                contentType: head.headers.first(name: "content-type"),
                contentEncoding: head.headers.first(name: "content-encoding"),
                ifNoneExist: head.headers.first(name: "if-none-exist"))
            if route != .capabilities, let tokens = settings.tokens,
                !tokens.allow(head.headers.first(name: "authorization"))
            {
                throw HTTPConnection.unknown
            }
            let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
            guard length <= settings.bodyByteCountMax else { throw HTTPConnection.oversized }
            state = .reading(route)
        } catch { return giveUp(error, context) }
        guard head.headers.first(name: "expect")?.lowercased() == "100-continue" else { return }
        let going = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(going)), promise: nil)
    }

    private static let unknown = FHIRProblem(401, .login, "a sender's token is needed")
    private static let oversized = FHIRProblem(413, .tooLong, "the body is too large")
    private static let crowded = FHIRProblem(
        503, .transient, "too many bodies are being received", retryAfterSeconds: 1)
    private static let late = FHIRProblem(408, .timeout, "the request did not come to its end")
    private static let malformed = FHIRProblem(400, .structure, "this is not HTTP/1.1")

    private func add(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        guard case .reading = state else { return }
        guard body.count + buffer.readableBytes <= settings.bodyByteCountMax else {
            return giveUp(HTTPConnection.oversized, context)
        }
        guard registry.reserve(buffer.readableBytes, of: settings.bufferedByteCountMax) else {
            return giveUp(HTTPConnection.crowded, context)
        }
        body += buffer.readableBytesView
    }

    private func end(_ context: ChannelHandlerContext) {
        guard case .reading(let route) = state else { return }
        deadline?.cancel()
        state = .waiting
        let body = takeBody()
        switch route {
        case .capabilities:
            answer(FHIRAnswer(status: 200, body: settings.capabilities), context)
        case .request(let method, let target):
            registry.count { $0.requests += 1 }
            deliver(
                HTTPInput(connection: id, request: FHIRRequest(method, target, body: body)))
        }
    }

    private func takeBody() -> [UInt8] {
        defer { body = [] }
        registry.release(body.count)
        return body
    }

    // MARK: Answering

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .waiting = state else {
            promise?.succeed()
            return
        }
        answer(unwrapOutboundIn(data), context)
        promise?.succeed()
    }

    private func answer(_ answer: FHIRAnswer, _ context: ChannelHandlerContext) {
        write(answer, context)
        guard !closesAfterAnswer else { return drain(context) }
        state = .idle
        startClock(context)
    }

    private func write(_ answer: FHIRAnswer, _ context: ChannelHandlerContext) {
        var head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status))
        head.headers.add(name: "Content-Type", value: "application/fhir+json; charset=utf-8")
        head.headers.add(name: "Content-Length", value: "\(answer.body.count)")
        if let location = answer.location {
            head.headers.add(name: "Location", value: base + location)
        }
        if let seconds = answer.retryAfterSeconds {
            head.headers.add(name: "Retry-After", value: "\(seconds)")
        }
        if answer.status == 405 { head.headers.add(name: "Allow", value: "POST, PUT") }
        if answer.status == 401 { head.headers.add(name: "WWW-Authenticate", value: "Bearer") }
        if closesAfterAnswer { head.headers.add(name: "Connection", value: "close") }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if hasBodyInAnswer {
            let buffer = context.channel.allocator.buffer(bytes: answer.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// What a Location starts with: the host is as the sender calls it, if it is a name at all.
    private var base: String {
        let isName = host.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x3A, 0x41...0x5B, 0x5D, 0x61...0x7A, 0x2D, 0x2E: true
            default: false
            }
        }
        let scheme = settings.identity == nil ? "http" : "https"
        return host.isEmpty || !isName ? "/fhir/" : "\(scheme)://\(host)/fhir/"
    }

    // MARK: Ending

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            switch state {
            case .idle: context.close(promise: nil)
            case .reading: giveUp(HTTPConnection.late, context)
            case .waiting: closesAfterAnswer = true
            case .draining: context.close(promise: nil)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.closeAfterFailure() }
        switch state {
        case .reading where error == .invalidEOFState: giveUp(HTTPConnection.late, context)
        case .idle, .reading: giveUp(HTTPConnection.malformed, context)
        case .waiting: closesAfterAnswer = true
        case .draining: break
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        _ = takeBody()
    }

    /// Answers what can't be taken, and closes.
    private func giveUp(_ problem: FHIRProblem, _ context: ChannelHandlerContext) {
        if case .draining = state { return }
        registry.count { counts in
            counts.refused += 1
            if problem.status == 408 { counts.timedOut += 1 }
        }
        _ = takeBody()
        closesAfterAnswer = true
        write(FHIRAnswer(problem), context)
        drain(context)
    }

    /// Lets the answer arrive, then closes: a close with unread bytes would reset it away.
    private func drain(_ context: ChannelHandlerContext) {
        state = .draining
        deadline?.cancel()
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: .milliseconds(settings.lingerMs)) {
            channel.close(promise: nil)
        }
    }

    /// Starts the clock of the next request: who sends a byte now and then is late too.
    private func startClock(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: .milliseconds(settings.requestMs)) {
            let (connection, context) = bound.value
            connection.timeOut(context)
        }
    }

    private func timeOut(_ context: ChannelHandlerContext) {
        switch state {
        case .idle:
            registry.count { $0.timedOut += 1 }
            context.close(promise: nil)
        case .reading: giveUp(HTTPConnection.late, context)
        case .waiting, .draining: break
        }
    }
}
