/// What a number was like lately: the reference's bins, old rows counting less and less.
public struct RecentBins: Hashable, Sendable {
    public private(set) var counts: [Double]
    public private(set) var missingCount: Double

    init(_ reference: ReferenceBins) {
        counts = Array(repeating: 0, count: reference.counts.count)
        missingCount = 0
    }

    public init(counts: [Double], missingCount: Double) {
        self.counts = counts
        self.missingCount = missingCount
    }

    /// Whether it is of the form that its documentation promises.
    public var isSound: Bool {
        counts.count <= ReferenceBins.edgeCountMax + 1
            && (counts + [missingCount]).allSatisfy { $0.isFinite && $0 >= 0 }
    }

    /// Where there are more than `rowCountMax` rows, all that are there count half from then on.
    mutating func note(_ bin: Int?, rowCountMax: Double) {
        if let bin { counts[bin] += 1 } else { missingCount += 1 }
        guard counts.reduce(missingCount, +) > rowCountMax else { return }
        for index in counts.indices { counts[index] /= 2 }
        missingCount /= 2
    }

    func figures(_ name: String, since reference: ReferenceBins) -> DriftFigures {
        let (then, now) = (reference.counts.map { Double($0) }, counts)
        let (thenCount, nowCount) = (then.reduce(0, +), now.reduce(0, +))
        let (thenRows, nowRows) = (
            thenCount + Double(reference.missingCount), nowCount + missingCount
        )
        let hasBoth = thenCount > 0 && nowCount > 0
        return DriftFigures(
            name: name, rowCount: UInt64(nowRows),
            stabilityIndex: hasBoth ? RecentBins.stabilityIndex(then, now) : nil,
            distance: hasBoth ? RecentBins.distance(then, now) : nil,
            missingThen: thenRows > 0 ? Double(reference.missingCount) / thenRows : nil,
            missingNow: nowRows > 0 ? missingCount / nowRows : nil)
    }

    /// The sum over the bins of (q - p) ln(q / p); each bin has half a row more than was seen, so
    /// that an empty one is no infinity.
    private static func stabilityIndex(_ then: [Double], _ now: [Double]) -> Double {
        let (thenCount, nowCount) = (then.reduce(0, +), now.reduce(0, +))
        let half = 0.5 * Double(then.count)
        return zip(then, now).reduce(0) { sum, pair in
            let (p, q) = ((pair.0 + 0.5) / (thenCount + half), (pair.1 + 0.5) / (nowCount + half))
            return sum + (q - p) * Logarithm.natural(q / p)
        }
    }

    private static func distance(_ then: [Double], _ now: [Double]) -> Double {
        let (thenCount, nowCount) = (then.reduce(0, +), now.reduce(0, +))
        var (below, belowNow, greatest) = (0.0, 0.0, 0.0)
        for (p, q) in zip(then, now) {
            below += p / thenCount
            belowNow += q / nowCount
            greatest = max(greatest, (below - belowNow).magnitude)
        }
        return min(1, greatest)
    }
}

/// What a sketch has come to, as the store keeps it over a restart.
public struct DriftTally: Hashable, Sendable {
    public var artifact: ArtifactID
    /// In the order of the reference's features.
    public var features: [RecentBins]
    /// Nil where the reference has no scores.
    public var scores: RecentBins?

    public init(artifact: ArtifactID, features: [RecentBins], scores: RecentBins?) {
        self.artifact = artifact
        self.features = features
        self.scores = scores
    }

    public var isSound: Bool {
        features.count <= DriftReference.featureCountMax
            && features.allSatisfy(\.isSound) && scores?.isSound ?? true
    }
}

/// What a model is given and what it says lately, as bins of its reference.
///
/// It is bounded by the reference, whatever comes, and knows no patient.
public struct DriftSketch: Sendable {
    /// Above this number of rows old ones count less.
    private let rowCountMax: Double
    private let reference: DriftReference
    private let places: [String: Int]
    private var features: [RecentBins]
    private var scores: RecentBins?
    /// What the answers are.
    private var answer = "probability"

    public init(_ reference: DriftReference, rowCountMax: Int = 10_000) {
        self.reference = reference
        self.rowCountMax = Double(rowCountMax)
        places = Dictionary(
            reference.features.enumerated().map { ($0.element.name, $0.offset) },
            uniquingKeysWith: { first, _ in first })
        features = reference.features.map { RecentBins($0.bins) }
        scores = reference.scores.map { RecentBins($0) }
    }

    /// Goes on where a tally of the same reference ended; one of another begins anew.
    public init(_ reference: DriftReference, from tally: DriftTally?) {
        self.init(reference)
        guard let tally, tally.isSound,
            tally.features.map(\.counts.count) == features.map(\.counts.count),
            tally.scores?.counts.count == scores?.counts.count
        else { return }
        features = tally.features
        scores = tally.scores
    }

    public func tally(of artifact: ArtifactID) -> DriftTally {
        DriftTally(artifact: artifact, features: features, scores: scores)
    }

    /// A row of one modality: what it should hold and does not is missing.
    public mutating func note(_ set: FeatureSet) {
        var isGiven = [Bool](repeating: false, count: features.count)
        for feature in set.features {
            guard let place = places[feature.name],
                reference.features[place].modality ?? set.modality == set.modality
            else { continue }
            isGiven[place] = true
            let isUsable = feature.flags.isDisjoint(with: .unusable)
            let value = feature.value.flatMap { isUsable && Float($0).isFinite ? $0 : nil }
            note(value, at: place)
        }
        for place in features.indices
        where !isGiven[place] && reference.features[place].modality == set.modality {
            note(nil, at: place)
        }
    }

    private mutating func note(_ value: Double?, at place: Int) {
        let bin = value.map { reference.features[place].bins.bin(of: $0) }
        features[place].note(bin, rowCountMax: rowCountMax)
    }

    public mutating func note(_ verdict: Verdict) {
        guard let bins = reference.scores else { return }
        switch verdict {
        case .prediction(let probability, _):
            scores?.note(bins.bin(of: probability), rowCountMax: rowCountMax)
        case .estimate(let estimate):
            answer = "estimate"
            scores?.note(bins.bin(of: estimate.value), rowCountMax: rowCountMax)
        case .indeterminate, .notAvailable: scores?.note(nil, rowCountMax: rowCountMax)
        }
    }

    public func report(_ outcome: String, _ artifact: ArtifactID) -> DriftReport {
        let figures = zip(reference.features, features).map { then, now in
            now.figures(then.name, since: then.bins)
        }
        func size(_ one: DriftFigures) -> Double {
            max(one.stabilityIndex ?? 0, one.missingChange.magnitude)
        }
        return DriftReport(
            outcome: outcome, artifact: artifact,
            features: figures.sorted { (size($0), $1.name) > (size($1), $0.name) },
            scores: reference.scores.flatMap { bins in
                scores?.figures(answer, since: bins)
            })
    }
}

/// The natural logarithm, which pure rooms have from no library.
enum Logarithm {
    /// Of a number above 0: its exponent, and a series of its significand that is exact to 1e-15.
    static func natural(_ number: Double) -> Double {
        let isAbove = number.significand > 1.414_213_562_373_095_1
        let exponent = Double(number.exponent) + (isAbove ? 1 : 0)
        let significand = isAbove ? number.significand / 2 : number.significand
        let ratio = (significand - 1) / (significand + 1)
        let square = ratio * ratio
        var (term, sum) = (ratio, ratio)
        for divisor in stride(from: 3.0, through: 25, by: 2) {
            term *= square
            sum += term / divisor
        }
        return 2 * sum + exponent * 0.693_147_180_559_945_3
    }
}
