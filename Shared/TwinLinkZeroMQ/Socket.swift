import CZeroMQ
import Glibc
import TwinCore
import TwinLink

/// A ZeroMQ socket; the only place in the house that makes one.
///
/// Unchecked, because a socket is used by one thread at a time: the caller's that made it, and
/// after it was handed over through the mailbox, whose lock orders the two, the hub's.
@safe final class Socket: @unchecked Sendable {
    /// One message as it came, within the limits; what goes beyond is cut off and marked.
    struct Received {
        /// Who sent it; nil on a socket that has one peer.
        var route: [UInt8]?
        var frames: [[UInt8]] = []
        /// The public key that the sender proved to have.
        var userID: String?
        var isTooLarge = false
    }

    enum Sending {
        case sent
        /// The peer, or the network, takes no more now.
        case full
        /// The peer is gone.
        case unreachable
    }

    let raw: UnsafeMutableRawPointer
    private let context: Context
    private let isRouter: Bool
    private let frameCountMax: Int
    private let byteCountMax: Int
    private var handshakes: Handshakes?

    private init(
        _ context: Context, type: Int32, limits: LinkLimits
    ) throws(LinkError) {
        guard let raw = unsafe zmq_socket(context.raw, type) else {
            throw .outOfResources("no socket: \(lastFailure())")
        }
        unsafe self.raw = raw
        self.context = context
        isRouter = type == ZMQ_ROUTER
        frameCountMax = 2 + limits.attachmentCountMax
        byteCountMax = Int(clamping: limits.windowByteCount) + limits.frameByteCountMax
        try setAll(limits)
    }

    deinit {
        handshakes = nil
        unsafe zmq_close(raw)
    }

    /// A socket that listens at the endpoint, and the address with the port that it got.
    static func listening(
        _ endpoint: Endpoint, in context: Context, domain: String
    ) throws(LinkError) -> (socket: Socket, address: String) {
        let socket = try Socket(context, type: ZMQ_ROUTER, limits: endpoint.limits)
        // Without it, what goes to a peer that is gone or full would vanish.
        try socket.set([(ZMQ_ROUTER_MANDATORY, 1)])
        if let curve = endpoint.curve {
            // The domain and its enforcement go together: else a dead access handler would let
            // everybody in.
            try socket.set([(ZMQ_CURVE_SERVER, 1), (ZMQ_ZAP_ENFORCE_DOMAIN, 1)])
            #if DEBUG
            if endpoint.limits.plantedBug == .unenforcedAccess {
                try socket.set([(ZMQ_ZAP_ENFORCE_DOMAIN, 0)])
            }
            #endif
            try socket.set([
                (ZMQ_CURVE_SECRETKEY, curve.own.secretKey), (ZMQ_ZAP_DOMAIN, domain),
            ])
        }
        try Endpoint.check(endpoint.address)
        guard unsafe zmq_bind(socket.raw, endpoint.address) == 0 else {
            if zmq_errno() == EADDRINUSE { throw .addressInUse(endpoint.address) }
            throw .badAddress(endpoint.address, reason: lastFailure())
        }
        return (socket, socket.lastEndpoint ?? endpoint.address)
    }

    /// A socket that connects to the endpoint, again and again.
    static func connecting(
        _ endpoint: Endpoint, in context: Context
    ) throws(LinkError) -> Socket {
        let socket = try Socket(context, type: ZMQ_DEALER, limits: endpoint.limits)
        // Nothing is queued for a peer that is not there: the link itself keeps it.
        try socket.set([
            (ZMQ_IMMEDIATE, 1), (ZMQ_RECONNECT_IVL, 100), (ZMQ_RECONNECT_IVL_MAX, 5000),
            (ZMQ_CONNECT_TIMEOUT, 5000),
        ])
        if let curve = endpoint.curve {
            guard let serverKey = curve.serverKey, CurveKeys.isKey(serverKey) else {
                throw .badKey("connecting to \(endpoint.address) needs the listener's public key")
            }
            try socket.set([
                (ZMQ_CURVE_SERVERKEY, serverKey), (ZMQ_CURVE_PUBLICKEY, curve.own.publicKey),
                (ZMQ_CURVE_SECRETKEY, curve.own.secretKey),
            ])
        }
        try Endpoint.check(endpoint.address)
        socket.handshakes = try unsafe Handshakes(
            of: socket.raw, hasKeys: endpoint.curve != nil, in: context)
        guard unsafe zmq_connect(socket.raw, endpoint.address) == 0 else {
            throw .badAddress(endpoint.address, reason: lastFailure())
        }
        return socket
    }

    /// Why the last connection did not open, if one has failed since this was asked.
    func handshakeFailure() -> Refusal? { handshakes?.lastFailure() }

    /// The socket that libzmq asks whom to let in.
    static func access(in context: Context) throws(LinkError) -> Socket {
        let limits = LinkLimits(frameByteCountMax: 4096, attachmentCountMax: 16)
        let socket = try Socket(context, type: ZMQ_REP, limits: limits)
        guard unsafe zmq_bind(socket.raw, "inproc://zeromq.zap.01") == 0 else {
            throw .outOfResources("no access handler: \(lastFailure())")
        }
        return socket
    }

    /// How long closing waits for what was not sent.
    func setLinger(ms: Int32) {
        // Without it the last word may be lost, as it may be anyway.
        try? set([(ZMQ_LINGER, ms)])
    }

    /// Sends a message, whole or not at all.
    func send(_ frames: [[UInt8]], to route: [UInt8]?) -> Sending {
        if let route {
            switch send(route, isLast: false) {
            case 0: break
            case EHOSTUNREACH: return .unreachable
            default: return .full
            }
        }
        for (index, frame) in frames.enumerated() {
            let failure = send(frame, isLast: index == frames.count - 1)
            // After the first frame was taken the rest is, or the peer is gone and none of it is.
            if failure != 0 { return failure == EAGAIN && index == 0 ? .full : .unreachable }
        }
        return .sent
    }

    /// The next message; nil when there is none now.
    func receive() -> Received? {
        var received = Received()
        var byteCount = 0
        var part = 0
        while true {
            var message = zmq_msg_t()
            unsafe zmq_msg_init(&message)
            defer { unsafe zmq_msg_close(&message) }
            guard unsafe zmq_msg_recv(&message, raw, ZMQ_DONTWAIT) >= 0 else { return nil }
            let isRoute = isRouter && part == 0
            byteCount += unsafe zmq_msg_size(&message)
            if isRoute {
                received.route = bytes(of: &message)
            } else if received.frames.count >= frameCountMax || byteCount > byteCountMax {
                received.isTooLarge = true
            } else {
                if received.frames.isEmpty { received.userID = userID(of: &message) }
                received.frames.append(bytes(of: &message))
            }
            guard unsafe zmq_msg_more(&message) != 0 else { return received }
            part += 1
        }
    }

    private func send(_ frame: [UInt8], isLast: Bool) -> Int32 {
        let flags = isLast ? ZMQ_DONTWAIT : ZMQ_DONTWAIT | ZMQ_SNDMORE
        let status = unsafe frame.withUnsafeBytes { bytes in
            unsafe zmq_send(raw, bytes.baseAddress, bytes.count, flags)
        }
        return status >= 0 ? 0 : zmq_errno()
    }

    private func bytes(of message: inout zmq_msg_t) -> [UInt8] {
        let count = unsafe zmq_msg_size(&message)
        guard count > 0, let start = unsafe zmq_msg_data(&message) else { return [] }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }

    private func userID(of message: inout zmq_msg_t) -> String? {
        guard isRouter, let text = unsafe zmq_msg_gets(&message, "User-Id") else { return nil }
        return unsafe String(cString: text)
    }

    private var lastEndpoint: String? {
        var text = [CChar](repeating: 0, count: 256)
        var count = text.count
        guard unsafe zmq_getsockopt(raw, ZMQ_LAST_ENDPOINT, &text, &count) == 0, count > 0 else {
            return nil
        }
        return String(
            decoding: text.prefix(count - 1).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// What every socket has, before it binds or connects.
    private func setAll(_ limits: LinkLimits) throws(LinkError) {
        // Not enforced during the handshake unless it is set before.
        let maxSize = Int64(limits.frameByteCountMax)
        let isBounded = unsafe withUnsafeBytes(of: maxSize) { bytes in
            unsafe zmq_setsockopt(raw, ZMQ_MAXMSGSIZE, bytes.baseAddress, bytes.count) == 0
        }
        // Counted in messages by libzmq, so the bytes are bounded by this times the frame limit;
        // fewer than 64 would stop small messages all the time.
        let highWater = Int32(
            clamping: min(
                1000, max(64, limits.queueByteCountMax / max(1, limits.frameByteCountMax))))
        let options = [
            (ZMQ_SNDHWM, highWater), (ZMQ_RCVHWM, highWater), (ZMQ_LINGER, 0), (ZMQ_IPV6, 0),
            (ZMQ_HANDSHAKE_IVL, 2000), (ZMQ_HEARTBEAT_IVL, 1000), (ZMQ_HEARTBEAT_TIMEOUT, 3000),
            (ZMQ_HEARTBEAT_TTL, 3000), (ZMQ_TCP_KEEPALIVE, 1), (ZMQ_TCP_KEEPALIVE_IDLE, 30),
            (ZMQ_TCP_KEEPALIVE_INTVL, 10), (ZMQ_TCP_KEEPALIVE_CNT, 3), (ZMQ_BACKLOG, 512),
        ]
        guard isBounded else { throw .unsupported("a limit of the size of messages") }
        try set(options)
    }

    private func set(_ options: [(option: Int32, value: Int32)]) throws(LinkError) {
        for (option, value) in options {
            let status = unsafe withUnsafeBytes(of: value) { bytes in
                unsafe zmq_setsockopt(raw, option, bytes.baseAddress, bytes.count)
            }
            guard status == 0 else { throw .unsupported("option \(option)") }
        }
    }

    private func set(_ options: [(option: Int32, text: String)]) throws(LinkError) {
        for (option, text) in options {
            guard unsafe zmq_setsockopt(raw, option, text, text.utf8.count) == 0 else {
                throw .unsupported("option \(option)")
            }
        }
    }
}
