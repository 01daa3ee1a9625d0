import CModelNetwork
import ModelCore

/// Numbers that are learnt, and what Adam remembers of their gradients.
struct Parameters: Sendable {
    var values: [Float]
    var gradients: [Float]
    private var means: [Float]
    private var squares: [Float]

    init(_ values: [Float]) {
        self.values = values
        gradients = [Float](repeating: 0, count: values.count)
        means = gradients
        squares = gradients
    }

    mutating func take(_ step: TwinNetworkStep, path: Int32) {
        unsafe twin_network_adam(
            &values, gradients, &means, &squares, Int64(values.count), step, path)
    }
}

/// One layer while it learns: product, batch normalisation, activation, dropout.
struct LearningLayer: Sendable {
    private static let momentum: Float = 0.1

    private let inputCount: Int
    private let outputCount: Int
    private let activation: DenseNetwork.Activation
    private let dropout: Float
    private let batchNorm: Bool
    private let path: Int32
    private var weights: Parameters
    /// With batch normalisation they are added after it.
    private var biases: Parameters
    /// With batch normalisation only.
    private var gains: Parameters
    private var runningMeans: [Float]
    private var runningVariances: [Float]

    // Of the batch at hand.
    private var activated: [Float] = []
    private var masks: [Float] = []
    private var normal: [Float] = []
    private var inverses: [Float]
    private var means: [Float]
    /// What the next layer takes.
    private(set) var outputs: [Float] = []

    private var columns: Int { biases.values.count }
    private var inputColumns: Int { Padding.columns(inputCount) }

    /// Starts from random weights, so large that signals neither fade nor grow.
    init(
        inputCount: Int, outputCount: Int, activation: DenseNetwork.Activation, dropout: Float,
        batchNorm: Bool, path: Int32, random: inout SeededSequence
    ) {
        self.inputCount = inputCount
        self.outputCount = outputCount
        self.activation = activation
        self.dropout = dropout
        self.batchNorm = batchNorm
        self.path = path
        let spread =
            activation == .relu
            ? 6 / Double(inputCount) : 6 / Double(inputCount + outputCount)
        let bound = Float(spread.squareRoot())
        let drawn = (0..<inputCount * outputCount).map { _ in
            (Float(random.next() >> 40) * 0x1p-23 - 1) * bound
        }
        weights = Parameters(Padding.padded(drawn, width: outputCount))
        let zeros = [Float](repeating: 0, count: Padding.columns(outputCount))
        biases = Parameters(zeros)
        gains = Parameters(zeros.map { _ in 1 })
        runningMeans = zeros
        runningVariances = zeros.map { _ in 1 }
        inverses = zeros
        means = zeros
    }

    mutating func forward(_ inputs: [Float], rowCount: Int, seed: UInt64) {
        activated = [Float](repeating: 0, count: rowCount * columns)
        unsafe twin_network_multiply(
            inputs, Int64(inputColumns), 1, weights.values, Int32(rowCount), Int32(inputCount),
            Int32(columns), &activated, path)
        if batchNorm {
            normal = [Float](repeating: 0, count: activated.count)
            unsafe twin_network_normalise(
                &activated, Int32(rowCount), Int32(columns), gains.values, biases.values, &normal,
                &means, &inverses, &runningMeans, &runningVariances, Self.momentum)
        } else {
            unsafe twin_network_add(
                &activated, Int32(rowCount), Int32(columns), biases.values)
        }
        unsafe twin_network_activate(&activated, Int64(activated.count), activation.code)
        outputs = activated
        guard dropout > 0 else { return }
        masks = [Float](repeating: 0, count: activated.count)
        unsafe twin_network_masks(&masks, Int64(masks.count), dropout, seed)
        unsafe twin_network_scale(activated, masks, &outputs, Int64(masks.count))
    }

    /// Takes the gradients of the outputs, finds those of everything learnt, and gives back those
    /// of the inputs; none where nobody asks.
    mutating func backward(
        _ inputs: [Float], _ gradients: [Float], rowCount: Int, isFirst: Bool
    ) -> [Float] {
        var own = gradients
        if dropout > 0 {
            let given = own
            unsafe twin_network_scale(given, masks, &own, Int64(own.count))
        }
        unsafe twin_network_activate_back(activated, &own, Int64(own.count), activation.code)
        if batchNorm {
            unsafe twin_network_normalise_back(
                &own, Int32(rowCount), Int32(columns), gains.values, normal, inverses,
                &gains.gradients, &biases.gradients)
        } else {
            unsafe twin_network_sum(own, Int32(rowCount), Int32(columns), &biases.gradients)
        }
        unsafe twin_network_multiply(
            inputs, 1, Int64(inputColumns), own, Int32(inputCount), Int32(rowCount),
            Int32(columns), &weights.gradients, path)
        guard !isFirst else { return [] }
        var transposed = [Float](repeating: 0, count: outputCount * inputColumns)
        unsafe twin_network_transpose(
            weights.values, Int32(inputCount), Int32(outputCount), Int32(columns), &transposed,
            Int32(inputColumns))
        var before = [Float](repeating: 0, count: rowCount * inputColumns)
        unsafe twin_network_multiply(
            own, Int64(columns), 1, transposed, Int32(rowCount), Int32(outputCount),
            Int32(inputColumns), &before, path)
        return before
    }

    mutating func take(_ step: TwinNetworkStep) {
        weights.take(step, path: path)
        var free = step
        free.decay = 0
        biases.take(free, path: path)
        if batchNorm { gains.take(free, path: path) }
    }

    /// The layer as it is used, its batch normalisation part of weights and biases.
    var learnt: DenseNetwork.Layer {
        var weights = Padding.stripped(weights.values, width: outputCount)
        var biases = Array(biases.values[0..<outputCount])
        if batchNorm {
            for output in 0..<outputCount {
                let variance = Double(runningVariances[output]) + Double(TWIN_NETWORK_EPSILON)
                let scale = Float(Double(gains.values[output]) / variance.squareRoot())
                biases[output] -= runningMeans[output] * scale
                for input in 0..<inputCount { weights[input * outputCount + output] *= scale }
            }
        }
        return DenseNetwork.Layer(weights: weights, biases: biases, activation: activation)
    }
}
