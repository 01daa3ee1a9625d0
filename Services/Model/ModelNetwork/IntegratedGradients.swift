import CModelNetwork
public import ModelCore

/// Integrated gradients: what moves the log odds of one class, or a quantity, on the straight way
/// from a typical patient to this one.
///
/// Each feature gets its distance times its mean slope on the way, and what its indicator of a
/// missing value gets. The way is cut into stretches, each with the slope at its middle; one whose
/// parts do not add up to what happens between its ends is halved. The whole sum must be right
/// within ``tolerance``, else there is no explanation. The errors are what is left of the gaps.
public struct IntegratedGradients: Explainer {
    /// How far the sum may be off, times the size of differences between answers, or a hundredth of
    /// the raw score's size where that is greater.
    public static let tolerance = 1e-3
    public static let pointCountMax = 1 << 15
    private static let blockPointCount = 64
    private static let stretchCountMin = 16
    /// A stretch that is not halved again, whatever happens in it.
    private static let lengthMin = 0x1p-20

    private struct Stretch {
        var start: Double
        var end: Double
        /// The log odds at both ends.
        var from: Double
        var to: Double

        var length: Double { end - start }
        var middle: Double { (start + end) / 2 }
    }

    private let network: PackedNetwork
    private let transposed: [[Float]]
    private let positiveIndex: Int
    private let origin: [Float]
    private let baseline: Double
    private let link: ScoreLink
    private let answerSize: Double

    /// Explains the log odds of one class.
    ///
    /// Throws if the background, the typical patient, has no number for a feature, or the network
    /// does not hold together.
    public init(
        _ network: DenseNetwork, positiveIndex: Int, background: [Float], names: [String]
    ) throws(ModelError) {
        try self.init(
            network, positiveIndex: positiveIndex, link: .logistic, answerSize: 1,
            background: background, names: names)
    }

    /// Explains the quantity that the network's one output is; its answers differ by about
    /// `answerSize`.
    public init(
        quantityOf network: DenseNetwork, answerSize: Double, background: [Float], names: [String]
    ) throws(ModelError) {
        guard network.layers.last?.outputCount == 1 else {
            throw .notExplainable("a network of several outputs tells no quantity")
        }
        // A single output is the raw score of the second of two.
        try self.init(
            network, positiveIndex: 1, link: .identity, answerSize: answerSize,
            background: background, names: names)
    }

    private init(
        _ network: DenseNetwork, positiveIndex: Int, link: ScoreLink, answerSize: Double,
        background: [Float], names: [String]
    ) throws(ModelError) {
        do throws(NetworkError) { try network.check() } catch {
            throw .notExplainable("\(error)")
        }
        guard background.count == network.inputs.featureCount, names.count == background.count
        else { throw .width(expected: network.inputs.featureCount, got: background.count) }
        guard (0..<network.classCount).contains(positiveIndex) else {
            throw .width(expected: network.classCount, got: positiveIndex + 1)
        }
        if let index = background.firstIndex(where: \.isNaN) {
            throw .backgroundMissing(names[index])
        }
        self.network = PackedNetwork(network)
        self.positiveIndex = positiveIndex
        self.link = link
        self.answerSize = answerSize
        transposed = self.network.layers.map(\.transposed)
        origin = self.network.prepared(background[...], count: 1)
        baseline = self.network.logOdds(origin, of: positiveIndex)
        guard baseline.isFinite else { throw .notComputable("the typical score is no number") }
    }

    public func explain(_ row: [Float]) throws(ModelError) -> Explanation {
        guard row.count == network.featureCount else {
            throw .width(expected: network.featureCount, got: row.count)
        }
        let target = network.prepared(row[...], count: 1)
        let distance = network.logOdds(target, of: positiveIndex) - baseline
        guard distance.isFinite else { throw .notComputable("the score is no number") }
        let allowed =
            Self.tolerance
            * max(answerSize, baseline.magnitude / 100, distance.magnitude / 100)
        var gap = Double.infinity
        // The gaps of the stretches may add up: then they must be smaller still.
        for gapMax in [allowed / 32, allowed / 256, allowed / 2048] {
            guard let (contributions, errors) = integrate(to: target, gapMax: gapMax) else {
                break
            }
            gap = contributions.reduce(0, +) - distance
            if gap.magnitude <= allowed {
                return .integrated(
                    baseline: baseline, contributions: contributions, link: link, errors: errors,
                    gap: gap)
            }
        }
        throw .notExplainable("the contributions miss the score by \(gap)")
    }

    /// The features' parts and their errors; nil where it would take too many points.
    private func integrate(
        to target: [Float], gapMax: Double
    ) -> (contributions: [Double], errors: [Double])? {
        var contributions = [Double](repeating: 0, count: network.featureCount)
        var errors = contributions
        var pending = stretches(to: target)
        var pointCount = 0
        while !pending.isEmpty {
            pointCount += pending.count
            guard pointCount <= Self.pointCountMax else { return nil }
            var halves: [Stretch] = []
            for first in stride(from: 0, to: pending.count, by: Self.blockPointCount) {
                let block = pending[first..<min(first + Self.blockPointCount, pending.count)]
                let middles = points(to: target, at: block.map(\.middle))
                let (odds, slopes) = slopes(at: middles, count: block.count)
                for (place, stretch) in block.enumerated() {
                    let own = slopes[place * target.count..<(place + 1) * target.count]
                    let parts = parts(own, to: target, length: stretch.length)
                    let gap = (parts.reduce(0, +) - (stretch.to - stretch.from)).magnitude
                    guard gap <= gapMax || stretch.length <= Self.lengthMin else {
                        halves += Self.halves(of: stretch, odds: odds[place])
                        continue
                    }
                    let size = parts.reduce(0) { $0 + $1.magnitude }
                    for feature in parts.indices where parts[feature] != 0 {
                        contributions[feature] += parts[feature]
                        errors[feature] += gap * parts[feature].magnitude / size
                    }
                }
            }
            pending = halves
        }
        return (contributions, errors)
    }

    private static func halves(of stretch: Stretch, odds: Double) -> [Stretch] {
        let middle = stretch.middle
        return [
            Stretch(start: stretch.start, end: middle, from: stretch.from, to: odds),
            Stretch(start: middle, end: stretch.end, from: odds, to: stretch.to),
        ]
    }

    /// The whole way in equal stretches.
    private func stretches(to target: [Float]) -> [Stretch] {
        let count = Self.stretchCountMin
        let ends = (0...count).map { Double($0) / Double(count) }
        let odds = network.logitRows(points(to: target, at: ends), count: ends.count).map {
            Logits.logOdds($0, of: positiveIndex)
        }
        return (0..<count).map {
            Stretch(start: ends[$0], end: ends[$0 + 1], from: odds[$0], to: odds[$0 + 1])
        }
    }

    /// Places on the way, as the first layer takes them.
    private func points(to target: [Float], at shares: [Double]) -> [Float] {
        shares.flatMap { share in
            zip(origin, target).map { $0 + Float(share) * ($1 - $0) }
        }
    }

    /// What each feature adds on a stretch, its indicator included.
    private func parts(
        _ slopes: ArraySlice<Float>, to target: [Float], length: Double
    ) -> [Double] {
        func part(_ input: Int) -> Double {
            Double(slopes[slopes.startIndex + input])
                * (Double(target[input]) - Double(origin[input])) * length
        }
        var parts = (0..<network.featureCount).map(part)
        for (place, feature) in network.inputs.indicators.enumerated() {
            parts[feature] += part(network.featureCount + place)
        }
        return parts
    }

    /// The log odds at some points, and by how much each input moves them.
    private func slopes(at points: [Float], count: Int) -> (odds: [Double], slopes: [Float]) {
        let outputs = network.outputs(points, count: count)
        let rows = network.logitRows(of: outputs[outputs.count - 1], count: count)
        let columns = outputs[outputs.count - 1].count / count
        var slopes = rows.flatMap { logits in
            let own = Logits.slopes(logits, of: positiveIndex).map { Float($0) }
            return own + repeatElement(0, count: columns - own.count)
        }
        for (index, layer) in network.layers.enumerated().reversed() {
            unsafe twin_network_activate_back(
                outputs[index], &slopes, Int64(slopes.count), layer.activation)
            slopes = layer.multiplied(slopes, count: count, transposed: transposed[index])
        }
        return (rows.map { Logits.logOdds($0, of: positiveIndex) }, slopes)
    }
}

extension PackedNetwork {
    /// The log odds of one class in one prepared row.
    func logOdds(_ prepared: [Float], of positive: Int) -> Double {
        Logits.logOdds(logitRows(prepared, count: 1)[0], of: positive)
    }
}

extension PackedNetwork.Layer {
    /// Gradients of the outputs brought back to the inputs.
    func multiplied(_ gradients: [Float], count: Int, transposed: [Float]) -> [Float] {
        var before = [Float](repeating: 0, count: count * inputColumns)
        unsafe twin_network_multiply(
            gradients, Int64(columns), 1, transposed, Int32(count), Int32(outputCount),
            Int32(inputColumns), &before, twin_network_path())
        return before
    }
}
