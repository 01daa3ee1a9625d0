import IngestCore
import IngestFHIR
import IngestHL7
import IngestHTTP
import IngestMLLP
import IngestOutbox
import IngestRoster
import Logging
import Synchronization
import TwinCore
import TwinDoorways
import TwinJSON
import TwinLink
import TwinLinkZeroMQ
import TwinRuntime
import TwinWire

/// Runs the ingest room: one thread takes in what the doors bring and does what the room says.
final class IngestDesk: Sendable {
    private enum Event: Sendable {
        /// Of the place whose connections they came by.
        case mllp([MLLPInput], UInt16)
        case native([HubEvent])
        case http(HTTPInput, UInt16)
        case room(IngestRoom.Arrival)
    }

    private enum Place {
        static let mllp: UInt16 = 0
        static let native: UInt16 = 1
        static let mllpTLS: UInt16 = 2
        static let http: UInt16 = 3
        static let https: UInt16 = 4
    }

    private let settings: IngestRoom.Settings
    private let messageByteCountMax: Int
    private let outbox: Outbox
    private let quarantine: FileQuarantine
    private let feed: StoreFeed
    /// The path of the file of bindings.
    private let bindings: String
    private let logger: Logger
    private let inbox = Inbox<Event>()
    /// Entries wait here for their disk, so that the room does not.
    private let quarantined = Inbox<(QuarantineEntry, IngestToken)>()
    /// By their places: the plain door, and that of TLS where there is one.
    private let servers: [UInt16: MLLPServer]
    /// By their places, as far as FHIR is taken.
    private let webs: [UInt16: HTTPServer]
    private let hub: ZeroMQHub
    private let listener: Listener
    private let threads = Mutex<[LoopThread]>([])

    init(
        room settings: IngestRoom.Settings, outbox: Outbox, quarantine: FileQuarantine,
        feed: StoreFeed, bindings: String, mllp: MLLPSettings, mllpTLS: MLLPSettings?,
        http: HTTPSettings?, https: HTTPSettings?, native: String, _ links: LinkSettings,
        logger: Logger
    ) throws {
        self.settings = settings
        self.messageByteCountMax = mllp.frameByteCountMax
        self.outbox = outbox
        self.quarantine = quarantine
        self.feed = feed
        self.bindings = bindings
        self.logger = logger
        let inbox = inbox
        var servers = [Place.mllp: MLLPServer(mllp) { inbox.post([.mllp($0, Place.mllp)]) }]
        if let mllpTLS {
            servers[Place.mllpTLS] = MLLPServer(mllpTLS) {
                inbox.post([.mllp($0, Place.mllpTLS)])
            }
        }
        self.servers = servers
        var webs: [UInt16: HTTPServer] = [:]
        if let http { webs[Place.http] = HTTPServer(http) { inbox.post([.http($0, Place.http)]) } }
        if let https {
            webs[Place.https] = HTTPServer(https) { inbox.post([.http($0, Place.https)]) }
        }
        self.webs = webs
        hub = try ZeroMQHub(coding: .wire) { inbox.post([.native($0)]) }
        listener = try hub.listen(links.listening(at: native, role: "ingest"))
    }

    /// Takes devices.
    func open() async throws {
        threads.withLock {
            $0 = [
                LoopThread("ingest-room") { [self] in run() },
                LoopThread("quarantine") { [self] in keep() },
            ]
        }
        for (_, server) in servers.sorted(by: { $0.key < $1.key }) { try await open(server) }
        for (_, web) in webs.sorted(by: { $0.key < $1.key }) { try await open(web) }
        logger.listening("the native door", listener.address, setting: "listen.native")
    }

    private func open(_ web: HTTPServer) async throws {
        let place = "\(web.settings.host):\(web.settings.port)"
        let isTLS = web.settings.identity != nil
        let setting = isTLS ? "listen.fhirs" : "listen.fhir"
        let files = isTLS ? ", at the files of tls.certificate, tls.key and tls.authorities" : ""
        do { _ = try await web.start() } catch {
            throw OpeningError(
                "FHIR R4 over HTTP can't be taken at \(place) (\(error)): see whether another "
                    + "process listens there (ss -ltnp)\(files), or set \(setting); empty takes none"
            )
        }
        let scheme = isTLS ? "https" : "http"
        logger.listening("FHIR R4 over HTTP", "\(scheme)://\(place)/fhir", setting: setting)
    }

    private func open(_ server: MLLPServer) async throws {
        let place = "\(server.settings.host):\(server.settings.port)"
        let isTLS = server.settings.identity != nil
        let setting = isTLS ? "listen.mllps" : "listen.mllp"
        let files = isTLS ? ", the files of tls.certificate, tls.key and tls.authorities" : ""
        do { _ = try await server.start() } catch {
            throw OpeningError(
                "HL7 v2 over MLLP can't be taken at \(place) (\(error)): see whether another process "
                    + "listens there (ss -ltnp) and this host has the address\(files), or set "
                    + setting)
        }
        logger.listening(
            isTLS ? "HL7 v2 over MLLP with TLS" : "HL7 v2 over MLLP", place, setting: setting)
    }

    /// Takes nothing more; what was not acknowledged is its sender's still.
    func close() {
        let group = LoopThread("doors-stop") { [servers, webs] in
            let stopped = Inbox<Bool>()
            Task {
                for server in servers.values { try? await server.stop() }
                for web in webs.values { try? await web.stop() }
                stopped.post([true])
            }
            _ = stopped.take()
        }
        group.join()
        hub.shutdown(drainMs: 0)
        inbox.close()
        quarantined.close()
        for thread in threads.withLock({ $0 }) { thread.join() }
    }

    private var fhirLimits: JSONLimits {
        var limits = FHIRAdapter.limits
        if let web = webs.values.first { limits.byteCountMax = web.settings.bodyByteCountMax }
        return limits
    }

    private func run() {
        var room = IngestRoom(
            adapters: IngestRoster.adapters(
                hl7: HL7Limits(messageByteCountMax: messageByteCountMax), fhir: fhirLimits),
            settings: settings)
        #if DEBUG
        room.plantedBug = IngestMain.plantedBug
        #endif
        var bindings = BindingFile(bindings, logger)
        while let events = inbox.take() {
            let now = MachineClock.now
            var out = Outgoing()
            if let list = bindings.change() { _ = room.receive(.bindings(list)) }
            _ = room.receive(.tick(at: now))
            for event in events {
                for arrival in arrivals(event, now, &out) {
                    for departure in room.receive(arrival) { perform(departure, &out) }
                }
            }
            for (place, answers) in out.answers { servers[place]?.send(answers) }
            for (place, answers) in out.webAnswers { webs[place]?.send(answers) }
            if !out.commands.isEmpty { hub.send(out.commands) }
        }
    }

    /// What leaves together after a bulk of events.
    private struct Outgoing {
        var answers: [UInt16: [MLLPAnswer]] = [:]
        var webAnswers: [UInt16: [HTTPAnswer]] = [:]
        var commands: [HubCommand] = []
    }

    private func arrivals(
        _ event: Event, _ now: Instant, _ out: inout Outgoing
    ) -> [IngestRoom.Arrival] {
        switch event {
        case .room(let arrival): return [arrival]
        case .mllp(let inputs, let place):
            return inputs.map { input in
                let peer = Peer(channel: place, connection: input.connection)
                switch input.content {
                case .frame(let bytes):
                    return .input(.hl7, bytes: bytes, from: peer, receivedAt: now)
                case .fault(let fault, let head):
                    // Only who sends too much waits for an answer.
                    return .unreadable(
                        .hl7, bytes: head, fault.refusal, from: peer,
                        correlation: fault == .oversized ? 0 : nil, receivedAt: now)
                }
            }
        case .http(let input, let place):
            let peer = Peer(channel: place, connection: input.connection)
            return [.input(.fhir, bytes: input.request.bytes, from: peer, receivedAt: now)]
        case .native(let events):
            return events.compactMap { native($0, now, &out) }
        }
    }

    private func native(
        _ event: HubEvent, _ now: Instant, _ out: inout Outgoing
    ) -> IngestRoom.Arrival? {
        guard case .request(let sender, let correlation, _, _, let payload) = event else {
            return nil
        }
        let peer = Peer(channel: Place.native, connection: sender.number)
        do throws(WireError) {
            guard case .submit(let batch) = try Message(payload) else {
                let refusal = Message.refused(Refusal(.unsupported, "ingest takes submits only"))
                out.commands.append(
                    .reply(sender, correlation: correlation, refusal.payload()))
                return nil
            }
            return .observations(
                batch, byteCount: payload.byteCount, from: peer, correlation: correlation,
                receivedAt: now)
        } catch {
            return .unreadable(
                .native, bytes: ValueWire.record(payload), error.refusal, from: peer,
                correlation: correlation,
                receivedAt: now)
        }
    }

    private func perform(_ departure: IngestRoom.Departure, _ out: inout Outgoing) {
        switch departure {
        case .append(let batch, let token):
            // What the store would refuse must not get into the outbox: it would stay for ever.
            do throws(WireError) {
                for observation in batch.observations { try ValueWire.prove(observation) }
            } catch {
                return inbox.post([.room(.appendFailed(token, detail: error.refusal.detail))])
            }
            outbox.append(batch) { [inbox, feed] result in
                switch result {
                case .success:
                    inbox.post([.room(.appended(token))])
                    feed.look()
                case .failure(let error):
                    inbox.post([.room(.appendFailed(token, detail: "\(error)"))])
                }
            }
        case .quarantine(let entry, let token): quarantined.post([(entry, token)])
        case .acknowledge(let peer, let reply), .refuse(let peer, let reply):
            switch reply {
            case .bytes(let bytes) where webs[peer.channel] != nil:
                guard let answer = FHIRAnswer(reply: bytes) else { return }
                out.webAnswers[peer.channel, default: []].append(
                    HTTPAnswer(connection: peer.connection, answer: answer))
            case .bytes(let bytes):
                out.answers[peer.channel, default: []].append(
                    MLLPAnswer(connection: peer.connection, bytes: bytes))
            case .accepted(let correlation, let count):
                let message = Message.accepted(count: UInt32(clamping: count))
                out.commands.append(answer(peer, correlation, message))
            case .refused(let correlation, let refusal):
                out.commands.append(answer(peer, correlation, .refused(refusal)))
            }
        }
    }

    private func answer(_ peer: Peer, _ correlation: UInt64, _ message: Message) -> HubCommand {
        .reply(
            PeerID(number: peer.connection, listener: listener.id), correlation: correlation,
            message.payload())
    }

    /// Puts what was refused on disk, with its reason.
    private func keep() {
        while let entries = quarantined.take() {
            for (entry, token) in entries {
                var isKept = true
                do {
                    _ = try quarantine.add(
                        entry.bytes, refusal: entry.reason, receiveTime: entry.receivedAt,
                        source: "\(entry.peer.channel)/\(entry.peer.connection)",
                        format: "\(entry.format)")
                } catch {
                    isKept = false
                    logger.error("the quarantine takes nothing: \(error)")
                }
                inbox.post([.room(.quarantined(token, isKept: isKept))])
            }
        }
    }
}

extension MLLPFramer.Fault {
    fileprivate var refusal: Refusal {
        switch self {
        case .oversized: Refusal(.tooLarge, "the frame is longer than the limit")
        case .noStartBlock: Refusal(.malformed, "no start block: this is not MLLP")
        case .truncated: Refusal(.malformed, "the connection ended within a frame")
        case .restarts: Refusal(.malformed, "the frame starts again and again")
        }
    }
}

extension Format {
    /// What comes through the native door.
    fileprivate static let native = Format("native")
}
