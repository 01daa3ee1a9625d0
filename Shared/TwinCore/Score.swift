/// One measured value that scores may rest on.
public struct ScoreInput: Hashable, Sendable {
    public var code: Code
    public var number: Double
    /// UCUM; empty where the quantity has none.
    public var unit: String
    /// When it was measured.
    public var eventTime: Instant
    public var source: Source
    public var flags: QualityFlags
    /// The last moment at which it may still enter a score; nil where it stays valid for ever.
    public var expiresAt: Instant?

    public init(
        code: Code, number: Double, unit: String, eventTime: Instant, source: Source,
        flags: QualityFlags = [], expiresAt: Instant? = nil
    ) {
        self.code = code
        self.number = number
        self.unit = unit
        self.eventTime = eventTime
        self.source = source
        self.flags = flags
        self.expiresAt = expiresAt
    }

    /// Whether it is too old for scores at that moment.
    public func isStale(at time: Instant) -> Bool { expiresAt.map { $0 < time } ?? false }
}

/// What one part of a score is worth for a while: until the next of its inputs expires.
public struct ScoreStage: Hashable, Sendable {
    /// The last moment of the stage; nil for the last stage, which does not end.
    public var until: Instant?
    /// The least that the part can be worth; nil where nothing is known.
    public var least: Double?
    /// The most that it can be worth; the same as `least` where the part is known.
    public var most: Double?
    /// Which of the sheet's inputs it rests on; of a part that is missing, the value that expired.
    public var inputs: [UInt32]
    /// `stale` where an input expired, `imputed` where something was put in, `incomplete` where the
    /// part is not known.
    public var flags: QualityFlags
    /// What was taken for granted; empty where nothing was.
    public var note: String

    public init(
        until: Instant?, least: Double?, most: Double?, inputs: [UInt32],
        flags: QualityFlags = [], note: String = ""
    ) {
        self.until = until
        self.least = least
        self.most = most
        self.inputs = inputs
        self.flags = flags
        self.note = note
    }

    public var isKnown: Bool { least != nil && least == most }
}

/// One part of a score.
public struct ScorePart: Hashable, Sendable {
    public var name: String
    /// In the order in which they hold; at least one.
    public var stages: [ScoreStage]

    public init(name: String, stages: [ScoreStage]) {
        self.name = name
        self.stages = stages
    }

    /// What holds at that moment; nil only of a part without stages.
    public func stage(at time: Instant) -> ScoreStage? {
        stages.first { stage in stage.until.map { time <= $0 } ?? true } ?? stages.last
    }
}

/// A named range of a score.
public struct ScoreBand: Hashable, Sendable {
    public var name: String
    /// The least total of the band; nil where no total leads there.
    public var from: Double?
    /// Points of a single part that lead there, whatever the total; nil where none do.
    public var orSinglePart: Double?

    public init(name: String, from: Double?, orSinglePart: Double? = nil) {
        self.name = name
        self.from = from
        self.orSinglePart = orSinglePart
    }
}

/// A clinical score of one patient: what it is worth from its newest input on, for ever.
///
/// It is made of measurements alone. Time makes parts of it expire, which ``worth(at:)`` tells
/// without anything being made again: an hour on, it says what a score made then would have said.
public struct Score: Hashable, Sendable {
    /// As it stands in feature names: `news2`.
    public var name: String
    /// For people: `NEWS2`.
    public var title: String
    /// Which of the tables of that name: `RCP 2017, SpO2 scale 1`.
    public var version: String
    /// UCUM.
    public var unit: String
    public var parts: [ScorePart]
    /// In ascending order; empty where the score has none.
    public var bands: [ScoreBand]

    public init(
        name: String, title: String, version: String, unit: String, parts: [ScorePart],
        bands: [ScoreBand] = []
    ) {
        self.name = name
        self.title = title
        self.version = version
        self.unit = unit
        self.parts = parts
        self.bands = bands
    }

    /// What the score is worth at that moment.
    public func worth(at time: Instant) -> ScoreWorth {
        let stages = parts.compactMap { $0.stage(at: time) }
        return ScoreWorth(
            stages: stages, least: Score.sum(stages.map(\.least)),
            most: Score.sum(stages.map(\.most)), bands: bands)
    }

    private static func sum(_ numbers: [Double?]) -> Double? {
        numbers.reduce(numbers.isEmpty ? nil : 0) { sum, number in
            sum.flatMap { sum in number.map { sum + $0 } }
        }
    }
}

/// What a score is worth at one moment.
public struct ScoreWorth: Hashable, Sendable {
    /// One a part, in the order of the parts.
    public var stages: [ScoreStage]
    /// The least that the score can be; nil where nothing is known.
    public var least: Double?
    /// The most that it can be; nil where there is no limit.
    public var most: Double?
    /// The place of the lowest band that is possible; nil without bands.
    public private(set) var bandLeast: Int?
    /// The place of the highest band that is possible.
    public private(set) var bandMost: Int?

    public init(stages: [ScoreStage], least: Double?, most: Double?, bands: [ScoreBand]) {
        self.stages = stages
        self.least = least
        self.most = most
        guard !bands.isEmpty else { return }
        bandLeast = ScoreWorth.band(of: least, stages.map(\.least), bands)
        bandMost = ScoreWorth.band(of: most, stages.map(\.most), bands)
    }

    /// Whether every part is known.
    public var isComplete: Bool { !stages.isEmpty && stages.allSatisfy(\.isKnown) }

    /// The score; nil while a part is missing: a gap is not worth 0.
    public var value: Double? { isComplete ? least : nil }

    /// The place of the band; nil where a missing part decides.
    public var band: Int? { bandLeast == bandMost ? bandLeast : nil }

    private static func band(
        of total: Double?, _ parts: [Double?], _ bands: [ScoreBand]
    ) -> Int? {
        guard let total else { return nil }
        return bands.lastIndex { band in
            (band.from.map { total >= $0 } ?? false)
                || (band.orSinglePart.map { points in
                    parts.contains { $0.map { $0 >= points } ?? false }
                } ?? false)
        } ?? 0
    }
}

/// The scores of one twin, and the newest usable values that they rest on.
public struct ScoreSheet: Hashable, Sendable {
    /// Of every quantity, the newest usable value of each source.
    public var inputs: [ScoreInput]
    public var scores: [Score]

    public init(inputs: [ScoreInput] = [], scores: [Score] = []) {
        self.inputs = inputs
        self.scores = scores
    }

    public var isEmpty: Bool { inputs.isEmpty && scores.isEmpty }

    /// The inputs that a stage rests on.
    public func inputs(of stage: ScoreStage) -> [ScoreInput] {
        stage.inputs.compactMap { Int($0) < inputs.count ? inputs[Int($0)] : nil }
    }

    /// The last moment at which a value may enter scores; nil where that is not known, or never
    /// ends.
    ///
    /// A value that came after the sheet was made is given as long as the one before it.
    public func expiry(of observation: Observation) -> Instant? {
        let same = inputs.filter {
            $0.code == observation.code && $0.source == observation.source
        }
        guard let known = same.max(by: { $0.eventTime < $1.eventTime }),
            let expiresAt = known.expiresAt
        else { return nil }
        let seconds = expiresAt.seconds(since: known.eventTime)
        return observation.eventTime.adding(seconds: Int64(seconds.rounded()))
    }
}
