import Logging
import Synchronization
import TwinCore
import TwinDoorways
import TwinLink
import TwinLinkZeroMQ
import TwinRuntime
import TwinStoreCore
import TwinStoreService
import TwinWire

/// The store's sockets: turns what the links bring into arrivals, and departures into messages.
final class StoreDoor: StorePort {
    private struct State {
        var peers: [TwinRoom.Peer: PeerID] = [:]
        var hub: ZeroMQHub?
        var service: StoreService?
    }

    private let logger: Logger
    private let state = Mutex(State())

    init(logger: Logger) { self.logger = logger }

    /// Takes ingests, workers and clients, once the service can answer them.
    func open(
        for service: StoreService, ingest: Endpoint, workers: Endpoint, clients: Endpoint
    ) throws {
        let hub = try ZeroMQHub(coding: .wire) { [weak self] in self?.receive($0) }
        state.withLock { state in
            state.hub = hub
            state.service = service
        }
        for (what, endpoint, setting) in [
            ("ingest", ingest, "listen.ingest"), ("workers", workers, "listen.workers"),
            ("clients", clients, "listen.clients"),
        ] {
            let listener = try hub.listen(endpoint)
            logger.listening("the door for \(what)", listener.address, setting: setting)
        }
    }

    func close() {
        let hub = state.withLock { state in
            defer { state = State() }
            return state.hub
        }
        hub?.shutdown(drainMs: 0)
    }

    private func receive(_ events: [HubEvent]) {
        var arrivals: [StoreArrival] = []
        var replies: [HubCommand] = []
        for event in events {
            switch event {
            case .up(let peer, let hello):
                state.withLock { $0.peers[peer.number] = peer }
                arrivals.append(
                    .room(
                        .introduced(
                            peer.number, name: hello.name, role: hello.role,
                            version: hello.version)))
            case .down(let peer, _):
                state.withLock { _ = $0.peers.removeValue(forKey: peer.number) }
                arrivals.append(.room(.disconnected(peer.number)))
            case .request(let peer, let correlation, _, _, let payload):
                arrivals += request(peer, correlation, payload, &replies)
            case .reply(let peer, let correlation, let payload):
                arrivals.append(.room(.result(peer.number, correlation, StoreDoor.result(payload))))
            case .failed(let peer, let correlation, let failure):
                let refusal = Refusal(.failed, "the worker's link: \(failure)")
                arrivals.append(.room(.failed(peer.number, correlation, refusal)))
            }
        }
        let (hub, service) = state.withLock { ($0.hub, $0.service) }
        hub?.send(replies)
        service?.post(arrivals)
    }

    private func request(
        _ peer: PeerID, _ correlation: UInt64, _ payload: Payload, _ replies: inout [HubCommand]
    ) -> [StoreArrival] {
        func answer(_ message: Message) {
            replies.append(.reply(peer, correlation: correlation, message.payload()))
        }
        do throws(WireError) {
            switch try Message(payload) {
            case .commit(let commit):
                return [.room(.commit(peer.number, correlation, commit))]
            case .ready(let ready):
                answer(.accepted(count: 0))
                return [.room(.connected(peer.number, ready))]
            case .query(let query):
                return [
                    .query(
                        peer.number, correlation, query, attachment: payload.attachments.first)
                ]
            default: throw .invalid("the store takes commits, workers and queries")
            }
        } catch {
            answer(.refused(error.refusal))
            return []
        }
    }

    /// What a worker answered to an order.
    private static func result(_ payload: Payload) -> WorkResult {
        do throws(WireError) {
            switch try Message(payload) {
            case .result(let result): return result
            case .refused(let refusal): return .failed(refusal)
            default: throw .invalid("a worker answers with a result")
            }
        } catch { return .failed(error.refusal) }
    }

    func send(_ departures: [StoreDeparture]) {
        var commands: [HubCommand] = []
        let (hub, peers) = state.withLock { ($0.hub, $0.peers) }
        for departure in departures {
            switch departure {
            case .reply(let peer, let request, let reply):
                guard let peer = peers[peer] else { continue }
                commands.append(
                    .reply(peer, correlation: request, StoreDoor.payload(reply)))
            case .order(let peer, let request, let order, let deadlineMs):
                guard let peer = peers[peer] else { continue }
                commands.append(
                    .request(
                        peer, Message.order(order).payload(), correlation: request,
                        deadlineMs: deadlineMs))
            case .alarm(let text): logger.error("\(text)")
            }
        }
        hub?.send(commands)
    }

    private static func payload(_ reply: StoreReply) -> Payload {
        switch reply {
        case .committed(let committed): Message.committed(committed).payload()
        case .answer(let answer, let attachment):
            Message.answer(answer).payload(attachments: attachment.map { [$0] } ?? [])
        case .refused(let refusal): Message.refused(refusal).payload()
        }
    }
}
