import FeatureCore
import FeatureRoster
import Foundation
import IngestCore
import IngestTable
import Testing
import TwinCleaning
import TwinCore
import TwinTestKit

/// Stays of the PhysioNet 2012 challenge, from the published table to the flags of each value: what
/// people measured stands, and what is spoilt is found.
@Suite(.enabled(if: SharedData.isPresent, "no shared data: set TWINLINE_DATA"))
struct CleaningDataTests {
    private static let received = Instant(microsecondsSinceEpoch: 1_800_000_000_000_000)

    /// As ingest cleans it, and then as the twin's rules judge it by all that the twin has.
    private func judged(_ sent: [Observation]) throws -> [Observation] {
        let cleaner = Cleaner()
        let clean = sent.map { cleaner.clean($0, receivedAt: Self.received) }
        let extractor = try #require(FeatureRoster.all.first)
        var timeline = Timeline(rules: extractor.rules)
        timeline.merge(clean, reading: extractor)
        let set = extractor.features(of: timeline, at: 1)
        let state = TwinState(
            id: sent[0].twin, revision: 1, latest: [], features: [set], assessments: [])
        return clean.map { state.judged($0) }
    }

    /// Each stay's measurements as they were sent; what stands for "not measured" is left out.
    private static func stays(_ pattern: String) throws -> [[Observation]] {
        let mapping = try JSONDecoder().decode(
            TableMapping.self,
            from: Data(
                contentsOf: RepositoryFolder.root.appending(path: "deploy/mappings/cinc2012.json")))
        let archive = try #require(RepositoryFolder.data).appending(path: "cinc2012/set-a.tar.xz")
        let tar = Process()
        tar.executableURL = URL(filePath: "/usr/bin/env")
        tar.arguments = ["tar", "-xJOf", archive.path, "--wildcards", pattern]
        let pipe = Pipe()
        tar.standardOutput = pipe
        try tar.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        tar.waitUntilExit()
        let header = "Time,Parameter,Value"
        return try text.split(separator: header).compactMap { table in
            let reader = try TableReader(
                Array((header + table).utf8), mapping: mapping, receivedAt: received)
            let rows = try reader.flatMap { try $0.result.get() }.filter(\.isUsable)
            return rows.isEmpty ? nil : rows
        }
    }

    @Test func `of real values few are told of and fewer are left out`() throws {
        var (count, unusable, noted) = (0, 0, 0)
        var byRule: [String: Int] = [:]
        let stays = try Self.stays("*/133[0-3]*.txt")
        #expect(stays.count > 100)
        for stay in stays {
            for value in try judged(stay) {
                count += 1
                if !value.isUsable { unusable += 1 }
                if value.isUsable, !value.reasons.isEmpty { noted += 1 }
                for reason in value.reasons { byRule[reason.rule, default: 0] += 1 }
                // No flag of a rule without its reason, and none without its flag.
                let flags = value.flags.intersection([.sentinel, .outOfRange, .suspect])
                    .union(value.flags.intersection(.ofNeighbours))
                #expect(flags.isEmpty == value.reasons.isEmpty, "\(value)")
            }
        }
        print(
            "cleaning: \(count) values of \(stays.count) stays, \(unusable) left out, "
                + "\(noted) told of, \(byRule.sorted { $0.key < $1.key })")
        #expect(count > 30_000)
        #expect(Double(unusable) < 0.002 * Double(count))
        let alone = byRule["rate", default: 0] + byRule["spike", default: 0]
        #expect(Double(alone) < 0.005 * Double(count))
    }

    /// How real values are spoilt, and the rules any of which may tell.
    private enum Fault: String, CaseIterable {
        case sentinel, tenfold, still

        var rules: Set<String> {
            switch self {
            case .sentinel: ["sentinel"]
            case .tenfold: ["range", "rate", "spike"]
            case .still: ["flat-line"]
            }
        }

        /// The places that are spoilt; nil where the stay has none to spoil.
        func spoil(_ stay: inout [Observation], _ random: inout SplitMix64) -> [Int]? {
            let names: Set<String> =
                switch self {
                case .sentinel: Set(Concept.all.map(\.name)).subtracting(["sex", "icu_type"])
                case .tenfold:
                    [
                        "heart_rate", "body_temp", "sbp_art", "sao2", "creatinine", "urea",
                        "sodium", "potassium", "magnesium", "wbc", "haematocrit", "platelets",
                        "glucose", "paco2",
                    ]
                case .still: ["sbp_art", "dbp_art", "map_art"]
                }
            func isCandidate(_ one: Observation) -> Bool {
                Concept.of(one.code).map { names.contains($0.name) } ?? false
            }
            guard
                let victim = stay.indices.filter({ isCandidate(stay[$0]) })
                    .randomElement(using: &random)
            else { return nil }
            let code = stay[victim].code
            guard self == .still else {
                stay[victim].value = .number(
                    self == .sentinel ? -999 : 10 * (stay[victim].number ?? 0))
                return [victim]
            }
            let places = Array(stay.indices.filter { stay[$0].code == code }.suffix(12))
            guard places.count == 12 else { return nil }
            for place in places { stay[place].value = .number(77) }
            return places
        }
    }

    @Test func `spoilt values are found, with the rule that found them`() throws {
        var random = SplitMix64(seed: 7)
        var counts: [Fault: (spoilt: Int, found: Int)] = [:]
        for stay in try Self.stays("*/133[0-1]*.txt") {
            for fault in Fault.allCases {
                var spoilt = stay
                guard let places = fault.spoil(&spoilt, &random) else { continue }
                let judged = try judged(spoilt)
                let isFound = places.allSatisfy { place in
                    judged[place].reasons.contains { fault.rules.contains($0.rule) }
                }
                counts[fault, default: (0, 0)].spoilt += 1
                if isFound { counts[fault]?.found += 1 }
            }
        }
        for (fault, count) in counts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            print("cleaning: \(fault) spoilt \(count.spoilt), found \(count.found)")
            let least = fault == .tenfold ? 0.9 : 1
            #expect(Double(count.found) >= least * Double(count.spoilt), "\(fault)")
            #expect(count.spoilt > 10, "\(fault)")
        }
    }
}

/// Heart rates of real beats, dense as a monitor sends them.
@Suite(.enabled(if: SharedData.isPresent, "no shared data: set TWINLINE_DATA"))
struct CleaningBeatTests {
    /// The rate in each ten seconds, from the reference beats of a record.
    private func rates(_ record: String) throws -> [Double] {
        let text = try #require(SharedData.bytes("mitdb/\(record).atr"))
        var sample = 0
        var beats: [Int] = []
        var index = 0
        // Six bits of type, ten of samples since the one before; 59 skips, 60 to 63 are no beats.
        while index + 1 < text.count {
            let word = Int(text[index]) | Int(text[index + 1]) << 8
            let (type, rest) = (word >> 10, word & 0x3FF)
            index += 2
            if word == 0 { break }
            if type == 59 {
                let high = Int(text[index]) | Int(text[index + 1]) << 8
                sample += high << 16 | Int(text[index + 2]) | Int(text[index + 3]) << 8
                index += 4
            } else if type == 63 {
                index += rest + rest % 2
            } else if type < 60 {
                sample += rest
                if (1...13).contains(type) { beats.append(sample) }
            }
        }
        return (0..<180).compactMap { place in
            let inside = beats.filter { $0 / 3600 == place }
            guard inside.count > 2 else { return nil }
            return 60 * 360 * Double(inside.count - 1)
                / Double(inside[inside.count - 1] - inside[0])
        }
    }

    private func report(_ numbers: [Double], of other: [Double] = []) throws -> CleaningReport {
        let twin = try #require(TwinID("MIT|1"))
        let extractor = try #require(FeatureRoster.all.first)
        let names = [("heart_rate", numbers), ("pulse_rate_spo2", other)]
        let observations = try names.flatMap { name, numbers in
            let concept = try #require(Concept.named(name))
            return numbers.enumerated().map { place, number in
                let time = Instant(microsecondsSinceEpoch: Int64(place) * 10_000_000)
                return Observation(
                    twin: twin, code: concept.code, value: .number(number), unit: concept.unit,
                    eventTime: time, receiveTime: time, source: name)
            }
        }
        var timeline = Timeline(rules: extractor.rules)
        timeline.merge(observations, reading: extractor)
        return try #require(extractor.features(of: timeline, at: 1).cleaning)
    }

    @Test(arguments: ["100", "103", "105"])
    func `real heart rates stand, spoilt ones do not`(record: String) throws {
        let rates = try rates(record)
        #expect(rates.count > 170)
        let clean = try report(rates, of: rates)
        #expect(clean.findings.isEmpty, "\(clean.findings)")
        #expect(clean.quality.components.last?.value == 1)
        var spiked = rates
        for place in stride(from: 20, to: 170, by: 30) { spiked[place] += 90 }
        let spikes = try report(spiked).findings.filter { $0.reason.rule == "spike" }
        #expect(spikes.count == 5 && spikes.allSatisfy { $0.flags.contains(.suspect) })
        // A sensor on another patient: the record is another's from the middle on.
        let other = rates.prefix(90) + rates.dropFirst(90).map { $0 + 30 }
        let swapped = try report(rates, of: Array(other))
        let disputes = swapped.findings.filter { $0.reason.rule == "disagreement" }
        #expect(Set(disputes.map(\.source)) == ["heart_rate", "pulse_rate_spo2"])
        #expect(disputes.allSatisfy { $0.from >= Instant(microsecondsSinceEpoch: 890_000_000) })
        #expect((swapped.quality.combined ?? 1) < (clean.quality.combined ?? 0))
        #expect(swapped.biases.count == 1)
    }
}
