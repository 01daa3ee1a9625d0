import TwinCore

/// What a part of a score is worth at one moment.
struct Worth {
    /// Nil where nothing is known.
    var least: Double?
    /// Nil where there is no limit.
    var most: Double?
    var flags: QualityFlags = []
    /// What was taken for granted.
    var note = ""

    /// Known points.
    static func points(_ points: Int) -> Worth {
        Worth(least: Double(points), most: Double(points))
    }

    /// Points that lie between two.
    static func between(_ least: Int, _ most: Int) -> Worth {
        Worth(least: Double(least), most: Double(most))
    }

    /// A number that can't be made without these.
    static func without(_ missing: [String]) -> Worth {
        Worth(least: nil, most: nil, note: "without \(missing.joined(separator: ", "))")
    }

    static func value(_ number: Double) -> Worth { Worth(least: number, most: number) }
}

/// How one score is made.
struct ScoreDefinition: Sendable {
    struct Part: Sendable {
        let name: String
        /// Everything that the part reads: where one of them expires, it is made again.
        let quantities: [String]
        /// The most points; nil of what is no sum of points.
        let pointsMax: Int?
        /// Nil where the part is missing.
        let worth: @Sendable (inout Lookup) -> Worth?
    }

    let name: String
    let title: String
    let version: String
    let unit: String
    var bands: [ScoreBand] = []
    /// The score is made once one of these was measured.
    let opens: [String]
    /// In years, as far as the age is known: for whom the score was made.
    let ages: Range<Double>
    let parts: [Part]

    /// The score of a twin; nil where nothing of it was ever measured, or it is not for this patient.
    func score(of readings: Readings, at reference: Instant) -> Score? {
        guard readings.has(opens) else { return nil }
        if let age = readings.constant("age"), !ages.contains(age) { return nil }
        return Score(
            name: name, title: title, version: version, unit: unit,
            parts: parts.map { $0.part(of: readings, at: reference) }, bands: bands)
    }
}

extension ScoreDefinition.Part {
    /// What the part is worth from the reference time on, as its inputs expire one after another.
    func part(of readings: Readings, at reference: Instant) -> ScorePart {
        let ends = quantities.flatMap { readings.places[$0] ?? [] }
            .compactMap { readings.inputs[$0].expiresAt }.filter { $0 >= reference }
        var stages: [ScoreStage] = []
        var start = reference
        for end in Set(ends).sorted().map(Optional.some) + [nil] {
            let stage = stage(of: readings, at: start, until: end)
            if let last = stages.last, stage.saysTheSame(as: last) {
                stages[stages.count - 1].until = end
            } else {
                stages.append(stage)
            }
            // Values hold to the end of that moment.
            if let end {
                let next = end.microsecondsSinceEpoch.addingReportingOverflow(1)
                start = Instant(microsecondsSinceEpoch: next.overflow ? .max : next.partialValue)
            }
        }
        return ScorePart(name: name, stages: stages)
    }

    private func stage(of readings: Readings, at time: Instant, until: Instant?) -> ScoreStage {
        var lookup = Lookup(readings, at: time)
        let found =
            worth(&lookup)
            ?? Worth(least: pointsMax.map { _ in 0 }, most: pointsMax.map { Double($0) })
        var stage = ScoreStage(
            until: until, least: found.least, most: found.most,
            inputs: lookup.used.map { UInt32($0) }, flags: found.flags, note: found.note)
        guard !stage.isKnown else { return stage }
        stage.flags.insert(.incomplete)
        let expired = quantities.flatMap { readings.places[$0]?.prefix(1) ?? [] }.filter {
            readings.inputs[$0].isStale(at: time) && !stage.inputs.contains(UInt32($0))
        }
        if !expired.isEmpty {
            stage.flags.insert(.stale)
            stage.inputs += expired.map { UInt32($0) }
        }
        return stage
    }
}

extension ScoreStage {
    fileprivate func saysTheSame(as other: ScoreStage) -> Bool {
        var same = self
        same.until = other.until
        return same == other
    }
}

/// Points by steps: what a table says.
struct Ladder: Sendable {
    /// Each with the points of values below it.
    private let steps: [(below: Double, points: Int)]
    private let top: Int
    private let isRounded: Bool

    /// `top` are the points from the last step on.
    init(_ steps: [(below: Double, points: Int)], top: Int, isRounded: Bool = false) {
        self.steps = steps
        self.top = top
        self.isRounded = isRounded
    }

    /// A value that is at a step but for rounding is at it: 36 °C that came as 96.8 °F is 36 °C.
    func points(_ value: Double) -> Int {
        let value = isRounded ? NEWS2.rounded(value) : value
        return steps.first { value < $0.below - 1e-9 * max(1, $0.below.magnitude) }?.points ?? top
    }
}
