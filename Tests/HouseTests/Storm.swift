import TwinCore
import TwinLink
import TwinStoreCore
import TwinTestKit

/// A run of the house in which everything goes wrong that can, and then goes well again.
struct Storm {
    private static let stormMs = 5000
    private static let stepMs = 100
    /// How long the house may take, once all is well, until nothing is left to do.
    private static let calmMsMax = 60_000
    /// What speaks in the end.
    static let finalArtifacts = ["strict", "early"]
    /// What speaks for some of the twins in the end, and what is a shadow.
    static let finalCanary = "calm"
    static let finalShadow = "late"

    var world: World
    private var isSick = false

    /// A house with devices whose messages are a function of the seed.
    init(seed: UInt64, plan: HousePlan = HousePlan()) {
        var random = SplitMix64(seed: seed &* 0x9E37_79B9)
        let monitors = (0..<plan.ingestCount).map {
            MonitorProcess(ingest: $0, Script.monitor("MON\($0)", &random))
        }
        let natives = (0..<plan.ingestCount).map {
            NativeProcess(ingest: $0, Script.native("native-\($0)", &random))
        }
        world = World(seed: seed, plan: plan, monitors: monitors, natives: natives)
        for name in ["calm", "early", "strict", "late", "broken"] {
            world.operators.order(.push(name))
        }
        world.operators.order(.activate("calm"))
    }

    /// The faulty run.
    mutating func rage() {
        for _ in 0..<(Storm.stormMs / Storm.stepMs) {
            if world.chance.happens(400) { misfortune() }
            if world.chance.happens(150) { orders() }
            world.advance(ms: Storm.stepMs)
            noteBounds()
        }
        heal()
        calm()
    }

    /// The same inputs, and nothing goes wrong.
    mutating func pass() {
        world.advance(ms: 500)
        calm()
    }

    /// Lets the house finish what it has to do.
    private mutating func calm() {
        // One that is not what it says never speaks.
        world.operators.order(.activate("broken"), mustSucceed: false)
        for name in Storm.finalArtifacts { world.operators.order(.activate(name)) }
        let canary = ReleaseOrder.Step.canary(Artifacts.id(Storm.finalCanary), share: 0.5)
        world.operators.order(.ask(.release(ReleaseOrder(canary))))
        let shadow = ReleaseOrder.Step.shadow(Artifacts.id(Storm.finalShadow))
        world.operators.order(.ask(.release(ReleaseOrder(shadow))))
        var waitedMs = 0
        while !isQuiet, waitedMs < Storm.calmMsMax {
            world.advance(ms: 500)
            waitedMs += 500
            noteBounds()
            if world.store.room.status().poisonedCount > 0 { world.store.pardonAll() }
        }
        if !isQuiet { world.violations += unfinished }
    }

    private var isQuiet: Bool { unfinished.isEmpty }

    /// What is not done yet, in words.
    private var unfinished: [String] {
        var left: [String] = []
        for (number, monitor) in world.monitors.enumerated() where !monitor.ledger.isDone {
            left.append("monitor \(number) is not rid of its messages")
        }
        for (number, native) in world.natives.enumerated() where !native.ledger.isDone {
            left.append("native \(number) is not rid of its messages")
        }
        for ingest in world.ingests where !ingest.isIdle {
            left.append("\(ingest.name) has inputs or an outbox left")
        }
        for worker in world.workers where !worker.isIdle {
            left.append("\(worker.name) has orders left")
        }
        if !world.operators.isIdle { left.append("the operator waits") }
        let status = world.store.room.status()
        let behind = world.store.room.shadowDueCount
        if behind > 0 { left.append("shadows are behind with \(behind) twins") }
        if status.dueCount > 0 { left.append("\(status.dueCount) twins are due") }
        return left
    }

    private mutating func noteBounds() {
        if !world.violations.isEmpty { return }
        let broken =
            world.ingests.flatMap(\.brokenBounds) + world.workers.flatMap(\.brokenBounds)
            + world.store.room.status().peers.filter { $0.inFlight > $0.credits }.map(\.name)
        world.violations += broken.map { "\($0) beyond the bound" }
    }

    private mutating func heal() {
        world.link.faults = InProcessLink<SplitMix64>.Faults()
        world.resumeAll()
        for peer in wires { world.link.heal(peer) }
        for number in world.cables.indices { world.cables[number].isCut = false }
        for ingest in world.ingests.indices { mend(ingest) }
        if isSick { world.crash(.store, forMs: 100) }
        world.store.engine.inner.release()
        world.advance(ms: 2500)
    }

    private mutating func mend(_ ingest: Int) {
        world.ingests[ingest].journal.fill(false)
        world.ingests[ingest].journal.catchUp()
        world.ingests[ingest].settle(at: world.now)
        world.send(.ingest(ingest))
    }

    /// What happened in the run, in words.
    var seen: Set<String> {
        var seen = world.ingests.reduce(into: Set<String>()) { $0.formUnion($1.seen) }
        for worker in world.workers { seen.formUnion(worker.seen) }
        if world.operators.answers.contains(where: { $0.hasPrefix("failed: model") }) {
            seen.insert("model refused")
        }
        if world.link.lostCount > 0 { seen.insert("messages lost") }
        if world.store.alarms.contains(where: { $0.contains("given up") }) {
            seen.insert("task given up")
        }
        return seen
    }

    /// Every link that somebody has made.
    private var wires: [PeerID] {
        world.ingests.map(\.store) + world.workers.map(\.store) + world.natives.map(\.link)
            + [world.operators.store]
    }

    private mutating func misfortune() {
        switch world.chance.below(20) {
        case 0: world.crash(.store, forMs: world.chance.below(800))
        case 1, 2:
            let ingest = world.chance.below(world.ingests.count)
            world.crash(.ingest(ingest), forMs: world.chance.below(800))
        case 3, 4:
            let worker = world.chance.below(world.workers.count)
            world.crash(.worker(worker), forMs: world.chance.below(800))
        case 5:
            let native = world.chance.below(world.natives.count)
            world.crash(.native(native), forMs: world.chance.below(800))
        case 6: if let resident = world.chance.pick(world.residents) { world.hang(resident) }
        case 7, 8: world.resumeAll()
        case 9: if let wire = world.chance.pick(wires) { world.link.cut(wire) }
        case 10: for wire in wires { world.link.heal(wire) }
        case 11, 12: tampersWithCable()
        case 13, 14: slowsOutbox()
        case 15, 16: slowsEngine()
        case 17: if world.chance.happens(300) { breaksEngine() }
        case 18: changesWeather()
        default:
            let monitor = world.chance.below(world.monitors.count)
            world.monitors[monitor].repeat(world.chance.below(100), at: world.now)
        }
    }

    private mutating func tampersWithCable() {
        let number = world.chance.below(world.cables.count)
        if world.chance.happens(500) {
            world.breakCable(number)
        } else {
            world.cables[number].isCut.toggle()
        }
    }

    private mutating func slowsOutbox() {
        let ingest = world.chance.below(world.ingests.count)
        switch world.chance.below(4) {
        case 0, 1: world.ingests[ingest].journal.slowDown()
        case 2: world.ingests[ingest].journal.fill(true)
        default: mend(ingest)
        }
    }

    private mutating func slowsEngine() {
        if world.chance.happens(500) {
            world.store.engine.inner.hold()
        } else {
            world.store.engine.inner.release(
                world.chance.happens(500) ? world.chance.below(4) : nil)
        }
    }

    /// The store's disk is full: it takes nothing more until it is started again.
    private mutating func breaksEngine() {
        guard !isSick else {
            isSick = false
            return world.crash(.store, forMs: 200)
        }
        isSick = true
        world.store.engine.inner.failNextCommit("no space left")
    }

    private mutating func changesWeather() {
        var faults = InProcessLink<SplitMix64>.Faults()
        if world.chance.happens(600) {
            faults.lostPerMille = UInt32(world.chance.below(150))
            faults.doubledPerMille = UInt32(world.chance.below(150))
            faults.delayUs = 50...Int64(200 + world.chance.below(60_000))
            faults.isOrdered = world.chance.happens(500)
        }
        world.link.faults = faults
    }

    private mutating func orders() {
        guard world.operators.isIdle else { return }
        let names = ["calm", "strict", "early", "late", "broken"]
        let outcome = world.chance.happens(500) ? Artifacts.sepsis : Artifacts.deterioration
        if world.chance.happens(250) {
            world.operators.order(.rollback(outcome), mustSucceed: false)
        } else if world.chance.happens(350), let name = world.chance.pick(names) {
            let step = step(of: Artifacts.id(name), outcome)
            world.operators.order(.ask(.release(ReleaseOrder(step))), mustSucceed: false)
        } else if let name = world.chance.pick(names) {
            world.operators.order(.activate(name), mustSucceed: false)
        }
    }

    /// A step of a release, more often to serve than to end.
    private mutating func step(of id: ArtifactID, _ outcome: String) -> ReleaseOrder.Step {
        switch world.chance.below(8) {
        case 0...2: .canary(id, share: Double(1 + world.chance.below(9)) / 10)
        case 3, 4: .shadow(id)
        case 5: .promote(id)
        case 6: .endCanary(outcome: outcome)
        default: .endShadow(outcome: outcome)
        }
    }
}
