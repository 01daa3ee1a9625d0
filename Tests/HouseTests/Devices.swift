import IngestHL7
import TwinCore
import TwinLink
import TwinWire

/// What a device still has to send, and what it was told of the rest.
struct SenderLedger {
    let messages: [DeviceMessage]
    private var waiting: [(number: Int, at: Instant)]
    private(set) var acknowledged: Set<Int> = []
    private(set) var refused: Set<Int> = []

    init(_ messages: [DeviceMessage]) {
        self.messages = messages
        waiting = messages.enumerated().map { number, message in
            (number, Script.start.later(ms: message.dueMs))
        }
    }

    var isDone: Bool { acknowledged.count + refused.count == messages.count && waiting.isEmpty }

    /// The next message whose time has come.
    mutating func next(at now: Instant) -> Int? {
        waiting.firstIndex { $0.at <= now }.map { waiting.remove(at: $0).number }
    }

    mutating func again(_ number: Int, at time: Instant) { waiting.append((number, time)) }

    mutating func acknowledge(_ number: Int) { acknowledged.insert(number) }

    mutating func refuse(_ number: Int) {
        if !acknowledged.contains(number) { refused.insert(number) }
    }
}

/// A monitor that speaks HL7 over a connection: sends, waits for the answers, and sends again
/// what was not answered when the connection was lost.
struct MonitorProcess {
    private static let windowCount = 2
    private static let patienceMs = 2500
    private static let retryMs = 700

    let ingest: Int
    private(set) var ledger: SenderLedger
    private var framer = MLLPFramer()
    private var unanswered: [Int] = []
    private var answeredAt = Script.start
    /// Where what it says goes; nil while it is not connected.
    private(set) var connection: UInt64?

    init(ingest: Int, _ messages: [DeviceMessage]) {
        self.ingest = ingest
        ledger = SenderLedger(messages)
    }

    /// It has lost patience with what does not answer.
    func givesUp(at now: Instant) -> Bool {
        !unanswered.isEmpty && now > answeredAt.later(ms: MonitorProcess.patienceMs)
    }

    mutating func connected(_ connection: UInt64, at now: Instant) {
        self.connection = connection
        framer = MLLPFramer()
        answeredAt = now
    }

    mutating func disconnected(at now: Instant) {
        connection = nil
        for number in unanswered { ledger.again(number, at: now) }
        unanswered = []
    }

    /// What it says now.
    mutating func outgoing(at now: Instant) -> [UInt8] {
        var bytes: [UInt8] = []
        while connection != nil, unanswered.count < MonitorProcess.windowCount,
            let number = ledger.next(at: now)
        {
            if unanswered.isEmpty { answeredAt = now }
            unanswered.append(number)
            bytes += MLLPFramer.framed(ledger.messages[number].bytes)
        }
        return bytes
    }

    mutating func receive(_ bytes: [UInt8], at now: Instant) {
        for event in framer.receive(bytes) {
            guard case .frame(let reply) = event, !unanswered.isEmpty else { continue }
            answeredAt = now
            // Answers come in the order of the messages.
            take(String(decoding: reply, as: UTF8.self), to: unanswered.removeFirst(), at: now)
        }
    }

    private mutating func take(_ reply: String, to number: Int, at now: Instant) {
        if reply.contains("\rMSA|AA|") {
            ledger.acknowledge(number)
        } else if reply.contains("|207^") {
            // An internal error passes: the message is as good as it was.
            ledger.again(number, at: now.later(ms: MonitorProcess.retryMs))
        } else {
            ledger.refuse(number)
        }
    }

    /// It says a message once more that was taken already.
    mutating func `repeat`(_ choice: Int, at now: Instant) {
        let taken = ledger.acknowledged.sorted()
        if !taken.isEmpty { ledger.again(taken[choice % taken.count], at: now) }
    }
}

/// A device that speaks the house's own language over a link.
struct NativeProcess {
    private static let windowCount = 3
    private static let retryMs = 700

    let ingest: Int
    var node = 0
    var link = PeerID(number: 0)
    private(set) var ledger: SenderLedger
    private var unanswered: [UInt64: Int] = [:]
    private var lastCorrelation: UInt64 = 0

    init(ingest: Int, _ messages: [DeviceMessage]) {
        self.ingest = ingest
        ledger = SenderLedger(messages)
    }

    /// It is switched off and on: what was not answered goes again.
    mutating func restart(at now: Instant) {
        for number in unanswered.values.sorted() { ledger.again(number, at: now) }
        unanswered = [:]
    }

    mutating func outgoing(at now: Instant) -> [HubCommand] {
        var commands: [HubCommand] = []
        while unanswered.count < NativeProcess.windowCount, let number = ledger.next(at: now) {
            lastCorrelation += 1
            unanswered[lastCorrelation] = number
            let batch = ObservationBatch(ledger.messages[number].observations)
            commands.append(
                .request(link, Message.submit(batch).payload(), correlation: lastCorrelation))
        }
        return commands
    }

    mutating func take(_ event: HubEvent, at now: Instant) {
        switch event {
        case .reply(_, let correlation, let payload):
            guard let number = unanswered.removeValue(forKey: correlation) else { return }
            switch try? Message(payload) {
            case .accepted: ledger.acknowledge(number)
            case .refused(let refusal) where refusal.retryAfterMs == nil: ledger.refuse(number)
            default: ledger.again(number, at: now.later(ms: NativeProcess.retryMs))
            }
        case .failed(_, let correlation, _):
            guard let number = unanswered.removeValue(forKey: correlation) else { return }
            ledger.again(number, at: now.later(ms: NativeProcess.retryMs))
        case .up, .down, .request: break
        }
    }
}

/// The operator's command line: one thing after the other, and again what must succeed.
struct OperatorProcess {
    enum Job: Equatable {
        case push(String)
        case activate(String)
        case rollback(String)
    }

    var node = 0
    var store = PeerID(number: 0)
    private var jobs: [(job: Job, mustSucceed: Bool)] = []
    private var isAsking = false
    private var lastCorrelation: UInt64 = 0
    private var notBefore = Script.start
    /// What the store answered, in words.
    private(set) var answers: [String] = []

    var isIdle: Bool { jobs.isEmpty }

    mutating func order(_ job: Job, mustSucceed: Bool = true) { jobs.append((job, mustSucceed)) }

    mutating func outgoing(at now: Instant) -> [HubCommand] {
        guard let (job, _) = jobs.first, !isAsking, now >= notBefore else { return [] }
        isAsking = true
        lastCorrelation += 1
        let query: Query
        var attachments: [[UInt8]] = []
        switch job {
        case .push(let name):
            query = .push(outcome: Artifacts.outcomes[name] ?? "", kind: "forest")
            attachments = [Artifacts.bytes(name)]
        case .activate(let name): query = .activate(Artifacts.id(name))
        case .rollback(let outcome): query = .rollback(outcome: outcome)
        }
        return [
            .request(
                store, Message.query(query).payload(attachments: attachments),
                correlation: lastCorrelation, deadlineMs: 5000)
        ]
    }

    mutating func take(_ event: HubEvent, at now: Instant) {
        switch event {
        case .reply(_, lastCorrelation, let payload):
            switch try? Message(payload) {
            case .answer(.artifact), .answer(.activated): end(nil, at: now)
            case .refused(let refusal): end("\(refusal)", at: now)
            default: end("another answer", at: now)
            }
        case .failed(_, lastCorrelation, let failure): end("\(failure)", at: now)
        default: break
        }
    }

    private mutating func end(_ failure: String?, at now: Instant) {
        guard isAsking, let (_, mustSucceed) = jobs.first else { return }
        isAsking = false
        answers.append(failure ?? "done")
        if failure == nil || !mustSucceed { jobs.removeFirst() }
        notBefore = now.later(ms: 300)
    }
}

extension Instant {
    func later(ms: Int) -> Instant {
        Instant(microsecondsSinceEpoch: microsecondsSinceEpoch + Int64(ms) * 1000)
    }
}
