public import FeatureCore
public import TwinCore

/// The features that a twin would have had at an earlier moment.
public enum FeaturesAsOf {
    /// Made anew by the extractors, from what was known by then alone.
    public static func sets(
        of observations: [Observation], known: KnownBy, by extractors: [any Extractor]
    ) -> [FeatureSet] {
        let then = observations.filter(known.includes)
        return extractors.compactMap { extractor in
            var timeline = Timeline(rules: extractor.rules)
            timeline.merge(then, reading: extractor)
            let set = extractor.features(of: timeline, at: 0)
            return set.features.isEmpty ? nil : set
        }
    }
}
