import Foundation
import ModelKernels

/// The plainest arithmetic, in double.
enum Oracle {
    static func kernel(
        _ curve: KernelCurve, _ left: ArraySlice<Float>, _ right: ArraySlice<Float>
    )
        -> Double
    {
        let pairs = zip(left.map(Double.init), right.map(Double.init))
        let product = pairs.reduce(0) { $0 + $1.0 * $1.1 }
        switch curve {
        case .linear: return product
        case .polynomial(let gamma, let offset, let degree):
            return pow(Double(gamma) * product + Double(offset), Double(degree))
        case .radial(let gamma):
            return exp(-Double(gamma) * pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
        case .sigmoid(let gamma, let offset):
            return tanh(Double(gamma) * product + Double(offset))
        }
    }

    static func bent(_ bend: DenseLayer.Bend, _ x: Double) -> Double {
        switch bend {
        case .none: x
        case .relu: max(0, x)
        case .tanh: tanh(x)
        case .logistic: 1 / (1 + exp(-x))
        }
    }
}

/// Numbers that depend on nothing but the seed (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
        (0..<count).map { _ in Float.random(in: range, using: &self) }
    }
}

/// Vectors and rows to compare.
struct Sample {
    let vectorCount: Int
    let width: Int
    let rowCount: Int
    let vectors: [Float]
    let rows: [Float]

    /// Around every edge of panels and tiles.
    static let all: [Sample] = {
        var numbers = SeededNumbers(state: 7)
        let sizes = [
            [1, 1, 1], [31, 3, 2], [32, 7, 9], [33, 5, 3], [129, 13, 49], [300, 2, 7], [64, 20, 1],
            [161, 4, 1], [260, 1, 14],
        ]
        return sizes.map { Sample($0[0], $0[1], $0[2], &numbers) }
    }()

    init(_ vectorCount: Int, _ width: Int, _ rowCount: Int, _ numbers: inout SeededNumbers) {
        self.vectorCount = vectorCount
        self.width = width
        self.rowCount = rowCount
        vectors = numbers.floats(vectorCount * width)
        rows = numbers.floats(rowCount * width)
    }

    func row(_ index: Int) -> ArraySlice<Float> { rows[index * width..<(index + 1) * width] }

    func vector(_ index: Int) -> ArraySlice<Float> {
        vectors[index * width..<(index + 1) * width]
    }

    func panels(_ curve: KernelCurve, _ level: MachineLevel) -> KernelPanels {
        KernelPanels(
            vectors: vectors, count: vectorCount, width: width, curve: curve, level: level)
    }

    /// The oracle's kernels of one row.
    func kernels(_ curve: KernelCurve, row index: Int) -> [Double] {
        (0..<vectorCount).map { Oracle.kernel(curve, row(index), vector($0)) }
    }

    /// The vectors as a layer's weights.
    var weights: [Float] {
        (0..<width).flatMap { column in
            (0..<vectorCount).map { vectors[$0 * width + column] }
        }
    }
}
