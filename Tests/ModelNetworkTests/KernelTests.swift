import CModelNetwork
import ModelCore
import Testing

@testable import ModelNetwork

/// The paths that this processor can take.
let paths = Array(0...twin_network_path())

@Suite struct `The loops of the network` {
    @Test(arguments: paths) func `multiply as sums are taken by hand`(path: Int32) {
        var samples = NetworkSamples(seed: 5)
        for (rows, steps, width) in [(1, 1, 1), (3, 5, 16), (8, 7, 33), (13, 40, 48), (17, 2, 70)] {
            let columns = Padding.columns(width)
            let left = (0..<rows * steps).map { _ in samples.normal() }
            let right = (0..<steps * columns).map { _ in samples.normal() }
            var product = [Float](repeating: .nan, count: rows * columns)
            twin_network_multiply(
                left, Int64(steps), 1, right, Int32(rows), Int32(steps), Int32(columns), &product,
                path)
            var plain = [Float](repeating: 0, count: rows * columns)
            for row in 0..<rows {
                for column in 0..<columns {
                    for step in 0..<steps {
                        plain[row * columns + column].addProduct(
                            left[row * steps + step], right[step * columns + column])
                    }
                }
            }
            // Not nearly: the same bits, on every path.
            #expect(product == plain, "\(rows) x \(steps) x \(width)")
            // The left as it lies when its rows are columns.
            let turned = (0..<rows * steps).map { left[$0 % rows * steps + $0 / rows] }
            twin_network_multiply(
                turned, 1, Int64(rows), right, Int32(rows), Int32(steps), Int32(columns), &product,
                path)
            #expect(product == plain, "\(rows) x \(steps) x \(width), turned")
        }
    }

    @Test func `take the hyperbolic tangent within a few units`() {
        var values = stride(from: Float(-12), through: 12, by: 0.01).map { $0 }
        values += [.infinity, -.infinity, 0, 1e-20, 100, -100]
        var found = values
        twin_network_activate(&found, Int64(found.count), TWIN_NETWORK_TANH)
        for (x, y) in zip(values, found) {
            let expected = Elementary.tanh(Double(x))
            #expect((Double(y) - expected).magnitude <= 4e-7 * expected.magnitude, "\(x)")
        }
        var nan: [Float] = [.nan]
        for activation in [TWIN_NETWORK_TANH, TWIN_NETWORK_RELU] {
            twin_network_activate(&nan, 1, activation)
            #expect(nan[0].isNaN)
        }
    }

    @Test func `leave out the share that was asked for`() {
        var masks = [Float](repeating: 7, count: 100_000)
        twin_network_masks(&masks, Int64(masks.count), 0.25, 9)
        let kept = masks.count { $0 == Float(1 / 0.75) }
        #expect(kept + masks.count { $0 == 0 } == masks.count)
        // Three standard deviations.
        #expect(abs(kept - 75_000) < 3 * 137)
        var others = masks
        twin_network_masks(&others, Int64(others.count), 0.25, 10)
        #expect(others != masks)
    }

    @Test(arguments: paths) func `step as Adam says`(path: Int32) {
        var weights: [Float] = [1, -2, 0.5]
        let gradients: [Float] = [0.3, -4, 0]
        var means = [Float](repeating: 0, count: 3)
        var squares = means
        let step = TwinNetworkStep(
            rate: 0.1, mean_correction: 1 / (1 - 0.9), square_correction: 1 / (1 - 0.999),
            decay: 0.01)
        twin_network_adam(&weights, gradients, &means, &squares, 3, step, path)
        // The first step is the rate in the gradient's direction, beside the decay.
        for (weight, expected) in zip(weights, [1 - 0.1 - 0.001, -2 + 0.1 + 0.002, 0.5 - 0.0005]) {
            #expect(abs(Double(weight) - expected) < 1e-5)
        }
    }
}

@Suite struct `A layer that learns` {
    /// A layer of awkward widths, and its inputs.
    private func sample(
        _ activation: DenseNetwork.Activation, batchNorm: Bool, dropout: Float
    ) -> (layer: LearningLayer, inputs: [Float], directions: [Float]) {
        var random = SeededSequence(seed: 3)
        var samples = NetworkSamples(seed: 4)
        let layer = LearningLayer(
            inputCount: 5, outputCount: 7, activation: activation, dropout: dropout,
            batchNorm: batchNorm, path: twin_network_path(), random: &random)
        let inputs = Padding.padded((0..<30).map { _ in samples.normal() }, width: 5)
        let directions = Padding.padded((0..<42).map { _ in samples.normal() }, width: 7)
        return (layer, inputs, directions)
    }

    @Test(arguments: DenseNetwork.Activation.allCases, [false, true])
    func `knows the slopes of what it does`(
        activation: DenseNetwork.Activation, batchNorm: Bool
    ) {
        for dropout in [Float(0), 0.4] {
            var (layer, inputs, directions) = sample(
                activation, batchNorm: batchNorm, dropout: dropout)
            func measure(_ inputs: [Float]) -> Double {
                layer.forward(inputs, rowCount: 6, seed: 11)
                return zip(layer.outputs, directions).reduce(0) {
                    $0 + Double($1.0) * Double($1.1)
                }
            }
            _ = measure(inputs)
            let slopes = layer.backward(inputs, directions, rowCount: 6, isFirst: false)
            #expect(slopes.count == inputs.count)
            for row in 0..<6 {
                for column in 0..<5 {
                    let place = row * 16 + column
                    let step: Float = 1e-3
                    var (above, below) = (inputs, inputs)
                    above[place] += step
                    below[place] -= step
                    let slope = (measure(above) - measure(below)) / Double(2 * step)
                    #expect(abs(slope - Double(slopes[place])) < 2e-2, "\(row), \(column)")
                }
                #expect(slopes[row * 16 + 5..<row * 16 + 16].allSatisfy { $0 == 0 })
            }
        }
    }

    @Test func `normalises every column`() {
        var (layer, inputs, _) = sample(.identity, batchNorm: true, dropout: 0)
        layer.forward(inputs, rowCount: 6, seed: 0)
        for column in 0..<7 {
            let values = (0..<6).map { Double(layer.outputs[$0 * 16 + column]) }
            let mean = values.reduce(0, +) / 6
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 6
            #expect(abs(mean) < 1e-6)
            #expect(abs(variance - 1) < 1e-3)
        }
    }
}
