import TwinCore

/// A paediatric early warning score, as an operator's file gives it.
///
/// Hospitals and countries use tables that differ, and none of them is *the* PEWS: Twinline ships
/// none. One table for each band of ages.
public struct PaediatricTable: Hashable, Sendable, Codable {
    /// Points of values below a limit.
    public struct Step: Hashable, Sendable, Codable {
        /// Left out of the last step only.
        public var below: Double?
        public var points: Int
    }

    public struct Part: Hashable, Sendable, Codable {
        public var name: String
        /// Short names of quantities, of which the newest value is taken.
        public var quantities: [String]
        /// In ascending order of `below`.
        public var steps: [Step]
    }

    /// Patients from `fromYears` on, below `toYears`.
    public struct AgeBand: Hashable, Sendable, Codable {
        public var name: String
        public var fromYears: Double
        public var toYears: Double
        public var parts: [Part]
    }

    /// What a total means.
    public struct Band: Hashable, Sendable, Codable {
        public var name: String
        public var from: Double
    }

    /// Which table it is: `Scotland 2017`.
    public var version: String
    public var ageBands: [AgeBand]
    public var bands: [Band]?

    static let partCountMax = 32
    static let stepCountMax = 64

    /// The table, if it can be used.
    public func checked() throws(ScoreTableError) -> PaediatricTable {
        guard !version.isEmpty, version.utf8.count <= 256 else {
            throw ScoreTableError("version says which table it is, in 1 to 256 bytes")
        }
        guard (1...64).contains(ageBands.count) else {
            throw ScoreTableError("ageBands has 1 to 64 entries")
        }
        var end = -1.0
        for band in ageBands {
            guard band.fromYears >= 0, band.toYears > band.fromYears, band.fromYears >= end else {
                throw ScoreTableError(
                    "age band '\(band.name)': bands ascend, each from below to, without overlap")
            }
            end = band.toYears
            guard (1...PaediatricTable.partCountMax).contains(band.parts.count),
                Set(band.parts.map(\.name)).count == band.parts.count
            else {
                throw ScoreTableError(
                    "age band '\(band.name)' has 1 to \(PaediatricTable.partCountMax) parts of "
                        + "different names")
            }
            for part in band.parts { try PaediatricTable.check(part, in: band.name) }
        }
        let totals = (bands ?? []).map(\.from)
        guard zip(totals, totals.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw ScoreTableError("bands ascend by from")
        }
        return self
    }

    private static func check(_ part: Part, in band: String) throws(ScoreTableError) {
        let place = "age band '\(band)', part '\(part.name)'"
        let isWord = part.name.utf8.allSatisfy {
            (97...122).contains($0) || (48...57).contains($0) || $0 == 95
        }
        guard !part.name.isEmpty, part.name.utf8.count <= 64, isWord else {
            throw ScoreTableError("\(place): a name is of a-z, 0-9 and _")
        }
        guard !part.quantities.isEmpty else { throw ScoreTableError("\(place) reads nothing") }
        for quantity in part.quantities where Concept.named(quantity) == nil {
            throw ScoreTableError("\(place): there is no quantity '\(quantity)'")
        }
        let limits = part.steps.dropLast().map { $0.below ?? .nan }
        guard (2...stepCountMax).contains(part.steps.count), part.steps.last?.below == nil,
            limits.allSatisfy(\.isFinite), zip(limits, limits.dropFirst()).allSatisfy({ $0 < $1 }),
            part.steps.allSatisfy({ (0...100).contains($0.points) })
        else {
            throw ScoreTableError(
                "\(place): steps ascend by below, the last has none, points are 0 to 100")
        }
    }

    /// The scores, one for each band of ages; each for the patients of that age alone.
    ///
    /// An unknown age has no table.
    var definitions: [ScoreDefinition] {
        ageBands.map { band in
            ScoreDefinition(
                name: "pews", title: "PEWS", version: "\(version), \(band.name)", unit: "{score}",
                bands: (bands ?? []).map { ScoreBand(name: $0.name, from: $0.from) },
                opens: band.parts.flatMap(\.quantities), ages: band.fromYears..<band.toYears,
                parts: band.parts.map(PaediatricTable.definition))
        }
    }

    private static func definition(of part: Part) -> ScoreDefinition.Part {
        let ladder = Ladder(
            part.steps.dropLast().map { (below: $0.below ?? .infinity, points: $0.points) },
            top: part.steps.last?.points ?? 0)
        return ScoreDefinition.Part(
            name: part.name, quantities: part.quantities,
            pointsMax: part.steps.map(\.points).max() ?? 0
        ) { lookup in
            lookup.latest(of: part.quantities).map { .points(ladder.points($0.number)) }
        }
    }
}
