public import FeatureCore
public import TwinCore

/// What every extractor promises, as checks that anyone can run on their own.
///
/// Deterministic; a function of the set of measurements, whatever their order and repetition;
/// made step by step or at once, the same bits; missing is not zero; flagged values never enter.
public struct ExtractorContract {
    private let extractor: any Extractor
    private let makeTimeline: () -> Timeline

    /// `makeTimeline` is for tests of the contract itself, which plant bugs there.
    public init(
        _ extractor: any Extractor, makeTimeline: @escaping () -> Timeline = { Timeline() }
    ) {
        self.extractor = extractor
        self.makeTimeline = makeTimeline
    }

    /// In what way the promises are broken on these observations of one twin; empty if in none.
    public func violations(on observations: [Observation], seed: UInt64) -> [String] {
        var random = SplitMix64(seed: seed)
        let reference = features(of: observations)
        var found = form(of: reference)
        if reference.features.isEmpty { found.append("the sample makes no feature") }
        if bits(features(of: observations)) != bits(reference) { found.append("not deterministic") }
        for round in 0..<8 {
            let again = ExtractorContract.redelivered(observations, with: &random)
            if bits(features(of: again)) != bits(reference) {
                found.append("order or repetition matters (round \(round))")
            }
            if bits(inSteps(again, with: &random)) != bits(reference) {
                found.append("step by step gives other bits (round \(round))")
            }
        }
        found += missing(observations)
        found += flagged(observations, reference)
        return found
    }

    private func features(of observations: [Observation]) -> FeatureSet {
        var timeline = makeTimeline()
        timeline.merge(observations, reading: extractor)
        return extractor.features(of: timeline, at: 7)
    }

    private func inSteps(
        _ observations: [Observation], with random: inout SplitMix64
    ) -> FeatureSet {
        var timeline = makeTimeline()
        var rest = observations[...]
        while !rest.isEmpty {
            let step = rest.prefix(
                Int.random(in: 1...max(1, observations.count / 3), using: &random))
            timeline.merge(Array(step), reading: extractor)
            _ = extractor.features(of: timeline, at: 6)
            rest = rest.dropFirst(step.count)
        }
        return extractor.features(of: timeline, at: 7)
    }

    private func form(of set: FeatureSet) -> [String] {
        var found: [String] = []
        let names = set.features.map(\.name)
        if zip(names, names.dropFirst()).contains(where: { $0 >= $1 }) {
            found.append("names do not ascend")
        }
        if !set.features.allSatisfy({ $0.value?.isFinite ?? true }) {
            found.append("a value is not a number")
        }
        if let catalogue = extractor.catalogue {
            for feature in set.features where !catalogue.holds(feature.name, unit: feature.unit) {
                found.append("\(feature.name) in \(feature.unit) is not in the catalogue")
            }
        }
        if set.revision != 7 || set.modality != extractor.modality
            || set.version != extractor.version
        {
            found.append("the set does not say what it was made from")
        }
        return found
    }

    private func missing(_ observations: [Observation]) -> [String] {
        var found: [String] = []
        let absent = observations.map {
            var observation = $0
            observation.value = .absent
            observation.flags.insert(.empty)
            return observation
        }
        for (set, name) in [(features(of: []), "none"), (features(of: absent), "absent")]
        where !set.features.isEmpty || set.referenceTime != nil {
            found.append("\(name) measurements make features")
        }
        return found
    }

    private func flagged(_ observations: [Observation], _ reference: FeatureSet) -> [String] {
        var found: [String] = []
        for (flag, word) in QualityFlags.words where !flag.isDisjoint(with: .unusable) {
            let wild = observations.map {
                var observation = $0
                // Another source, or a withdrawal would rightly take out the good value.
                observation.source = "flagged"
                observation.flags.insert(flag)
                observation.eventTime = $0.eventTime.adding(seconds: 86_400)
                if let number = $0.number { observation.value = .number(number * 3 + 1) }
                return observation
            }
            if bits(features(of: observations + wild)) != bits(reference) {
                found.append("values flagged \(word) enter")
            }
        }
        return found
    }

    /// The same measurements in another order, some more than once, received at other times.
    static func redelivered(
        _ observations: [Observation], with random: inout SplitMix64
    ) -> [Observation] {
        let again = observations.filter { _ in Bool.random(using: &random) }.map {
            var observation = $0
            observation.receiveTime = $0.receiveTime.adding(seconds: 60)
            return observation
        }
        return (observations + again).shuffled(using: &random)
    }

    /// Values by their bits, so that no rounding is forgiven.
    private func bits(_ set: FeatureSet) -> [String] {
        ["\(set.referenceTime?.description ?? "none")"]
            + set.features.map {
                "\($0.name) \($0.value.map { String($0.bitPattern) } ?? "nil") \($0.unit) "
                    + "\($0.flags.rawValue)"
            }
    }
}
