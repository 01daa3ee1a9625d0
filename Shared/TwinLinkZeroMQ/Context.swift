import CZeroMQ
import Glibc
import Synchronization

/// The context that all sockets of one hub live in.
///
/// Unchecked, because libzmq's contexts may be used from any thread.
@safe final class Context: @unchecked Sendable {
    let raw: UnsafeMutableRawPointer
    private let lastNumber = Atomic<UInt64>(0)

    init(ioThreads: Int) throws(LinkError) {
        guard let raw = unsafe zmq_ctx_new() else {
            throw .outOfResources("no context: \(lastFailure())")
        }
        unsafe self.raw = raw
        unsafe zmq_ctx_set(raw, ZMQ_IO_THREADS, Int32(clamping: max(1, ioThreads)))
        unsafe zmq_ctx_set(raw, ZMQ_MAX_SOCKETS, 16_384)
    }

    // Sockets hold their context, so all of them are closed by now.
    deinit { unsafe zmq_ctx_term(raw) }

    /// Never the same twice.
    func takeNumber() -> UInt64 { lastNumber.add(1, ordering: .relaxed).newValue }
}

/// What libzmq says of the last call that failed on this thread.
func lastFailure() -> String {
    guard let text = unsafe zmq_strerror(zmq_errno()) else { return "unknown" }
    return unsafe String(cString: text)
}

/// What wakes the hub's thread.
///
/// Unchecked, because a file descriptor may be used from any thread.
final class Bell: @unchecked Sendable {
    let descriptor: Int32

    init() throws(LinkError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else { throw .outOfResources("no event descriptor") }
    }

    deinit { close(descriptor) }

    func ring() { _ = eventfd_write(descriptor, 1) }

    func silence() {
        var count: eventfd_t = 0
        _ = unsafe eventfd_read(descriptor, &count)
    }
}

/// A clock that neither jumps nor is set.
func monotonicMicroseconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
}
