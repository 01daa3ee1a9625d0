public import FeatureCore
public import ModelCore
public import TwinCore

/// Whether what a model asks for is what twins have.
///
/// A model says which extractors made the features that it learnt from; one that says none was made
/// of a table, whose columns may be anything. The first kind is refused as soon as it is pushed if
/// a feature of it is not in the catalogue, or is there in another unit: it promises what no twin
/// has. The second may be kept, shown and judged, but speaks for twins, be it as canary or shadow,
/// only if every one of its columns is a feature of the catalogue, in the catalogue's unit.
public struct CatalogueCheck: Sendable {
    private let catalogues: [Modality: FeatureCatalogue?]

    /// Of extractors without a catalogue nothing is known.
    public init(_ extractors: [any Extractor]) {
        catalogues = Dictionary(
            extractors.map { ($0.modality, $0.catalogue) },
            uniquingKeysWith: { one, other in
                guard let one, let other else { return nil }
                return one.joined(other)
            })
    }

    /// Why the store should not have the model; nil if it may.
    public func refusalOfPush(_ manifest: Manifest) -> Refusal? {
        guard !manifest.extractors.isEmpty else { return nil }
        let modalities = manifest.extractors.map(\.modality)
        // What another family of extractors has, nobody here knows.
        let known = modalities.compactMap { catalogues[$0] ?? nil }
        let isWhole = known.count == modalities.count
        return refusal(manifest) { known.elements(isWhole: isWhole) }
    }

    /// Why the model should not speak for twins; nil if it may.
    public func refusalOfSpeech(_ manifest: Manifest) -> Refusal? {
        guard manifest.extractors.isEmpty else { return refusalOfPush(manifest) }
        let known = catalogues.values.compactMap { $0 }
        return refusal(manifest, "it was made of a table, and can't speak for twins: ") {
            known.elements(isWhole: true)
        }
    }

    private func refusal(
        _ manifest: Manifest, _ beginning: String = "", _ known: () -> Known
    ) -> Refusal? {
        let known = known()
        let problems = manifest.features.compactMap { known.problem(with: $0) }
        guard let first = problems.first else { return nil }
        let more = problems.count > 1 ? "; and \(problems.count - 1) more" : ""
        return Refusal(.malformed, "schema: \(beginning)\(first)\(more)")
    }
}

/// Catalogues that a model's features are looked up in.
private struct Known {
    let catalogues: [FeatureCatalogue]
    /// Whether what is in none of them does not exist.
    let isWhole: Bool

    func problem(with feature: ManifestFeature) -> String? {
        guard !catalogues.contains(where: { $0.holds(feature.name, unit: feature.unit) }) else {
            return nil
        }
        if let unit = catalogues.lazy.compactMap({ $0.units[feature.name] }).first {
            return "the feature \(feature.name) is in \"\(unit)\" here, the model takes it in "
                + "\"\(feature.unit)\""
        }
        return isWhole ? "twins have no feature \(feature.name)" : nil
    }
}

extension [FeatureCatalogue] {
    fileprivate func elements(isWhole: Bool) -> Known { Known(catalogues: self, isWhole: isWhole) }
}
