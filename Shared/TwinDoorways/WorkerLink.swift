import DequeModule
public import Logging
import Synchronization
public import TwinCore
import TwinLink
import TwinLinkZeroMQ
import TwinRuntime
import TwinWire

/// A worker's side of its link to the store: says what it can do, takes orders, gives results.
///
/// Orders are handled one after the other on a thread of the worker's own, and those to prepare an
/// artifact before those that wait for their turn: a release waits for every worker. Whatever the
/// link loses is ordered again by the store: nothing is kept here.
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

    /// An artifact that is on its way, part by part.
    private struct Fetch {
        let id: ArtifactID
        var bytes: [UInt8] = []
    }

    private struct State {
        var fetches: [UInt64: Fetch] = [:]
        var lastCorrelation: UInt64 = 0
    }

    /// Throws where an artifact is not to be fetched, because of what the store says of it.
    public typealias Admission = @Sendable (ArtifactInfo) throws(Refusal) -> Void

    private let ready: Ready
    private let admit: Admission
    private let logger: Logger
    private let prove: Proof?
    private let inbox = Inbox<Event>()
    private let proofs = Inbox<Fetch>()
    private let state = Mutex(State())
    private let hub: ZeroMQHub
    private let store: PeerID
    private let threads = Mutex<[LoopThread]>([])

    /// Throws where a fetched artifact is not to be handed in.
    public typealias Proof = @Sendable (ArtifactID, [UInt8]) throws(Refusal) -> Void

    /// What the worker's thread works off.
    private enum Event: Sendable {
        case hub(HubEvent)
        case proved(ArtifactID, Result<[UInt8], Refusal>)
    }

    /// An order that waits for its turn.
    private struct Waiting {
        var correlation: UInt64
        var order: WorkOrder
    }

    /// Connects, and connects again whenever the store was lost.
    ///
    /// What `handle` is given, it is given on the worker's thread, one arrival after the other.
    /// `prove` may take its time: it has a thread of its own, and orders are worked off meanwhile.
    public init(
        to address: String, as ready: Ready, _ links: LinkSettings, logger: Logger,
        admit: @escaping Admission = { _ in }, prove: Proof? = nil,
        handle: @escaping @Sendable (Arrival) -> [Departure]
    ) throws {
        self.ready = ready
        self.admit = admit
        self.prove = prove
        self.logger = logger
        let inbox = inbox
        hub = try ZeroMQHub(coding: .wire) { inbox.post($0.map(Event.hub)) }
        store = try hub.connect(links.connecting(to: address, role: ready.role.name))
        threads.withLock {
            $0.append(
                LoopThread("worker") { [self] in
                    var waiting = Deque<Waiting>()
                    while let events = waiting.isEmpty ? inbox.take() : inbox.takeAtOnce() {
                        for event in events { hub.send(take(event, &waiting, handle)) }
                        if let next = waiting.popFirst() { hub.send(work(next, handle)) }
                    }
                })
            guard let prove else { return }
            $0.append(
                LoopThread("prover") { [self] in
                    while let fetched = proofs.take() {
                        for fetch in fetched { WorkerLink.prove(fetch, by: prove, inbox) }
                    }
                })
        }
    }

    private static func prove(_ fetch: Fetch, by proof: Proof, _ inbox: Inbox<Event>) {
        let proved: Result<[UInt8], Refusal>
        do throws(Refusal) {
            try proof(fetch.id, fetch.bytes)
            proved = .success(fetch.bytes)
        } catch { proved = .failure(error) }
        inbox.post([.proved(fetch.id, proved)])
    }

    /// Ends after the order in hand.
    public func close() {
        hub.shutdown(drainMs: 1000)
        proofs.close()
        inbox.close()
        for thread in threads.withLock({ $0 }) { thread.join() }
    }

    private func work(_ next: Waiting, _ handle: (Arrival) -> [Departure]) -> [HubCommand] {
        commands(handle(.order(request: next.correlation, next.order)))
    }

    private func take(
        _ event: Event, _ waiting: inout Deque<Waiting>, _ handle: (Arrival) -> [Departure]
    ) -> [HubCommand] {
        switch event {
        case .hub(let event): return take(event, &waiting, handle)
        case .proved(let id, let proved): return commands(handle(.artifact(id, proved)))
        }
    }

    private func take(
        _ event: HubEvent, _ waiting: inout Deque<Waiting>, _ handle: (Arrival) -> [Departure]
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
                let next = Waiting(correlation: correlation, order: order)
                if case .prepare = order { return work(next, handle) }
                waiting.append(next)
                return []
            } catch {
                return [reply(.result(.failed(error.refusal)), to: correlation)]
            }
        case .reply(_, let correlation, let payload):
            return fetched(correlation, payload, handle)
        case .failed(_, let correlation, let failure):
            guard let fetch = fetch(correlation) else { return [] }
            let refusal = Refusal(.failed, "the link failed: \(failure)")
            return commands(handle(.artifact(fetch.id, .failure(refusal))))
        case .down(_, let failure):
            logger.notice("no link to the store: \(failure); trying again")
            return []
        }
    }

    private func fetch(_ correlation: UInt64) -> Fetch? {
        state.withLock { $0.fetches.removeValue(forKey: correlation) }
    }

    /// A part of an artifact has come: asks for the next, or hands in the whole.
    private func fetched(
        _ correlation: UInt64, _ payload: Payload, _ handle: (Arrival) -> [Departure]
    ) -> [HubCommand] {
        guard var fetch = fetch(correlation) else { return [] }
        let arrived: Result<[UInt8], Refusal>
        do throws(Refusal) {
            let (info, bytes) = try WorkerLink.part(payload)
            guard info.id == fetch.id else {
                throw Refusal(.malformed, "asked for \(fetch.id), got \(info.id)")
            }
            if fetch.bytes.isEmpty {
                try admit(info)
                fetch.bytes.reserveCapacity(Int(clamping: info.byteCount))
            }
            guard !bytes.isEmpty, UInt64(fetch.bytes.count + bytes.count) <= info.byteCount else {
                throw Refusal(.malformed, "parts that make no \(info.byteCount) bytes")
            }
            fetch.bytes += bytes
            if UInt64(fetch.bytes.count) < info.byteCount { return [request(fetch)] }
            if prove != nil {
                proofs.post([fetch])
                return []
            }
            arrived = .success(fetch.bytes)
        } catch { arrived = .failure(error) }
        return commands(handle(.artifact(fetch.id, arrived)))
    }

    private static func part(_ payload: Payload) throws(Refusal) -> (ArtifactInfo, [UInt8]) {
        let message: Message
        do throws(WireError) { message = try Message(payload) } catch { throw error.refusal }
        switch message {
        case .answer(.artifact(let info)): return (info, payload.attachments.first ?? [])
        case .answer(.refused(let refusal)), .refused(let refusal): throw refusal
        default: throw Refusal(.malformed, "the store answered another question")
        }
    }

    private func commands(_ departures: [Departure]) -> [HubCommand] {
        departures.map { departure in
            switch departure {
            case .result(let correlation, let result): reply(.result(result), to: correlation)
            case .fetch(let id): request(Fetch(id: id))
            }
        }
    }

    private func reply(_ message: Message, to correlation: UInt64) -> HubCommand {
        .reply(store, correlation: correlation, message.payload())
    }

    private func request(_ fetch: Fetch) -> HubCommand {
        let range = ArtifactRange(offset: UInt64(fetch.bytes.count))
        return request(.query(.artifact(fetch.id, range)), fetching: fetch)
    }

    private func request(_ message: Message, fetching fetch: Fetch? = nil) -> HubCommand {
        let correlation = state.withLock { state in
            state.lastCorrelation += 1
            state.fetches[state.lastCorrelation] = fetch
            return state.lastCorrelation
        }
        return .request(store, message.payload(), correlation: correlation, deadlineMs: 60_000)
    }
}
