public import TwinCore

/// What a rule does to a value that it speaks against.
public enum RuleEffect: String, Hashable, Sendable, CaseIterable {
    /// The value is flagged, and may still enter a score.
    case note
    /// The value is flagged, and enters no score.
    case exclude
}

/// A value may not move further than this in the time since the last one that was believed.
public struct RateRule: Hashable, Sendable {
    /// The greatest change within `seconds`; over longer times more, in proportion.
    public var change: Double
    public var seconds: Double
    /// A step is believed once so many values in a row hold to it.
    public var settle: Int
    public var effect: RuleEffect
}

/// Values that stay the same for longer than a living patient's do.
public struct FlatLineRule: Hashable, Sendable {
    public var samples: Int
    public var seconds: Double
    /// How far a value may be from the first of the line and still be part of it.
    public var spread: Double
    public var effect: RuleEffect
}

/// A value far from its neighbours on both sides (Hampel): from their median by more than
/// `deviations` times 1.4826 times the median distance from it, and by more than `least`.
public struct SpikeRule: Hashable, Sendable {
    /// On each side; at least two of them, or one where that is all, must be there.
    public var neighbours: Int
    public var deviations: Double
    public var least: Double
    /// How far away in time a neighbour may be.
    public var seconds: Double
    public var effect: RuleEffect
}

/// What holds for the values of one code.
public struct CodeRules: Hashable, Sendable {
    /// What a living patient can have, in the canonical unit.
    public var range: ClosedRange<Double>?
    /// Numbers that stand for "not measured" of this quantity, beside those of every one.
    var ownSentinels: [Double] = []
    public var rate: RateRule?
    public var flatLine: FlatLineRule?
    public var spike: SpikeRule?

    public init() {}

    /// Whether any rule asks for a value's neighbours of the same source.
    var looksAtNeighbours: Bool { rate != nil || flatLine != nil || spike != nil }

    /// How many values after one can change what is said of it, a flat line apart.
    var lookahead: Int { max(spike?.neighbours ?? 0, (rate?.settle ?? 1) - 1) }
}

/// Two sources of one quantity that should agree: of two codes, or of one from two senders.
///
/// From two numbers nobody knows which is wrong: both are flagged, and none is kept out.
public struct PairRule: Hashable, Sendable {
    public var first: Code
    public var second: Code
    /// The greatest difference that is agreement.
    public var difference: Double
    /// How far apart in time two values may be and still be compared.
    public var seconds: Double
}

/// What a twin's quality is measured by.
public struct QualityRule: Hashable, Sendable {
    /// Quantities that every patient should have; any one of a group will do.
    public var expected: [[Concept]] = []
    /// Plausibility and agreement look back so far.
    public var seconds: Double = 21_600
}

/// The rules of cleaning: a data file, read and proved.
///
/// What looks at one value alone (range, sentinel) is for ingest; what looks at its neighbours in
/// time or at other sources is for whoever has the twin's timeline.
public struct CleaningRules: Hashable, Sendable {
    public internal(set) var identity = RulesIdentity()
    public internal(set) var byCode: [Code: CodeRules] = [:]
    public internal(set) var pairs: [PairRule] = []
    public internal(set) var quality = QualityRule()
    /// Numbers that stand for "not measured" of every quantity.
    var everySentinels: [Double] = []

    init() {}

    /// Numbers that stand for "not measured", as they are sent; in ascending order.
    public func sentinels(of code: Code) -> [Double] {
        Set(everySentinels + (byCode[code]?.ownSentinels ?? [])).sorted()
    }

    /// No rules at all: nothing is judged.
    public static let none = CleaningRules()

    /// Those that hold where a site says nothing else.
    public static let standard: CleaningRules = {
        do {
            return try CleaningRules(standardText: Array(StandardRules.text.utf8))
        } catch {
            preconditionFailure("the standard rules are no rules: \(error)")
        }
    }()

    /// Whether values of the code have to be told by their source.
    public func needsSources(of code: Code) -> Bool {
        byCode[code]?.looksAtNeighbours == true
            || pairs.contains { $0.first == code || $0.second == code }
    }
}

/// Which rules they are.
public struct RulesIdentity: Hashable, Sendable {
    public internal(set) var name = "none"
    public internal(set) var version = 0
    /// The SHA-256 of the file, 64 lower-case hexadecimal digits; empty where there is none.
    public internal(set) var hash = ""
    /// The rules that these stand on: name and version; empty where they stand alone.
    public internal(set) var base = ""

    /// Enough of the hash to tell rules apart, as values' reasons name it.
    public var shortHash: String { String(hash.prefix(12)) }
}

extension RulesIdentity: CustomStringConvertible {
    public var description: String {
        "\(name) \(version)" + (hash.isEmpty ? "" : " sha256:\(shortHash)")
            + (base.isEmpty ? "" : " over \(base)")
    }
}
