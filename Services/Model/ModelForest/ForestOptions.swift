import CModelForest

/// How a forest is grown.
public struct ForestOptions: Hashable, Sendable {
    public enum FeaturesPerNode: Hashable, Sendable {
        case squareRoot
        case all
        case count(Int)
        /// Above 0, at most 1; at least one feature.
        case share(Double)
    }

    public enum ClassWeights: Hashable, Sendable {
        case equal
        /// Both classes weigh the same in sum.
        case balanced
        case given(negative: Float, positive: Float)
    }

    public var treeCount: Int
    /// At most 64.
    public var depthMax: Int
    /// Rows of the bag, each counted once however often it was drawn.
    public var leafRowsMin: Int
    public var featuresPerNode: FeaturesPerNode
    /// At most 255; missing values have a bin besides.
    public var binsMax: Int
    public var bootstrap: Bool
    /// Extra trees: of each feature that is tried, one cut at random instead of all.
    public var randomCuts: Bool
    public var classWeights: ClassWeights
    public var seed: UInt64
    /// How many trees are grown at once; the forest does not depend on it.
    public var threadsMax: Int

    public init(
        treeCount: Int = 500, depthMax: Int = 32, leafRowsMin: Int = 1,
        featuresPerNode: FeaturesPerNode = .squareRoot, binsMax: Int = 255, bootstrap: Bool = true,
        randomCuts: Bool = false, classWeights: ClassWeights = .equal, seed: UInt64,
        threadsMax: Int = 1
    ) {
        self.treeCount = treeCount
        self.depthMax = depthMax
        self.leafRowsMin = leafRowsMin
        self.featuresPerNode = featuresPerNode
        self.binsMax = binsMax
        self.bootstrap = bootstrap
        self.randomCuts = randomCuts
        self.classWeights = classWeights
        self.seed = seed
        self.threadsMax = threadsMax
    }

    func check() throws(ForestError) {
        func within(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(ForestError) {
            guard range.contains(value) else {
                throw .badOption("\(name) \(value) not in \(range)")
            }
        }
        try within("treeCount", treeCount, 1...100_000)
        try within("depthMax", depthMax, 0...Int(TWIN_FOREST_DEPTH_MAX))
        try within("leafRowsMin", leafRowsMin, 1...ForestRows.rowCountMax)
        try within("binsMax", binsMax, 2...255)
        try within("threadsMax", threadsMax, 1...1024)
        if case .count(let count) = featuresPerNode {
            try within("featuresPerNode", count, 1...ForestRows.featureCountMax)
        }
        if case .share(let share) = featuresPerNode {
            guard share > 0, share <= 1 else { throw .badOption("featuresPerNode \(share)") }
        }
        if case .given(let negative, let positive) = classWeights {
            guard negative > 0, positive > 0, max(negative, positive) <= ForestRows.weightMax else {
                throw .badOption("class weights \(negative), \(positive)")
            }
        }
    }

    func featureCount(of all: Int) -> Int {
        switch featuresPerNode {
        case .squareRoot: max(1, Int(Double(all).squareRoot()))
        case .all: all
        case .count(let count): min(count, all)
        case .share(let share): max(1, min(all, Int(Double(all) * share)))
        }
    }

    func weights(for rows: ForestRows) -> (Float, Float) {
        switch classWeights {
        case .equal: return (1, 1)
        case .given(let negative, let positive): return (negative, positive)
        case .balanced:
            let (negative, positive) = rows.classTotals
            let half = (negative + positive) / 2
            return (Float(half / negative), Float(half / positive))
        }
    }
}
