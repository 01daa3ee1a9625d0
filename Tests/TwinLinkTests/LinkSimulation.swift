import TwinCore
import TwinLink
import TwinTestKit

/// A store and two workers that ask each other over a bad network, from one seed.
struct LinkSimulation {
    private struct Question {
        var body: [UInt8]
        var deadline: Instant?
        var endCount = 0
    }

    private struct Asker: Hashable {
        var node: Int
        var correlation: UInt64
    }

    private(set) var violations: [String] = []
    private(set) var replyCount = 0
    private(set) var failureCount = 0
    private(set) var repeatCount = 0
    private var random: SplitMix64
    private var link: InProcessLink<SplitMix64>
    private var limits: LinkLimits
    private let store: Int
    private var workers: [Int] = []
    private var connections: [PeerID] = []
    private var workersAtStore: Set<PeerID> = []
    private var questions: [Asker: Question] = [:]
    private var answers: [(due: Instant, node: Int, command: HubCommand)] = []
    private var seenBodies: Set<[UInt8]> = []
    private var nextCorrelation: UInt64 = 1
    private var nextStoreCorrelation: UInt64 = 1

    init(seed: UInt64, limits: LinkLimits) {
        random = SplitMix64(seed: seed)
        var faults = InProcessLink<SplitMix64>.Faults()
        faults.lostPerMille = UInt32.random(in: 0...250, using: &random)
        faults.doubledPerMille = UInt32.random(in: 0...250, using: &random)
        faults.delayUs = 100...Int64.random(in: 200...300_000, using: &random)
        faults.isOrdered = Bool.random(using: &random)
        self.limits = limits
        self.limits.windowCount = UInt32.random(in: 1...8, using: &random)
        self.limits.replyMemoryByteCountMax = Int.random(in: 0...2000, using: &random)
        link = InProcessLink(
            faults: faults, generator: SplitMix64(seed: seed ^ 0xABCD), tickMs: 500)
        store = link.addNode()
        listen()
        for _ in 0..<2 {
            let worker = link.addNode()
            workers.append(worker)
            connections.append(
                link.connect(
                    worker, to: "store", hello: LinkSimulation.hello("worker"), limits: self.limits)
            )
        }
    }

    static func hello(_ role: String) -> Hello {
        Hello(name: role, role: role, version: "1", windowCount: 0, windowByteCount: 0)
    }

    static func answer(to body: [UInt8]) -> [UInt8] { body.reversed() + [0xA5] }

    /// Asks under faults, then lets the network be good until everything should have ended.
    mutating func run() {
        for _ in 0..<40 {
            doSomething()
            pass(ms: Int.random(in: 1...400, using: &random))
        }
        link.faults.lostPerMille = 0
        link.faults.doubledPerMille = 0
        link.resume(store)
        for connection in connections { link.heal(connection) }
        // The last resend may be as far away as the longest pause between two.
        for _ in 0..<60 where questions.values.contains(where: { $0.endCount == 0 }) {
            pass(ms: 1000)
        }
        for (asker, question) in questions where question.endCount != 1 {
            violations.append("\(asker) ended \(question.endCount) times")
        }
    }

    private mutating func listen() {
        _ = link.listen(store, at: "store", hello: LinkSimulation.hello("store"), limits: limits)
    }

    private mutating func doSomething() {
        switch Int.random(in: 0..<20, using: &random) {
        case 0: link.cut(connections.randomElement(using: &random) ?? connections[0])
        case 1, 2: link.heal(connections.randomElement(using: &random) ?? connections[0])
        case 3: link.stop(store)
        case 4: link.resume(store)
        case 5: crashStore()
        case 6...12:
            let index = Int.random(in: 0..<2, using: &random)
            ask(connections[index], from: workers[index])
        default:
            let known = workersAtStore.sorted { $0.number < $1.number }
            if let peer = known.randomElement(using: &random) { ask(peer, from: store) }
        }
    }

    private mutating func crashStore() {
        link.crash(store)
        // What the store had asked died with it.
        violations += questions.filter { $0.key.node == store && $0.value.endCount > 1 }
            .map { "\($0.key) ended twice" }
        questions = questions.filter { $0.key.node != store }
        nextStoreCorrelation = 1
        answers.removeAll { $0.node == store }
        workersAtStore = []
        listen()
    }

    private mutating func ask(_ peer: PeerID, from node: Int) {
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let number = nextCorrelation
            nextCorrelation += 1
            // Each process counts for itself, and a new store starts from 1 again.
            let correlation = node == store ? nextStoreCorrelation : number
            if node == store { nextStoreCorrelation += 1 }
            let asker = Asker(node: node, correlation: correlation)
            let body = [UInt8(node), UInt8(number & 0xFF), UInt8(number >> 8)]
            let deadlineMs =
                Bool.random(using: &random) ? UInt32.random(in: 1...9000, using: &random) : 0
            questions[asker] = Question(
                body: body,
                // A store that hangs is late itself.
                deadline: deadlineMs > 0 && node != store
                    ? link.now.later(ms: Int(deadlineMs) + 550) : nil)
            link.send(
                [
                    .request(
                        peer, Payload(subject: 1, body: body), correlation: correlation,
                        deadlineMs: deadlineMs)
                ], from: node)
        }
    }

    private mutating func pass(ms: Int) {
        let target = link.now.later(ms: ms)
        while link.now < target {
            let due = answers.map(\.due).min() ?? target
            for (node, event) in link.advance(to: min(target, max(due, link.now))) {
                take(event, at: node)
            }
            let ripe = answers.filter { $0.due <= link.now }
            answers.removeAll { $0.due <= link.now }
            for answer in ripe { link.send([answer.command], from: answer.node) }
        }
    }

    private mutating func take(_ event: HubEvent, at node: Int) {
        switch event {
        case .up(let peer, _): if node == store { workersAtStore.insert(peer) }
        case .down(let peer, _): workersAtStore.remove(peer)
        case .request(let peer, let correlation, _, _, let payload):
            if !seenBodies.insert(payload.body).inserted { repeatCount += 1 }
            let reply = Payload(subject: 2, body: LinkSimulation.answer(to: payload.body))
            answers.append(
                (
                    link.now.later(ms: Int.random(in: 0...2500, using: &random)), node,
                    .reply(peer, correlation: correlation, reply)
                ))
        case .reply(_, let correlation, let payload):
            replyCount += 1
            end(Asker(node: node, correlation: correlation), with: payload.body)
        case .failed(_, let correlation, _):
            failureCount += 1
            end(Asker(node: node, correlation: correlation), with: nil)
        }
    }

    private mutating func end(_ asker: Asker, with body: [UInt8]?) {
        guard let question = questions[asker] else {
            // An answer to what the store asked before its crash is no answer of this store.
            violations.append("\(asker) was never asked")
            return
        }
        questions[asker]?.endCount += 1
        if let body, body != LinkSimulation.answer(to: question.body) {
            violations.append("\(asker) got the reply of another request")
        }
        if let deadline = question.deadline, link.now > deadline {
            violations.append("\(asker) ended after its deadline")
        }
    }
}
