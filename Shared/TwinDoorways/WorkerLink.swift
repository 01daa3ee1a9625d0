public import Logging
import Synchronization
public import TwinCore
import TwinLink
import TwinLinkZeroMQ
import TwinRuntime
import TwinWire

/// A worker's side of its link to the store: says what it can do, takes orders, gives results.
///
/// Orders are handled one after the other on a thread of the worker's own. Whatever the link
/// loses is ordered again by the store: nothing is kept here.
public final class WorkerLink: Sendable {
    /// What comes to a worker.
    public enum Arrival: Sendable {
        case order(request: UInt64, WorkOrder)
        /// What was fetched, or why not.
        case artifact(ArtifactID, Result<[UInt8], Refusal>)
    }

    /// What a worker does about it.
    public enum Departure: Sendable {
        case result(request: UInt64, WorkResult)
        case fetch(ArtifactID)
    }

    private struct State {
        var fetches: [UInt64: ArtifactID] = [:]
        var lastCorrelation: UInt64 = 0
    }

    private let ready: Ready
    private let logger: Logger
    private let inbox = Inbox<HubEvent>()
    private let state = Mutex(State())
    private let hub: ZeroMQHub
    private let store: PeerID
    private let threads = Mutex<LoopThread?>(nil)

    /// Connects, and connects again whenever the store was lost.
    ///
    /// What `handle` is given, it is given on the worker's thread, one arrival after the other.
    public init(
        to address: String, as ready: Ready, _ links: LinkSettings, logger: Logger,
        handle: @escaping @Sendable (Arrival) -> [Departure]
    ) throws {
        self.ready = ready
        self.logger = logger
        let inbox = inbox
        hub = try ZeroMQHub(coding: .wire) { inbox.post($0) }
        store = try hub.connect(links.connecting(to: address, role: ready.role.name))
        threads.withLock {
            $0 = LoopThread("worker") { [self] in
                while let events = inbox.take() {
                    for event in events { hub.send(take(event, handle)) }
                }
            }
        }
    }

    /// Ends after the order in hand.
    public func close() {
        hub.shutdown(drainMs: 1000)
        inbox.close()
        threads.withLock { $0.take() }?.join()
    }

    private func take(
        _ event: HubEvent, _ handle: (Arrival) -> [Departure]
    ) -> [HubCommand] {
        switch event {
        case .up(_, let hello):
            logger.info("connected to \(hello.name) \(hello.version)")
            return [request(.ready(ready))]
        case .request(_, let correlation, _, _, let payload):
            do throws(WireError) {
                guard case .order(let order) = try Message(payload) else {
                    throw .invalid("a worker takes orders only")
                }
                return commands(handle(.order(request: correlation, order)))
            } catch {
                return [reply(.result(.failed(error.refusal)), to: correlation)]
            }
        case .reply(_, let correlation, let payload):
            return fetched(correlation, WorkerLink.artifactBytes(payload), handle)
        case .failed(_, let correlation, let failure):
            return fetched(
                correlation, .failure(Refusal(.failed, "the link failed: \(failure)")), handle)
        case .down(_, let failure):
            logger.notice("no link to the store: \(failure); trying again")
            return []
        }
    }

    private func fetched(
        _ correlation: UInt64, _ result: Result<[UInt8], Refusal>,
        _ handle: (Arrival) -> [Departure]
    ) -> [HubCommand] {
        guard let id = state.withLock({ $0.fetches.removeValue(forKey: correlation) }) else {
            return []
        }
        return commands(handle(.artifact(id, result)))
    }

    private static func artifactBytes(_ payload: Payload) -> Result<[UInt8], Refusal> {
        do throws(WireError) {
            switch try Message(payload) {
            case .answer(.artifact):
                guard let bytes = payload.attachments.first else {
                    throw .invalid("an artifact came without its bytes")
                }
                return .success(bytes)
            case .answer(.refused(let refusal)), .refused(let refusal): return .failure(refusal)
            default: throw .invalid("the store answered another question")
            }
        } catch { return .failure(error.refusal) }
    }

    private func commands(_ departures: [Departure]) -> [HubCommand] {
        departures.map { departure in
            switch departure {
            case .result(let correlation, let result): reply(.result(result), to: correlation)
            case .fetch(let id): request(.query(.artifact(id)), fetching: id)
            }
        }
    }

    private func reply(_ message: Message, to correlation: UInt64) -> HubCommand {
        .reply(store, correlation: correlation, message.payload())
    }

    private func request(_ message: Message, fetching id: ArtifactID? = nil) -> HubCommand {
        let correlation = state.withLock { state in
            state.lastCorrelation += 1
            state.fetches[state.lastCorrelation] = id
            return state.lastCorrelation
        }
        return .request(store, message.payload(), correlation: correlation, deadlineMs: 60_000)
    }
}
