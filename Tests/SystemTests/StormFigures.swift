import Foundation
import Testing
import TwinCore

/// Numbers for people.
enum StormFigures {
    static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    static func percentile(_ all: [Double], _ percent: Int) -> Double {
        all.isEmpty ? .nan : rounded(all.sorted()[(all.count * percent - 1) / 100])
    }

    static func median(_ all: [Double]) -> Double { percentile(all, 50) }
}

/// Calm and storm by turns, and how long messages waited for their assessment in each.
struct StormPhases {
    private struct Phase {
        var isStorm: Bool
        var begin: Instant
        var end: Instant
        var delaysMs: [Double] = []
    }

    private struct ReceivedObservation: Decodable {
        let commitRevision: Int
        let receiveTime: String
    }

    private var phases: [Phase] = []

    mutating func begin(isStorm: Bool) {
        end()
        let now = Self.now()
        phases.append(Phase(isStorm: isStorm, begin: now, end: now))
    }

    mutating func end() {
        guard let last = phases.indices.last else { return }
        phases[last].end = Self.now()
    }

    /// From a message's arrival to the commit of the first assessment that knows it: of every phase
    /// the percentiles, and of those the medians.
    mutating func tell(_ house: RunningHouse) async throws {
        for twin in try await house.twins() { try await read(twin.id, house) }
        func figures(_ isStorm: Bool, _ percent: Int) -> [Double] {
            phases.filter { $0.isStorm == isStorm }.map {
                StormFigures.percentile($0.delaysMs, percent)
            }
        }
        for percent in [50, 99] {
            let (calm, stormy) = (figures(false, percent), figures(true, percent))
            print("p\(percent) ms of each calm \(calm), of each storm \(stormy)")
            let (before, during) = (StormFigures.median(calm), StormFigures.median(stormy))
            let change = StormFigures.rounded((during / before - 1) * 100)
            print("p\(percent) ms without swaps \(before), with swaps \(during): \(change) %")
        }
        for phase in phases { #expect(phase.delaysMs.count > 50) }
    }

    private mutating func read(_ twin: String, _ house: RunningHouse) async throws {
        let received = try await house.twinctl("twin", "history", twin, "--json")
            .documents(ReceivedObservation.self)
        let made: [Document.Assessment] = try await house.twinctl(
            "twin", "explain", twin, "--history", "--json"
        ).documents()
        var latest: [Int: String] = [:]
        for one in received { latest[one.commitRevision] = one.receiveTime }
        var seen: Set<Int> = []
        for one in made where seen.insert(one.revision).inserted {
            guard let text = latest[one.revision], let from = Instant(rfc3339: text),
                let until = Instant(rfc3339: one.commitTime),
                let place = phases.firstIndex(where: { $0.begin <= from && from < $0.end })
            else { continue }
            let microseconds = until.microsecondsSinceEpoch - from.microsecondsSinceEpoch
            phases[place].delaysMs.append(Double(microseconds) / 1000)
        }
    }

    private static func now() -> Instant {
        Instant(microsecondsSinceEpoch: Int64(Date.now.timeIntervalSince1970 * 1e6))
    }
}

/// What the services have in memory: after 10 swaps, at the end, and around every storm.
struct StormMemory {
    private var first: [String: Int] = [:]
    private var weighed: [[String: Int]] = []

    mutating func begin(_ house: RunningHouse) { first = Self.residents(house) }

    /// In pairs, before and after a storm.
    mutating func weigh(_ house: RunningHouse) { weighed.append(Self.residents(house)) }

    /// Memory does not grow with the number of swaps.
    func check() {
        guard let last = weighed.last else { return }
        for (name, kilobytes) in last.sorted(by: { $0.key < $1.key }) {
            let before = first[name] ?? 0
            let pairs = stride(from: 0, to: weighed.count - 1, by: 2)
            let inStorms = pairs.map {
                (weighed[$0 + 1][name] ?? 0) - (weighed[$0][name] ?? 0)
            }.reduce(0, +)
            let inCalms = pairs.dropFirst().map {
                (weighed[$0][name] ?? 0) - (weighed[$0 - 1][name] ?? 0)
            }.reduce(0, +)
            print(
                "resident kB of \(name): \(before) after 10 swaps, \(kilobytes) after all; "
                    + "\(inStorms) came in storms, \(inCalms) in calms")
            if name.hasPrefix("model") || name == "store" {
                #expect(Double(kilobytes) <= 1.2 * Double(before), "\(name)")
            }
        }
    }

    private static func residents(_ house: RunningHouse) -> [String: Int] {
        house.services.mapValues(\.residentKilobytes)
    }
}
