import TwinCore

/// How much one assessment may spend on looking for values that would have changed its band.
public struct CounterfactualLimits: Hashable, Sendable {
    /// How many of the strongest changeable features are looked at; 0 looks at none.
    public var featureCountMax = 3
    /// The model's rows, all scored in one call.
    public var rowCountMax = 96
    /// The operations of those rows; a forest's comparisons take longer, and are bounded apart.
    public var operationCountMax = 1 << 23
    public var comparisonCountMax = 1 << 18

    public init() {}
}

/// Looks for the nearest value of one feature that would have put the prediction into another
/// band: the next lower one, or from the lowest the next higher.
///
/// Values tried are round numbers inside of what the training rows had. The same row has the same
/// counterfactuals, whatever the machine.
struct CounterfactualSearch {
    /// With fewer values tried, the nearest says little.
    private static let valueCountMin = 8

    /// One feature and the values that are tried, the nearest first.
    private struct Trial {
        var index: Int
        var value: Double
        var values: [Double]
    }

    private let model: LoadedModel
    private let limits: CounterfactualLimits
    private let policy: AdvicePolicy

    init(_ model: LoadedModel, limits: CounterfactualLimits) {
        self.model = model
        self.limits = limits
        policy = AdvicePolicy(model.manifest)
    }

    /// One for each feature that has one, in the order of `ranked`.
    func counterfactuals(
        of row: FeatureRow, ranked: [Int], probability: Double
    ) -> [Counterfactual] {
        guard model.manifest.bands.count > 1, let place = policy.index(at: probability) else {
            return []
        }
        let trials = trials(row, ranked)
        guard !trials.isEmpty else { return [] }
        var probabilities = probabilities(row, trials)[...]
        return trials.compactMap { trial in
            let own = probabilities.prefix(trial.values.count)
            probabilities = probabilities.dropFirst(trial.values.count)
            for (value, changed) in zip(trial.values, own) {
                // What is no probability has no band.
                guard (0...1).contains(changed), let band = policy.band(at: changed),
                    let other = policy.index(at: changed),
                    place > 0 ? other < place : other > place
                else { continue }
                let feature = model.manifest.features[trial.index]
                return Counterfactual(
                    feature: feature.name, unit: feature.unit, value: trial.value,
                    changedValue: value, changedProbability: changed, changedBand: band.name)
            }
            return nil
        }
    }

    private func trials(_ row: FeatureRow, _ ranked: [Int]) -> [Trial] {
        let features = model.manifest.features
        let isForest = model.manifest.kind == "forest"
        let bound = isForest ? limits.comparisonCountMax : limits.operationCountMax
        let rowCount = min(limits.rowCountMax, bound / max(1, model.scorer.operationsPerRow))
        let featureCount = min(limits.featureCountMax, rowCount / Self.valueCountMin)
        guard featureCount > 0 else { return [] }
        let chosen = ranked.filter { index in
            features[index].isActionable && features[index].seen != nil
                && row.cells[index].isPresent
        }.prefix(featureCount)
        return chosen.compactMap { index in
            guard let value = row.cells[index].value, let range = features[index].range else {
                return nil
            }
            let values = RoundNumbers.values(
                in: range, around: value, countMax: rowCount / chosen.count)
            return values.isEmpty ? nil : Trial(index: index, value: value, values: values)
        }
    }

    /// The probability of each value of each trial; none where the model can't say.
    private func probabilities(_ row: FeatureRow, _ trials: [Trial]) -> [Double] {
        var rows: [Float] = []
        var count = 0
        let values = row.values
        for trial in trials {
            for value in trial.values {
                rows += values
                rows[count * values.count + trial.index] = Float(value)
                count += 1
            }
        }
        // The assessment itself has been made: that it can't be varied takes nothing from it.
        guard let scores = try? model.scorer.score(rows, count: count),
            scores.count == count * model.scorer.classCount
        else { return [] }
        return (0..<count).map { place in
            model.manifest.calibration.probability(
                ofScore: Double(scores[place * model.scorer.classCount + model.positiveIndex]))
        }
    }
}

extension ManifestFeature {
    /// Where a changed value may lie.
    fileprivate var range: ClosedRange<Double>? {
        guard let seen else { return nil }
        guard let applicable else { return seen }
        return seen.overlaps(applicable) ? seen.clamped(to: applicable) : nil
    }
}
