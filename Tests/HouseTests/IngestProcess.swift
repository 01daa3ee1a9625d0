import IngestCore
import IngestHL7
import IngestOutbox
import IngestRoster
import TwinCore
import TwinJournal
import TwinLink
import TwinWire

/// One ingest of the house: the room, its disk, and as much of a door as the room needs.
struct IngestProcess {
    enum Listener: UInt16 { case mllp, native }

    let name: IngestID
    let plan: HousePlan
    var node = 0
    var store = PeerID(number: 0)
    private(set) var room: IngestRoom
    private(set) var journal: SlowJournal
    private(set) var outbox: Outbox
    let quarantine = InMemoryQuarantine()
    private var feed: OutboxFeed
    private var letters = Letters<IngestRoom.Arrival>()
    private var natives: [UInt64: PeerID] = [:]
    private var framers: [UInt64: MLLPFramer] = [:]
    /// What this life has heard, and from whom.
    private var heard: Set<[UInt8]> = []
    /// How often each input may have been kept: once a life, and once a native link.
    private(set) var copyCountMax: [[UInt8]: Int] = [:]
    /// What leaves, for whoever runs the process.
    var commands: [HubCommand] = []
    var replies: [(connection: UInt64, bytes: [UInt8])] = []
    private var pendingByteCountMost = 0
    /// What happened here, in words.
    private(set) var seen: Set<String> = []

    init(_ name: IngestID, _ plan: HousePlan) {
        self.name = name
        self.plan = plan
        journal = SlowJournal(byteCountMax: plan.outboxByteCountMax)
        outbox = IngestProcess.outbox(name, journal)
        room = IngestProcess.room(plan)
        feed = OutboxFeed(next: 1)
    }

    private static func outbox(_ name: IngestID, _ journal: SlowJournal) -> Outbox {
        let coding = ByteCoding<ObservationBatch>(
            encode: { ValueWire.encode($0) }, decode: { try ValueWire.batch($0) })
        return Outbox(ingest: name, journal: journal, coding: coding)
    }

    private static func room(_ plan: HousePlan) -> IngestRoom {
        var room = IngestRoom(
            adapters: IngestRoster.adapters(),
            settings: IngestRoom.Settings(pendingByteCountMax: plan.pendingByteCountMax))
        #if DEBUG
        if plan.bug == .acknowledgesEarly { room.plantedBug = .acknowledgesEarly }
        if plan.bug == .forgetsMessages { room.plantedBug = .forgetsDuplicates }
        #endif
        return room
    }

    /// Power is cut, and comes back: only the disk is as it was.
    mutating func restart(keeping extra: Int) {
        journal = journal.cutPower(keeping: extra)
        outbox = IngestProcess.outbox(name, journal)
        room = IngestProcess.room(plan)
        feed = OutboxFeed(next: outbox.firstOffset)
        letters = Letters()
        (natives, framers, heard) = ([:], [:], [])
        (commands, replies) = ([], [])
    }

    mutating func take(_ event: HubEvent, at now: Instant) {
        switch event {
        case .up(let peer, _) where peer == store: feed.up(from: outbox.firstOffset)
        case .down(let peer, _) where peer == store: feed.down()
        case .reply(_, let correlation, let payload):
            committed(correlation, try? Message(payload), at: now)
        case .failed(_, let correlation, _): feed.failed(correlation, outbox.firstOffset, at: now)
        case .request(let peer, let correlation, _, _, let payload):
            submitted(payload, by: peer, correlation, at: now)
        case .up, .down: break
        }
        settle(at: now)
    }

    private mutating func submitted(
        _ payload: Payload, by peer: PeerID, _ correlation: UInt64, at now: Instant
    ) {
        guard case .submit(let batch)? = try? Message(payload) else { return }
        natives[peer.number] = peer
        hear(ValueWire.record(payload), by: "\(peer.number)")
        receive(
            .observations(
                batch, byteCount: payload.byteCount,
                from: Peer(channel: Listener.native.rawValue, connection: peer.number),
                correlation: correlation, receivedAt: now))
    }

    private mutating func hear(_ bytes: [UInt8], by peer: String) {
        if heard.insert(bytes + Array(peer.utf8)).inserted { copyCountMax[bytes, default: 0] += 1 }
    }

    /// Bytes of a monitor's connection.
    mutating func receive(_ bytes: [UInt8], on connection: UInt64, at now: Instant) {
        for event in framers[connection, default: MLLPFramer()].receive(bytes) {
            frame(event, on: connection, at: now)
        }
        settle(at: now)
    }

    mutating func connectionEnded(_ connection: UInt64, at now: Instant) {
        guard var framer = framers.removeValue(forKey: connection), let event = framer.end() else {
            return
        }
        frame(event, on: connection, at: now)
        settle(at: now)
    }

    private mutating func frame(
        _ event: MLLPFramer.Event, on connection: UInt64, at now: Instant
    ) {
        let peer = Peer(channel: Listener.mllp.rawValue, connection: connection)
        switch event {
        case .frame(let bytes):
            hear(bytes, by: "")
            receive(.input(.hl7, bytes: bytes, from: peer, receivedAt: now))
        case .fault(let fault, let head):
            receive(
                .unreadable(
                    .hl7, bytes: head, Refusal(.malformed, "\(fault)"), from: peer,
                    correlation: fault == .oversized ? 0 : nil, receivedAt: now))
        }
    }

    mutating func tick(at now: Instant) {
        receive(.tick(at: now))
        settle(at: now)
    }

    /// Takes in what the disk has called back, and sends on what is durable.
    mutating func settle(at now: Instant) {
        var arrivals = letters.take()
        while !arrivals.isEmpty {
            for arrival in arrivals { receive(arrival) }
            arrivals = letters.take()
        }
        commands += feed.commits(of: outbox, to: store, at: now)
    }

    private mutating func receive(_ arrival: IngestRoom.Arrival) {
        for departure in room.receive(arrival) {
            switch departure {
            case .append(let batch, let token): append(batch, token)
            case .quarantine(let entry, let token):
                let id = try? quarantine.add(
                    entry.bytes, refusal: entry.reason, receiveTime: entry.receivedAt,
                    source: "", format: entry.format.name)
                letters.post(.quarantined(token, isKept: id != nil))
            case .acknowledge(let peer, let reply): answer(peer, reply)
            case .refuse(let peer, let reply):
                if case .appendFailed(_, let detail) = arrival { seen.insert("append \(detail)") }
                answer(peer, reply)
            }
        }
        pendingByteCountMost = max(pendingByteCountMost, room.pendingByteCount)
        if room.counts.duplicates > 0 { seen.insert("input repeated") }
        if room.counts.overloads > 0 { seen.insert("input overloaded") }
    }

    private func append(_ batch: ObservationBatch, _ token: IngestToken) {
        let letters = letters
        outbox.append(batch) { result in
            switch result {
            case .success: letters.post(.appended(token))
            case .failure(.journal(.full)):
                letters.post(.appendFailed(token, detail: "the outbox is full"))
            case .failure(.journal(.storageFull(let reason))):
                letters.post(.appendFailed(token, detail: reason))
            case .failure(let error):
                letters.post(.appendFailed(token, detail: "\(error)"))
            }
        }
    }

    private mutating func answer(_ peer: Peer, _ reply: Reply) {
        switch reply {
        case .bytes(let bytes): replies.append((peer.connection, MLLPFramer.framed(bytes)))
        case .accepted(let correlation, let count):
            answer(peer, correlation, .accepted(count: UInt32(clamping: count)))
        case .refused(let correlation, let refusal):
            answer(peer, correlation, .refused(refusal))
        }
    }

    private mutating func answer(_ peer: Peer, _ correlation: UInt64, _ message: Message) {
        guard let link = natives[peer.connection] else { return }
        commands.append(.reply(link, correlation: correlation, message.payload()))
    }

    private mutating func committed(_ correlation: UInt64, _ message: Message?, at now: Instant) {
        guard case .committed(let committed)? = message, committed.ingest == name else {
            if case .refused(let refusal)? = message {
                seen.insert("commit \(refusal.reason.name)")
            }
            feed.failed(correlation, outbox.firstOffset, at: now)
            return
        }
        guard feed.committed(correlation) else { return }
        try? outbox.committed(through: committed.offset)
    }

    /// Whether nothing waits here any more.
    var isIdle: Bool { room.pendingByteCount == 0 && outbox.firstOffset == outbox.nextOffset }

    /// The bounds that were broken, in words.
    var brokenBounds: [String] {
        var broken: [String] = []
        // Refusals that wait for their turn are few: no sender has more than three inputs open.
        if pendingByteCountMost > plan.pendingByteCountMax + 4096 {
            broken.append("\(name): inputs")
        }
        // What surrounds a record is counted when it is there.
        if journal.heldByteCountMost > plan.outboxByteCountMax + 64 {
            broken.append("\(name): outbox")
        }
        return broken
    }
}

/// Brings an outbox to the store: a few commits under way at once, again until they are confirmed.
struct OutboxFeed {
    private static let commitByteCountMax = 2048
    private static let commitCountMax = 3
    private static let retrySeconds: Int64 = 1

    private var isUp = false
    /// The first record that is not under way.
    private var next: UInt64
    private var underWay: Set<UInt64> = []
    private var lastCorrelation: UInt64 = 0
    private var retryAt = Instant(microsecondsSinceEpoch: 0)

    init(next: UInt64) { self.next = next }

    mutating func up(from firstOffset: UInt64) {
        isUp = true
        underWay = []
        next = firstOffset
    }

    mutating func down() { isUp = false }

    /// Whether the answer was waited for.
    mutating func committed(_ correlation: UInt64) -> Bool {
        underWay.remove(correlation) != nil
    }

    mutating func failed(_ correlation: UInt64, _ firstOffset: UInt64, at now: Instant) {
        guard underWay.remove(correlation) != nil else { return }
        underWay = []
        next = firstOffset
        retryAt = now.adding(seconds: OutboxFeed.retrySeconds)
    }

    mutating func commits(
        of outbox: Outbox, to store: PeerID, at now: Instant
    ) -> [HubCommand] {
        var commands: [HubCommand] = []
        while isUp, underWay.count < OutboxFeed.commitCountMax, now >= retryAt,
            let records = try? outbox.pending(
                from: next, byteCountMax: OutboxFeed.commitByteCountMax),
            let last = records.last
        {
            lastCorrelation += 1
            underWay.insert(lastCorrelation)
            next = last.offset + 1
            let commit = Message.commit(Commit(ingest: outbox.ingest, records: records))
            commands.append(
                .request(
                    store, commit.payload(), correlation: lastCorrelation, deadlineMs: 60_000))
        }
        return commands
    }
}
