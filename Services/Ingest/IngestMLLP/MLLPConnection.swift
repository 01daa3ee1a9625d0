import IngestDoorways
import IngestHL7
import NIOCore

/// One connection: frames in, answers out, and when to read and when to stop.
///
/// Lives on its event loop.
final class MLLPConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = [UInt8]
    typealias OutboundOut = ByteBuffer

    private enum State {
        case open
        /// The peer sends no more; it is closed when everything is answered.
        case ending
        /// Given up: nothing is read any more but to let the last answer arrive.
        case draining
    }

    private let id: UInt64
    private let settings: MLLPSettings
    private let registry: MLLPRegistry
    private let deliver: @Sendable ([MLLPInput]) -> Void
    private var framer: MLLPFramer
    private var state = State.open
    /// Read, and not delivered: more came at once than may wait for answers.
    private var waiting: ArraySlice<MLLPInput> = []
    private var unansweredCount = 0
    private var isReadHeld = false
    private var isOutputClosed = false
    private var frameDeadline: Scheduled<Void>?

    init(
        id: UInt64, _ settings: MLLPSettings, _ registry: MLLPRegistry,
        deliver: @escaping @Sendable ([MLLPInput]) -> Void
    ) {
        self.id = id
        self.settings = settings
        self.registry = registry
        self.deliver = deliver
        framer = MLLPFramer(
            frameByteCountMax: settings.frameByteCountMax,
            noiseByteCountMax: settings.noiseByteCountMax)
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard state == .open else { return }
        let buffer = unwrapInboundIn(data)
        let events = framer.receive(Array(buffer.readableBytesView))
        take(events)
        watchFrame(context, hasNewFrame: !events.isEmpty)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        deliverWaiting(context)
        context.fireChannelReadComplete()
    }

    /// Reads on only while answers keep up; held back, the peer's own TCP waits.
    func read(context: ChannelHandlerContext) {
        if state == .draining || (mayDeliver && context.channel.isWritable) {
            context.read()
        } else {
            isReadHeld = true
        }
    }

    private var mayDeliver: Bool {
        waiting.isEmpty && unansweredCount < settings.unansweredCountMax
    }

    private func take(_ events: [MLLPFramer.Event]) {
        for event in events {
            switch event {
            case .frame(let frame):
                registry.count { $0.frames += 1 }
                waiting.append(MLLPInput(connection: id, content: .frame(frame)))
            case .fault(let fault, let head):
                registry.count { $0.faults += 1 }
                waiting.append(MLLPInput(connection: id, content: .fault(fault, head: head)))
            }
        }
    }

    /// Delivers as many frames as may wait for answers.
    private func deliverWaiting(_ context: ChannelHandlerContext) {
        var inputs: [MLLPInput] = []
        var lastFault: MLLPFramer.Fault?
        while unansweredCount < settings.unansweredCountMax, let input = waiting.popFirst() {
            inputs.append(input)
            switch input.content {
            case .frame: unansweredCount += 1
            case .fault(let fault, _):
                lastFault = fault
                if fault == .oversized { unansweredCount += 1 }
            }
        }
        if !inputs.isEmpty { deliver(inputs) }
        if let lastFault, lastFault != .truncated { giveUp(context) }
        closeIfDone(context)
    }

    private func resumeReading(_ context: ChannelHandlerContext) {
        guard isReadHeld, mayDeliver, context.channel.isWritable else { return }
        isReadHeld = false
        context.read()
    }

    // MARK: Answering

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let message = unwrapOutboundIn(data)
        if message.isEmpty {
            // Its sender asked for no answer.
            promise?.succeed()
        } else {
            var buffer = context.channel.allocator.buffer(capacity: message.count + 3)
            buffer.writeBytes(MLLPFramer.framed(message))
            context.write(wrapOutboundOut(buffer), promise: promise)
            registry.count { $0.answers += 1 }
        }
        // One frame may hold a batch, and have more answers than one.
        unansweredCount = max(0, unansweredCount - 1)
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        deliverWaiting(context)
        resumeReading(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        resumeReading(context)
        context.fireChannelWritabilityChanged()
    }

    // MARK: Ending

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            guard state == .open else { return context.close(promise: nil) }
            state = .ending
            // A frame that will never end can't be late; the answers that are due may be.
            frameDeadline?.cancel()
            if let fault = framer.end() { take([fault]) }
            deliverWaiting(context)
        case is IdleStateHandler.IdleStateEvent where unansweredCount == 0 && waiting.isEmpty:
            timeOut(context)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func handlerRemoved(context: ChannelHandlerContext) { frameDeadline?.cancel() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.closeAfterFailure()
    }

    private func closeIfDone(_ context: ChannelHandlerContext) {
        guard unansweredCount == 0, waiting.isEmpty else { return }
        switch state {
        case .open: break
        case .ending: context.close(promise: nil)
        case .draining where !isOutputClosed:
            isOutputClosed = true
            context.close(mode: .output, promise: nil)
            close(context, afterMs: settings.lingerMs)
        case .draining: break
        }
    }

    /// Lets the answers that are due arrive, then closes: a close with unread bytes would reset
    /// them away.
    private func giveUp(_ context: ChannelHandlerContext) {
        guard state == .open else { return }
        state = .draining
        close(context, afterMs: settings.frameMs)
        guard isReadHeld else { return }
        isReadHeld = false
        context.read()
    }

    private func close(_ context: ChannelHandlerContext, afterMs delayMs: Int64) {
        let channel = context.channel
        context.eventLoop.scheduleTask(in: .milliseconds(delayMs)) { channel.close(promise: nil) }
    }

    private func timeOut(_ context: ChannelHandlerContext) {
        registry.count { $0.timedOut += 1 }
        context.close(promise: nil)
    }

    /// Starts the clock of a frame that has begun, and stops that of one that has ended.
    private func watchFrame(_ context: ChannelHandlerContext, hasNewFrame: Bool) {
        if hasNewFrame || !framer.isInsideFrame {
            frameDeadline?.cancel()
            frameDeadline = nil
        }
        guard framer.isInsideFrame, frameDeadline == nil else { return }
        startFrameClock(context)
    }

    private func startFrameClock(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        frameDeadline = context.eventLoop.scheduleTask(in: .milliseconds(settings.frameMs)) {
            let (connection, context) = bound.value
            // A frame that waits because this side does not read is not late.
            if connection.isReadHeld {
                connection.startFrameClock(context)
            } else {
                connection.timeOut(context)
            }
        }
    }
}
