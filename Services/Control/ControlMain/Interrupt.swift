import Foundation
import Synchronization

/// Ctrl-C as a question that long work asks now and then.
final class Interrupt: Sendable {
    private let asked = Mutex(false)

    init() {
        signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        // The source lives as long as what handles it: the whole command.
        source.setEventHandler { [self] in
            withExtendedLifetime(source) { asked.withLock { $0 = true } }
        }
        source.resume()
    }

    var isAsked: Bool { asked.withLock { $0 } }

    /// What was asked has been done; the next work may go on.
    func forget() { asked.withLock { $0 = false } }
}
