import ModelCore
import ModelTraining

@testable import ModelNetwork

/// Rows whose class depends on their values in a way that no line tells.
struct NetworkSamples {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// About normal: the sum of a dozen.
    mutating func normal() -> Float {
        Float((0..<12).reduce(-6.0) { sum, _ in sum + generator.nextUnit() })
    }

    /// Class 1 where the first two features have the same sign; some cells are missing.
    mutating func rows(
        _ count: Int, features: Int, missing: Double = 0
    ) -> (values: [Float], labels: [Bool]) {
        var (values, labels): ([Float], [Bool]) = ([], [])
        for _ in 0..<count {
            let row = (0..<features).map { _ in normal() }
            labels.append(row[0] * row[1] > 0)
            values += row.map { generator.nextUnit() < missing ? .nan : $0 }
        }
        return (values, labels)
    }

    /// As they are, without indicators.
    static func plainInputs(_ features: Int) -> NetworkInputs {
        NetworkInputs(
            fills: [Float](repeating: 0, count: features), indicators: [],
            offsets: [Float](repeating: 0, count: features),
            scales: [Float](repeating: 1, count: features))
    }

    /// A network of random weights.
    mutating func network(
        _ inputs: NetworkInputs, widths: [Int], _ activation: DenseNetwork.Activation
    ) -> DenseNetwork {
        var layers: [DenseNetwork.Layer] = []
        var width = inputs.inputCount
        for (place, count) in widths.enumerated() {
            let size = 2 / Float(width).squareRoot()
            layers.append(
                DenseNetwork.Layer(
                    weights: (0..<width * count).map { _ in normal() * size },
                    biases: (0..<count).map { _ in normal() / 2 },
                    activation: place == widths.count - 1 ? .identity : activation))
            width = count
        }
        return DenseNetwork(inputs: inputs, layers: layers)
    }
}
