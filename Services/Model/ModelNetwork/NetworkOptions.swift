public import ModelCore

/// How a network is built and trained.
public struct NetworkOptions: Hashable, Sendable {
    public enum ClassWeights: Hashable, Sendable {
        case equal
        /// All classes weigh the same in sum.
        case balanced
        /// One a class.
        case given([Float])
    }

    /// The outputs of each layer but the last; empty for a linear model.
    public var hiddenWidths: [Int]
    public var activation: DenseNetwork.Activation
    /// The share of the hidden outputs that each step leaves out.
    public var dropout: Double
    public var batchNorm: Bool
    public var batchSize: Int
    public var epochsMax: Int
    public var learningRate: Double
    /// The share of each weight that a step of rate 1 takes away; biases are left alone.
    public var weightDecay: Double
    /// How many epochs may pass without a better loss on the validation rows.
    public var patience: Int
    public var classWeights: ClassWeights
    public var seed: UInt64

    public init(
        hiddenWidths: [Int] = [64, 32], activation: DenseNetwork.Activation = .relu,
        dropout: Double = 0, batchNorm: Bool = false, batchSize: Int = 200, epochsMax: Int = 200,
        learningRate: Double = 1e-3, weightDecay: Double = 1e-4, patience: Int = 10,
        classWeights: ClassWeights = .equal, seed: UInt64
    ) {
        self.hiddenWidths = hiddenWidths
        self.activation = activation
        self.dropout = dropout
        self.batchNorm = batchNorm
        self.batchSize = batchSize
        self.epochsMax = epochsMax
        self.learningRate = learningRate
        self.weightDecay = weightDecay
        self.patience = patience
        self.classWeights = classWeights
        self.seed = seed
    }

    func check(classCount: Int) throws(NetworkError) {
        guard hiddenWidths.count < DenseNetwork.layerCountMax,
            hiddenWidths.allSatisfy({ (1...DenseNetwork.widthMax).contains($0) })
        else { throw .badOption("hiddenWidths \(hiddenWidths)") }
        guard dropout >= 0, dropout <= 0.95 else { throw .badOption("dropout \(dropout)") }
        func within(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(NetworkError) {
            guard range.contains(value) else {
                throw .badOption("\(name) \(value) not in \(range)")
            }
        }
        try within("batchSize", batchSize, 2...65_536)
        try within("epochsMax", epochsMax, 1...100_000)
        try within("patience", patience, 1...100_000)
        guard learningRate > 0, learningRate <= 10 else {
            throw .badOption("learningRate \(learningRate)")
        }
        guard weightDecay >= 0, weightDecay <= 10 else {
            throw .badOption("weightDecay \(weightDecay)")
        }
        if case .given(let weights) = classWeights {
            guard weights.count == classCount,
                weights.allSatisfy({ $0 > 0 && $0 <= NetworkRows.weightMax })
            else { throw .badOption("class weights \(weights)") }
        }
    }

    /// What every row counts, by its own weight and its class's.
    func weights(of rows: NetworkRows, asIn training: NetworkRows) -> [Float] {
        let ofClass: [Float] =
            switch classWeights {
            case .equal: [Float](repeating: 1, count: training.classCount)
            case .given(let weights): weights
            case .balanced: Self.balanced(training.classTotals)
            }
        return zip(rows.weights, rows.labels).map { $0 * ofClass[$1] }
    }

    private static func balanced(_ totals: [Double]) -> [Float] {
        let share = totals.reduce(0, +) / Double(totals.count)
        return totals.map { $0 > 0 ? Float(share / $0) : 0 }
    }
}
