import Foundation
import IngestOutbox
import Logging
import Synchronization
import TwinCore
import TwinDoorways
import TwinLink
import TwinLinkZeroMQ
import TwinRuntime
import TwinWire

/// Brings the outbox to the store: consecutive commits, a few of them under way at once.
///
/// What the store has not confirmed stays in the outbox and is sent again, for as long as it takes.
final class StoreFeed: Sendable {
    private enum Event: Sendable {
        case link(HubEvent)
        /// More was appended, or it is time to try again.
        case look
    }

    /// How much travels at once.
    private static let commitByteCountMax = 1 << 20
    private static let commitCountMax = 4
    private static let retryMs: UInt64 = 200

    private let outbox: Outbox
    private let logger: Logger
    private let inbox = Inbox<Event>()
    private let hub: ZeroMQHub
    private let store: PeerID
    private let thread = Mutex<LoopThread?>(nil)

    init(_ outbox: Outbox, to address: String, _ links: LinkSettings, logger: Logger) throws {
        self.outbox = outbox
        self.logger = logger
        let inbox = inbox
        hub = try ZeroMQHub(coding: .wire) { inbox.post($0.map(Event.link)) }
        store = try hub.connect(links.connecting(to: address, role: "ingest"))
        thread.withLock { $0 = LoopThread("store-feed") { [self] in run() } }
    }

    /// Something was appended.
    func look() { inbox.post([.look]) }

    func close() {
        hub.shutdown(drainMs: 0)
        inbox.close()
        thread.withLock { $0.take() }?.join()
    }

    /// What is known of the store's progress; only the feed's thread has one.
    private struct Progress {
        var isUp = false
        /// The first record that is not under way.
        var next: UInt64
        /// The last offset of each commit under way, by correlation.
        var underway: [UInt64: UInt64] = [:]
        var lastCorrelation: UInt64 = 0
        var retryAtMs: UInt64 = 0
    }

    private func run() {
        var progress = Progress(next: outbox.firstOffset)
        while let events = inbox.take() {
            for event in events {
                if case .link(let event) = event { take(event, &progress) }
            }
            send(&progress)
        }
    }

    private func take(_ event: HubEvent, _ progress: inout Progress) {
        switch event {
        case .up(_, let hello):
            logger.info("connected to \(hello.name) \(hello.version)")
            progress.isUp = true
            startAgain(&progress)
        case .down(_, let failure):
            logger.notice("no link to the store: \(failure); the outbox keeps what comes")
            progress.isUp = false
        case .reply(_, let correlation, let payload):
            guard progress.underway.removeValue(forKey: correlation) != nil else { return }
            committed(payload, &progress)
        case .failed(_, let correlation, _):
            guard progress.underway.removeValue(forKey: correlation) != nil else { return }
            tryLater(&progress)
        case .request(let peer, let correlation, _, _, _):
            let refusal = Message.refused(Refusal(.unsupported, "ingest takes no requests here"))
            hub.send([.reply(peer, correlation: correlation, refusal.payload())])
        }
    }

    private func committed(_ payload: Payload, _ progress: inout Progress) {
        do {
            switch try Message(payload) {
            case .committed(let committed) where committed.ingest == outbox.ingest:
                try outbox.committed(through: committed.offset)
            case .refused(let refusal):
                logger.warning("the store refuses: \(refusal)")
                tryLater(&progress)
            default:
                logger.error("the store answered another question")
                tryLater(&progress)
            }
        } catch {
            logger.error("an answer of the store: \(error)")
            tryLater(&progress)
        }
    }

    /// Everything that is not confirmed goes again, from the first record on.
    private func startAgain(_ progress: inout Progress) {
        progress.underway = [:]
        progress.next = outbox.firstOffset
    }

    private func tryLater(_ progress: inout Progress) {
        startAgain(&progress)
        progress.retryAtMs = MachineClock.uptimeMs + StoreFeed.retryMs
        let inbox = inbox
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(250)) {
            inbox.post([.look])
        }
    }

    private func send(_ progress: inout Progress) {
        while progress.isUp, progress.underway.count < StoreFeed.commitCountMax,
            MachineClock.uptimeMs >= progress.retryAtMs
        {
            let records: [OutboxRecord]
            do {
                records = try outbox.pending(
                    from: progress.next, byteCountMax: StoreFeed.commitByteCountMax)
            } catch {
                logger.critical("the outbox can't be read: \(error)")
                return tryLater(&progress)
            }
            guard let last = records.last else { return }
            progress.lastCorrelation += 1
            progress.underway[progress.lastCorrelation] = last.offset
            progress.next = last.offset + 1
            let commit = Message.commit(Commit(ingest: outbox.ingest, records: records))
            hub.send([
                .request(
                    store, commit.payload(), correlation: progress.lastCorrelation,
                    deadlineMs: 60_000)
            ])
        }
    }
}
