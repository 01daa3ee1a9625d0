import Synchronization
import TwinLink

/// What other threads hand to the hub's, in bulk.
final class Mailbox: Sendable {
    enum Letter: Sendable {
        case command(HubCommand)
        /// A request for which the mailbox had no room.
        case overflowed(PeerID, correlation: UInt64)
        /// The hub's thread alone holds the handler from now on.
        case access(AccessHandler)
        case listen(ListenerID, Endpoint, Socket)
        case connect(PeerID, Endpoint, Socket)
        case stop(drainMs: Int)
        #if DEBUG
        case killAccessHandler
        #endif
    }

    private struct Box: Sendable {
        var letters: [Letter] = []
        var byteCount = 0
        var isClosed = false
        var nextNumber: UInt64 = 1
        var counters = LinkHub.Counters()
    }

    /// How many bytes of requests wait here; the hub's thread takes them in microseconds, unless
    /// the service keeps it busy.
    private static let byteCountMax = 256 << 20

    private let box = Mutex(Box())
    private let bell: Bell

    init(bell: Bell) { self.bell = bell }

    /// False if nobody reads letters any more.
    @discardableResult
    func post(_ letters: [Letter]) -> Bool {
        guard !letters.isEmpty else { return true }
        let (wasEmpty, isOpen) = box.withLock { box in
            let wasEmpty = box.letters.isEmpty
            guard !box.isClosed else { return (false, false) }
            for letter in letters { box.letters.append(Mailbox.fitting(letter, &box.byteCount)) }
            return (wasEmpty, true)
        }
        if wasEmpty { bell.ring() }
        return isOpen
    }

    func take() -> [Letter] {
        box.withLock { box in
            box.byteCount = 0
            defer { box.letters = [] }
            return box.letters
        }
    }

    /// The last letters; from now on there are no more.
    func close() -> [Letter] {
        box.withLock { box in
            box.isClosed = true
            defer { box.letters = [] }
            return box.letters
        }
    }

    /// A number for a peer or listener that no other has.
    func takeNumber() -> UInt64 {
        box.withLock { box in
            defer { box.nextNumber += 1 }
            return box.nextNumber
        }
    }

    var counters: LinkHub.Counters {
        get { box.withLock { $0.counters } }
        set { box.withLock { $0.counters = newValue } }
    }

    private static func fitting(_ letter: Letter, _ byteCount: inout Int) -> Letter {
        guard case .command(.request(let peer, let payload, let correlation, _, _)) = letter else {
            return letter
        }
        guard byteCount + payload.byteCount <= byteCountMax else {
            return .overflowed(peer, correlation: correlation)
        }
        byteCount += payload.byteCount
        return letter
    }
}
