import Testing
import TwinCore
import TwinTestKit

@testable import IngestCore

/// The room in a world that loses, delays, repeats and fails, driven by a seed.
struct RoomSimulationTests {
    /// What was seen to be wrong.
    enum Finding: Hashable {
        case acknowledgedBeforeDurable
        case refusedBeforeQuarantine
        case appendedTwice
        case outOfOrder
        case noReply
        case leak
    }

    private struct World {
        var room: IngestRoom
        var generator: SplitMix64
        /// Departed, and not yet answered by the disk.
        var appends: [(token: IngestToken, ids: [String])] = []
        var entries: [(token: IngestToken, text: String)] = []
        var durable: [String: Int] = [:]
        var quarantined: Set<String> = []
        var sent: [Peer: [String]] = [:]
        var answered: [Peer: Int] = [:]
        var findings: Set<Finding> = []

        mutating func step(_ number: Int) {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<4: send(number)
            case 4..<8: finishAppend()
            default: finishEntry()
            }
        }

        mutating func send(_ number: Int) {
            let peer = Peer(connection: UInt64.random(in: 1...3, using: &generator))
            // Values name their message; a low number repeats an old one.
            let isRepeated = Int.random(in: 0..<4, using: &generator) == 0
            let id = isRepeated ? Int.random(in: 0...number, using: &generator) : number
            let isBad = id % 7 == 0
            let text = isBad ? "bad\(id)" : "p \(id) \(40 + id % 200)"
            sent[peer, default: []].append(text)
            take(
                room.receive(
                    .input(
                        LineAdapter.format, bytes: Array(text.utf8), from: peer,
                        receivedAt: Instant(microsecondsSinceEpoch: Int64(number)))))
        }

        mutating func take(_ departures: [IngestRoom.Departure]) {
            for departure in departures {
                switch departure {
                case .append(let batch, let token):
                    let ids = batch.observations.compactMap { observation in
                        observation.number.map { "\(Int($0))" }
                    }
                    appends.append((token, ids))
                case .quarantine(let entry, let token):
                    entries.append((token, String(decoding: entry.bytes, as: UTF8.self)))
                case .acknowledge(let peer, .bytes(let bytes)):
                    reply(peer, String(decoding: bytes, as: UTF8.self))
                case .refuse(let peer, .bytes(let bytes)):
                    reply(peer, String(decoding: bytes, as: UTF8.self))
                case .acknowledge, .refuse: break
                }
            }
        }

        mutating func reply(_ peer: Peer, _ text: String) {
            let message = String(text.drop { $0 != ":" }.dropFirst())
            let index = answered[peer, default: 0]
            answered[peer] = index + 1
            if sent[peer].map({ index < $0.count && $0[index] == message }) != true {
                findings.insert(.outOfOrder)
            }
            if text.hasPrefix("ok:") {
                let value = message.split(separator: " ").last.map(String.init) ?? ""
                if durable[value] == nil { findings.insert(.acknowledgedBeforeDurable) }
            } else if text.hasPrefix("no:"), !quarantined.contains(message) {
                findings.insert(.refusedBeforeQuarantine)
            }
        }

        mutating func finishAppend() {
            guard !appends.isEmpty else { return }
            let index = Int.random(in: 0..<appends.count, using: &generator)
            let append = appends.remove(at: index)
            guard Int.random(in: 0..<5, using: &generator) > 0 else {
                return take(room.receive(.appendFailed(append.token, detail: "full")))
            }
            for id in append.ids {
                durable[id, default: 0] += 1
                if durable[id, default: 0] > 1 { findings.insert(.appendedTwice) }
            }
            take(room.receive(.appended(append.token)))
        }

        mutating func finishEntry() {
            guard !entries.isEmpty else { return }
            let entry = entries.removeFirst()
            quarantined.insert(entry.text)
            take(room.receive(.quarantined(entry.token, isKept: true)))
        }
    }

    private func run(seed: UInt64, _ bug: IngestRoom.PlantedBug? = nil) -> Set<Finding> {
        var room = IngestRoom(adapters: [LineAdapter()])
        room.plantedBug = bug
        var world = World(room: room, generator: SplitMix64(seed: seed))
        // Fewer messages than values, so that a value names its message.
        for number in 1...180 { world.step(number) }
        while !world.appends.isEmpty || !world.entries.isEmpty {
            world.finishAppend()
            world.finishEntry()
        }
        for (peer, texts) in world.sent where world.answered[peer] != texts.count {
            world.findings.insert(.noReply)
        }
        if world.room.pendingByteCount != 0 { world.findings.insert(.leak) }
        return world.findings
    }

    @Test func `nothing is acknowledged before it is durable, in any of 300 worlds`() {
        for seed in 1...300 as ClosedRange<UInt64> {
            #expect(run(seed: seed) == [], "seed \(seed)")
        }
    }

    @Test(arguments: [
        (IngestRoom.PlantedBug.acknowledgesEarly, Finding.acknowledgedBeforeDurable),
        (.refusesBeforeQuarantine, .refusedBeforeQuarantine), (.forgetsDuplicates, .appendedTwice),
    ])
    func `a planted bug is found`(bug: IngestRoom.PlantedBug, finding: Finding) {
        let found = (1...20 as ClosedRange<UInt64>).contains {
            run(seed: $0, bug).contains(finding)
        }
        #expect(found)
    }
}
