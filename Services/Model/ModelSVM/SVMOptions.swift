public import ModelKernels

/// How a support vector machine is trained.
public struct SVMOptions: Hashable, Sendable {
    public enum Task: Hashable, Sendable {
        /// C-SVC: what a row on the wrong side costs.
        case classification(cost: Double)
        /// ν-SVC: at most this share of rows on the wrong side, at least this share of vectors.
        case nuClassification(nu: Double)
        /// ε-SVR: errors up to epsilon cost nothing.
        case regression(cost: Double, epsilon: Double)
    }

    public enum ClassWeights: Hashable, Sendable {
        case equal
        /// Both classes weigh the same in sum.
        case balanced
        case given(negative: Double, positive: Double)
    }

    public var task: Task
    public var curve: KernelCurve
    /// What the cost is multiplied with; for C-SVC only.
    public var classWeights: ClassWeights
    /// How far the conditions of the optimum may be missed.
    public var tolerance: Double
    /// Whether rows that seem settled are left out until the end.
    public var shrinks: Bool
    /// The most that kernel rows may take of memory; at least sixteen are kept.
    public var cacheByteCountMax: Int
    public var iterationCountMax: Int
    #if DEBUG
    /// A mistake to make on purpose, to see that the tests find it.
    package var plantedBug: PlantedBug?

    package enum PlantedBug: Hashable, Sendable, CaseIterable {
        /// Rows that were left out are never looked at again.
        case neverRestores
        /// Variables run through their bounds.
        case ignoresBounds
        /// The gradient follows one of the two variables only.
        case movesHalf
    }
    #endif

    public init(
        task: Task, curve: KernelCurve, classWeights: ClassWeights = .equal,
        tolerance: Double = 1e-3, shrinks: Bool = true, cacheByteCountMax: Int = 256 << 20,
        iterationCountMax: Int = 10_000_000
    ) {
        self.task = task
        self.curve = curve
        self.classWeights = classWeights
        self.tolerance = tolerance
        self.shrinks = shrinks
        self.cacheByteCountMax = cacheByteCountMax
        self.iterationCountMax = iterationCountMax
    }

    func check() throws(SVMError) {
        func positive(_ name: String, _ value: Double) throws(SVMError) {
            guard value > 0, value <= 1e12 else { throw .badOption("\(name) \(value)") }
        }
        guard curve.isSound else { throw .badOption("kernel \(curve)") }
        switch task {
        case .classification(let cost): try positive("cost", cost)
        case .nuClassification(let nu):
            guard nu > 0, nu <= 1 else { throw .badOption("nu \(nu)") }
        case .regression(let cost, let epsilon):
            try positive("cost", cost)
            guard epsilon >= 0, epsilon.isFinite else { throw .badOption("epsilon \(epsilon)") }
        }
        switch (classWeights, task) {
        case (.equal, _): break
        case (.given(let negative, let positiveWeight), .classification):
            try positive("class weight", negative)
            try positive("class weight", positiveWeight)
        case (.balanced, .classification): break
        default: throw .badOption("class weights are for C-SVC only")
        }
        guard tolerance > 0, tolerance < 1 else { throw .badOption("tolerance \(tolerance)") }
        guard cacheByteCountMax >= 0, iterationCountMax > 0 else {
            throw .badOption("cache \(cacheByteCountMax), iterations \(iterationCountMax)")
        }
    }

    /// The weights of both classes.
    func weights(negativeCount: Int, positiveCount: Int) -> (negative: Double, positive: Double) {
        switch classWeights {
        case .equal: return (1, 1)
        case .given(let negative, let positive): return (negative, positive)
        case .balanced:
            let half = Double(negativeCount + positiveCount) / 2
            return (half / Double(negativeCount), half / Double(positiveCount))
        }
    }
}
