import Glibc
import Synchronization

/// The one thread that uses a hub's sockets.
final class HubThread: Sendable {
    /// Nil once it was waited for.
    private let thread: Mutex<pthread_t?>

    init(_ body: @escaping @Sendable () -> Void) throws(LinkError) {
        var thread = pthread_t()
        let start = unsafe Unmanaged.passRetained(Body(run: body))
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                }
                return nil
            }, start.toOpaque())
        guard status == 0 else {
            unsafe start.release()
            throw .outOfResources("no thread")
        }
        self.thread = Mutex(thread)
    }

    /// Waits for its end; once, and not from itself.
    func join() {
        guard let thread = thread.withLock({ $0.take() }) else { return }
        if pthread_equal(thread, pthread_self()) != 0 {
            pthread_detach(thread)
        } else {
            pthread_join(thread, nil)
        }
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
