/// What one number was like in the rows that a model learnt from: how many fell in each bin, and
/// how many had none.
public struct ReferenceBins: Hashable, Sendable {
    public static let edgeCountMax = 64

    /// In ascending order; a value is in the first bin whose edge is not below it, or in the last.
    public var edges: [Double]
    /// One more than there are edges.
    public var counts: [UInt64]
    public var missingCount: UInt64

    public init(edges: [Double], counts: [UInt64], missingCount: UInt64) {
        self.edges = edges
        self.counts = counts
        self.missingCount = missingCount
    }

    /// Of values with gaps, in bins of about the same number of rows.
    public init(of values: [Float?], binCount: Int = 10) {
        let present = values.compactMap { $0.flatMap { $0.isNaN ? nil : $0 } }.sorted()
        var edges: [Double] = []
        for step in 1..<max(2, binCount) where !present.isEmpty {
            // The least value that so large a share of the rows does not exceed.
            let place = (present.count * step + binCount - 1) / binCount
            let edge = Double(present[max(0, place - 1)])
            if edges.last.map({ $0 < edge }) ?? true { edges.append(edge) }
        }
        self.init(
            edges: edges, counts: Array(repeating: 0, count: edges.count + 1),
            missingCount: UInt64(values.count - present.count))
        for value in present { counts[bin(of: Double(value))] += 1 }
    }

    /// Whether it is of the form that its documentation promises.
    public var isSound: Bool {
        edges.count <= ReferenceBins.edgeCountMax && counts.count == edges.count + 1
            && edges.allSatisfy(\.isFinite)
            && zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 }
            && (counts + [missingCount]).allSatisfy { $0 <= 1 << 48 }
    }

    /// The training rows are of single precision, and so is the comparison.
    public func bin(of value: Double) -> Int {
        let value = Double(Float(value))
        return edges.firstIndex { value <= $0 } ?? edges.count
    }
}

/// What a model's inputs and answers were like when it was trained.
public struct DriftReference: Hashable, Sendable {
    public static let featureCountMax = 4096

    public struct Feature: Hashable, Sendable {
        public var name: String
        /// Whose feature it is; nil where that is not known: then only what is given is counted.
        public var modality: Modality?
        public var bins: ReferenceBins

        public init(name: String, modality: Modality?, bins: ReferenceBins) {
            self.name = name
            self.modality = modality
            self.bins = bins
        }
    }

    public var features: [Feature]
    /// Of the probability or estimate that is shown, for rows that the model had not learnt from; nil where it
    /// is not known.
    public var scores: ReferenceBins?

    public init(features: [Feature], scores: ReferenceBins?) {
        self.features = features
        self.scores = scores
    }

    public var isSound: Bool {
        features.count <= DriftReference.featureCountMax
            && Set(features.map(\.name)).count == features.count
            && features.allSatisfy { $0.bins.isSound } && scores?.isSound ?? true
    }
}

/// How far one number has gone from its reference.
public struct DriftFigures: Hashable, Sendable {
    /// From here on the index speaks of a moderate change, and of a large one.
    public static let moderate = 0.1
    public static let large = 0.25
    /// With fewer rows chance alone looks like a change.
    public static let rowCountMin: UInt64 = 200

    public var name: String
    /// The rows that were seen lately, old ones counted less.
    public var rowCount: UInt64
    /// The population stability index of the present values; nil where there are none, now or then.
    public var stabilityIndex: Double?
    /// The greatest distance between both distributions at the edges of the bins (Kolmogorov and
    /// Smirnov), 0 to 1; nil like the index.
    public var distance: Double?
    /// The share of rows without a value, in the reference and now; nil without rows.
    public var missingThen: Double?
    public var missingNow: Double?

    public init(
        name: String, rowCount: UInt64, stabilityIndex: Double?, distance: Double?,
        missingThen: Double?, missingNow: Double?
    ) {
        self.name = name
        self.rowCount = rowCount
        self.stabilityIndex = stabilityIndex
        self.distance = distance
        self.missingThen = missingThen
        self.missingNow = missingNow
    }

    public var hasEnoughRows: Bool { rowCount >= DriftFigures.rowCountMin }

    /// How much more, or less, is missing than was; 0 where that is not known.
    public var missingChange: Double { (missingNow ?? 0) - (missingThen ?? missingNow ?? 0) }

    /// A change of the values, or of how many are missing, that somebody must look at.
    public var isLarge: Bool {
        hasEnoughRows
            && (stabilityIndex ?? 0 >= DriftFigures.large
                || missingChange.magnitude >= DriftFigures.large)
    }
}

/// How far what a model is given and what it says have gone from its reference.
public struct DriftReport: Hashable, Sendable {
    public var outcome: String
    public var artifact: ArtifactID
    /// The greatest change first.
    public var features: [DriftFigures]
    /// Of its answers, where abstentions count as missing; nil without a reference.
    public var scores: DriftFigures?

    public init(
        outcome: String, artifact: ArtifactID, features: [DriftFigures], scores: DriftFigures?
    ) {
        self.outcome = outcome
        self.artifact = artifact
        self.features = features
        self.scores = scores
    }

    public var isLarge: Bool { features.contains(where: \.isLarge) || scores?.isLarge == true }
}
