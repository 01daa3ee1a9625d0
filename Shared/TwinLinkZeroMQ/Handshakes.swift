import CZeroMQ
import TwinCore
import TwinLink

/// Hears from libzmq why connections do not open, of which the link itself hears only silence.
///
/// Unchecked, because it is used by one thread at a time, as the socket that it belongs to is.
@safe final class Handshakes: @unchecked Sendable {
    private static let events =
        ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
        | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL

    private let raw: UnsafeMutableRawPointer
    private let watched: UnsafeMutableRawPointer
    private let context: Context
    private let hasKeys: Bool

    init(
        of watched: UnsafeMutableRawPointer, hasKeys: Bool, in context: Context
    ) throws(LinkError) {
        guard let raw = unsafe zmq_socket(context.raw, ZMQ_PAIR) else {
            throw .outOfResources("no socket: \(TwinLinkZeroMQ.lastFailure())")
        }
        unsafe self.raw = raw
        unsafe self.watched = watched
        self.context = context
        self.hasKeys = hasKeys
        let place = "inproc://handshakes-\(context.takeNumber())"
        guard unsafe zmq_socket_monitor(watched, place, Handshakes.events) == 0,
            unsafe zmq_connect(raw, place) == 0
        else { throw .unsupported("a watch over handshakes: \(TwinLinkZeroMQ.lastFailure())") }
    }

    // libzmq would wait for ever for a reader of its next event: it stops before the reader goes.
    deinit {
        unsafe zmq_socket_monitor(watched, nil, 0)
        unsafe zmq_close(raw)
    }

    /// Why the last connection did not open, if one has failed since this was asked.
    func lastFailure() -> Refusal? {
        var failure: Refusal?
        while let event = next() { failure = refusal(event.name, event.value) }
        return failure
    }

    private func refusal(_ event: Int32, _ value: UInt32) -> Refusal {
        let isMismatch =
            event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
            && value == UInt32(ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH)
        if isMismatch {
            return Refusal(
                .notAuthorised,
                "one end has CURVE keys and the other has none: set keys.secret at both or neither")
        }
        if event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH {
            return Refusal(
                .notAuthorised,
                "the listener has not admitted this key: its list is keys.admitted")
        }
        let other = "what listens there is not Twinline, or is too busy"
        return hasKeys
            ? Refusal(
                .notAuthorised,
                "the handshake failed: keys.server is not the listener's public key, or \(other)")
            : Refusal(
                .failed,
                "the handshake failed: \(other), or it has CURVE keys and this end has none: set "
                    + "keys.secret at both or neither")
    }

    // Two frames: the event (16 bits) with its value (32 bits), and the address.
    private func next() -> (name: Int32, value: UInt32)? {
        var event = [UInt8](repeating: 0, count: 6)
        var address = [UInt8](repeating: 0, count: 256)
        guard unsafe zmq_recv(raw, &event, event.count, ZMQ_DONTWAIT) == event.count else {
            return nil
        }
        _ = unsafe zmq_recv(raw, &address, address.count, ZMQ_DONTWAIT)
        let parts = unsafe event.withUnsafeBytes { bytes in
            unsafe (
                bytes.loadUnaligned(as: UInt16.self),
                bytes.loadUnaligned(fromByteOffset: 2, as: UInt32.self)
            )
        }
        return (Int32(parts.0), parts.1)
    }
}
