/// Why a rule has flagged a value: which rule, where it draws the line, and what it saw.
public struct RuleReason: Hashable, Comparable, Sendable {
    /// `range`, `sentinel`, `future`, `rate`, `flat-line`, `spike`, `disagreement` or `stale`.
    public var rule: String
    /// `10 to 350 /min`.
    public var limit: String
    /// `400 /min`.
    public var saw: String
    /// The name, version and hash of the rules that were in force.
    public var rules: String

    public init(rule: String, limit: String, saw: String, rules: String) {
        self.rule = rule
        self.limit = limit
        self.saw = saw
        self.rules = rules
    }

    public static func < (left: RuleReason, right: RuleReason) -> Bool {
        (left.rule, left.limit, left.saw, left.rules)
            < (right.rule, right.limit, right.saw, right.rules)
    }
}

extension RuleReason: CustomStringConvertible {
    public var description: String { "\(rule): \(saw); the rule is \(limit) (\(rules))" }
}

/// What a rule that looks at a value's neighbours says of some values of one source.
///
/// It stands beside the values and changes none of them: late data may take it back.
public struct CleaningFinding: Hashable, Sendable {
    public var code: Code
    public var source: Source
    /// The times of measurement that it speaks of, both ends included.
    public var from: Instant
    public var to: Instant
    /// Only values of this number; nil where it speaks of all in the span.
    public var number: Double?
    /// What each of the values is flagged with.
    public var flags: QualityFlags
    public var reason: RuleReason

    public init(
        code: Code, source: Source, from: Instant, to: Instant, number: Double?,
        flags: QualityFlags, reason: RuleReason
    ) {
        self.code = code
        self.source = source
        self.from = from
        self.to = to
        self.number = number
        self.flags = flags
        self.reason = reason
    }

    /// Whether it speaks of this observation; only what could enter a score is judged.
    public func speaks(of observation: Observation) -> Bool {
        observation.code == code && observation.source == source
            && observation.eventTime >= from && observation.eventTime <= to
            && (number == nil || number == observation.number) && observation.isUsable
    }
}

/// By how much two sources of one quantity differ, over the comparisons that could be made.
public struct SourceBias: Hashable, Sendable {
    public var first: Code
    public var firstSource: Source
    public var second: Code
    public var secondSource: Source
    public var unit: String
    /// How many values of the second had one of the first close in time.
    public var count: UInt32
    /// The median of second less first.
    public var median: Double
    /// The median distance from that median.
    public var spread: Double

    public init(
        first: Code, firstSource: Source, second: Code, secondSource: Source, unit: String,
        count: UInt32, median: Double, spread: Double
    ) {
        self.first = first
        self.firstSource = firstSource
        self.second = second
        self.secondSource = secondSource
        self.unit = unit
        self.count = count
        self.median = median
        self.spread = spread
    }
}

/// One side of how good a twin's data are, and how its number came about.
public struct QualityComponent: Hashable, Sendable {
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// Of the quantities that are expected, how many were ever measured; `names` are missing.
        case completeness = 1
        /// Of those, how many may still enter a score by the time; `names` have expired.
        case timeliness = 2
        /// Of the latest values, how many no rule keeps out; `names` had some that are.
        case plausibility = 3
        /// Of the comparisons between sources, how many agree, as if there were one more that does;
        /// `names` do not.
        case agreement = 4

        public var name: String {
            switch self {
            case .completeness: "completeness"
            case .timeliness: "timeliness"
            case .plausibility: "plausibility"
            case .agreement: "agreement"
            }
        }
    }

    public var kind: Kind
    /// 0 to 1; nil where there is nothing to judge by.
    public var value: Double?
    public var part: UInt32
    public var whole: UInt32
    public var names: [String]

    public init(kind: Kind, value: Double?, part: UInt32, whole: UInt32, names: [String] = []) {
        self.kind = kind
        self.value = value
        self.part = part
        self.whole = whole
        self.names = names
    }

    /// How the number came about, in words.
    public var account: String {
        let words: String
        switch kind {
        case .completeness: words = "of \(whole) expected quantities are known"
        case .timeliness: words = "of \(whole) quantities are still valid"
        case .plausibility: words = "of \(whole) values stand"
        case .agreement: words = "of \(whole) comparisons agree"
        }
        return "\(part) \(words)" + (names.isEmpty ? "" : ", not \(names.joined(separator: ", "))")
    }
}

/// How long what is known of one expected quantity stays valid.
public struct QualityValidity: Hashable, Sendable {
    /// The short name of the quantity.
    public var name: String
    public var measuredAt: Instant
    /// The last moment at which it may enter a score; nil where it stays valid for ever.
    public var expiresAt: Instant?

    public init(name: String, measuredAt: Instant, expiresAt: Instant?) {
        self.name = name
        self.measuredAt = measuredAt
        self.expiresAt = expiresAt
    }

    func isExpired(at time: Instant) -> Bool { expiresAt.map { $0 < time } ?? false }

    /// 1 while it is valid, and less by and by until it is twice as old as that.
    func worth(at time: Instant) -> Double {
        guard let expiresAt, expiresAt < time else { return 1 }
        let validSeconds = max(1, expiresAt.seconds(since: measuredAt))
        return max(0, 1 - time.seconds(since: expiresAt) / validSeconds)
    }
}

extension QualityComponent {
    /// The timeliness at a moment.
    public init(timelinessOf validities: [QualityValidity], at time: Instant) {
        let expired = validities.filter { $0.isExpired(at: time) }
        let sum = validities.reduce(0) { $0 + $1.worth(at: time) }
        self.init(
            kind: .timeliness, value: validities.isEmpty ? nil : sum / Double(validities.count),
            part: UInt32(clamping: validities.count - expired.count),
            whole: UInt32(clamping: validities.count), names: expired.map(\.name))
    }
}

/// How good a twin's data are at its reference time.
public struct TwinQuality: Hashable, Sendable {
    /// In order of kind, each kind at most once.
    public var components: [QualityComponent]
    /// What timeliness is made of: of each expected quantity that is known, what stays valid
    /// longest.
    public var validities: [QualityValidity]

    public init(components: [QualityComponent], validities: [QualityValidity] = []) {
        self.components = components
        self.validities = validities
    }

    /// The same data at another moment: what is known grows old.
    public func aged(to time: Instant) -> TwinQuality {
        guard !validities.isEmpty else { return self }
        var aged = self
        for index in components.indices where components[index].kind == .timeliness {
            aged.components[index] = QualityComponent(timelinessOf: validities, at: time)
        }
        return aged
    }

    /// The harmonic mean of the components that are known, so that one bad side is not made up for
    /// by good ones; nil where none is known.
    public var combined: Double? {
        let known = components.compactMap(\.value)
        guard !known.isEmpty else { return nil }
        guard known.allSatisfy({ $0 > 0 }) else { return 0 }
        return min(1, Double(known.count) / known.reduce(0) { $0 + 1 / $1 })
    }

    /// The component that is worst; of equals the first.
    public var weakest: QualityComponent? {
        components.filter { $0.value != nil }.min { ($0.value ?? 1) < ($1.value ?? 1) }
    }
}

/// What the rules say of a twin's measurements: a function of their set.
public struct CleaningReport: Hashable, Sendable {
    /// How many findings are told at most; the newest are.
    public static let findingCountMax = 64
    /// How many pairs of sources are told at most.
    public static let biasCountMax = 32

    /// The name, version and hash of the rules that were in force.
    public var rules: String
    /// The newest first.
    public var findings: [CleaningFinding]
    /// How many older findings are not told.
    public var untoldCount: UInt32
    public var biases: [SourceBias]
    public var quality: TwinQuality

    public init(
        rules: String, findings: [CleaningFinding], untoldCount: UInt32, biases: [SourceBias],
        quality: TwinQuality
    ) {
        self.rules = rules
        self.findings = findings
        self.untoldCount = untoldCount
        self.biases = biases
        self.quality = quality
    }
}

extension TwinState {
    /// The observation with what the rules of its neighbourhood say of it: more flags and reasons,
    /// the same measurement.
    public func judged(_ observation: Observation) -> Observation {
        var judged = observation
        for report in features.compactMap(\.cleaning) {
            for finding in report.findings where finding.speaks(of: observation) {
                judged.flags.formUnion(finding.flags)
                judged.reasons.append(finding.reason)
            }
        }
        return judged
    }

    /// As ``judged(_:)``, and whether it is too old to enter a score at that moment.
    public func judged(_ observation: Observation, at now: Instant) -> Observation {
        var judged = judged(observation)
        for set in features {
            guard let expiry = set.sheet.expiry(of: observation), expiry < now else { continue }
            func seconds(_ end: Instant) -> String {
                "\(Int64(end.seconds(since: observation.eventTime).rounded())) s"
            }
            judged.flags.insert(.stale)
            judged.reasons.append(
                RuleReason(
                    rule: "stale", limit: "\(seconds(expiry)) old", saw: "\(seconds(now)) old",
                    rules: set.version))
        }
        return judged
    }
}
