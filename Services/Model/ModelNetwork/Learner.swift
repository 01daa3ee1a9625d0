import CModelNetwork
import ModelCore

/// A network while it learns.
struct Learner {
    let rows: NetworkRows
    private let inputs: NetworkInputs
    private let options: NetworkOptions
    private let weights: [Float]
    /// What each row gives the first layer, filled up.
    private let prepared: [Float]
    private var layers: [LearningLayer] = []
    private var random: SeededSequence
    private var stepCount = 0
    private let logitCount: Int

    init(
        _ rows: NetworkRows, _ inputs: NetworkInputs, _ options: NetworkOptions,
        path: Int32 = twin_network_path()
    ) throws(NetworkError) {
        self.rows = rows
        self.inputs = inputs
        self.options = options
        weights = options.weights(of: rows, asIn: rows)
        random = SeededSequence(seed: options.seed)
        logitCount = rows.classCount <= 2 ? 1 : rows.classCount
        let gap = repeatElement(
            Float(0), count: Padding.columns(inputs.inputCount) - inputs.inputCount)
        let values = rows.values
        let width = rows.featureCount
        prepared = rows.labels.indices.flatMap { row in
            inputs.inputs(of: values[row * width..<(row + 1) * width]) + gap
        }
        var inputCount = inputs.inputCount
        var weightCount = 0
        for (place, outputCount) in (options.hiddenWidths + [logitCount]).enumerated() {
            weightCount += inputCount * outputCount
            guard weightCount <= DenseNetwork.weightCountMax else { throw .tooLarge("weights") }
            let isHidden = place < options.hiddenWidths.count
            layers.append(
                LearningLayer(
                    inputCount: inputCount, outputCount: outputCount,
                    activation: isHidden ? options.activation : .identity,
                    dropout: isHidden ? Float(options.dropout) : 0,
                    batchNorm: isHidden && options.batchNorm, path: path, random: &random))
            inputCount = outputCount
        }
    }

    var network: DenseNetwork { DenseNetwork(inputs: inputs, layers: layers.map(\.learnt)) }

    /// One pass over the rows in random order; returns the mean loss.
    mutating func learn(epoch: Int) -> Double {
        var order = Array(0..<rows.rowCount)
        for last in stride(from: order.count - 1, to: 0, by: -1) {
            order.swapAt(last, random.next(below: last + 1))
        }
        // Batches of about equal size: a last one of a row or two would be a bad guide.
        let batchCount = (order.count + options.batchSize - 1) / options.batchSize
        var (loss, weight) = (0.0, 0.0)
        for batch in 0..<batchCount {
            let own = order[
                order.count * batch / batchCount..<order.count * (batch + 1) / batchCount]
            loss += step(own)
            weight += own.reduce(0) { $0 + Double(weights[$1]) }
        }
        return weight > 0 ? loss / weight : .nan
    }

    /// Learns from one batch; returns its summed loss.
    private mutating func step(_ batch: ArraySlice<Int>) -> Double {
        let columns = Padding.columns(inputs.inputCount)
        var taken: [Float] = []
        taken.reserveCapacity(batch.count * columns)
        for row in batch { taken += prepared[row * columns..<(row + 1) * columns] }
        for index in layers.indices {
            let given = index == 0 ? taken : layers[index - 1].outputs
            layers[index].forward(given, rowCount: batch.count, seed: random.next())
        }
        var (loss, gradients) = self.loss(of: batch)
        for index in layers.indices.reversed() {
            let given = index == 0 ? taken : layers[index - 1].outputs
            gradients = layers[index].backward(
                given, gradients, rowCount: batch.count, isFirst: index == 0)
        }
        stepCount += 1
        let adam = TwinNetworkStep(
            rate: Float(options.learningRate),
            mean_correction: Self.correction(0.9, stepCount),
            square_correction: Self.correction(0.999, stepCount),
            decay: Float(options.weightDecay))
        for index in layers.indices { layers[index].take(adam) }
        return loss
    }

    /// The batch's summed loss, and the gradients of its mean, filled up.
    private func loss(of batch: ArraySlice<Int>) -> (sum: Double, gradients: [Float]) {
        let outputs = layers[layers.count - 1].outputs
        let columns = outputs.count / batch.count
        var gradients = [Float](repeating: 0, count: outputs.count)
        var sum = 0.0
        for (place, row) in batch.enumerated() {
            let start = place * columns
            let logits = outputs[start..<start + logitCount]
            let weight = Double(weights[row])
            sum += weight * rows.loss(logits, row: row)
            for (output, slope) in rows.slopes(logits, row: row).enumerated() {
                gradients[start + output] = Float(weight * slope / Double(batch.count))
            }
        }
        return (sum, gradients)
    }

    /// 1 / (1 - beta^t), by squaring: a library's power would differ from machine to machine.
    private static func correction(_ beta: Double, _ steps: Int) -> Float {
        var (power, square, left) = (1.0, beta, steps)
        while left > 0 {
            if left & 1 == 1 { power *= square }
            square *= square
            left >>= 1
        }
        return Float(1 / (1 - power))
    }
}
