public import TwinCleaning
public import TwinCore

/// Several families of features of one modality, as one.
public struct JoinedExtractor: Extractor {
    public let modality: Modality
    public let version: String
    private let families: [any Extractor]

    /// Families of one modality, at least one, whose names of features differ.
    public init(_ families: [any Extractor]) {
        precondition(Set(families.map(\.modality)).count == 1, "families of one modality")
        self.families = families
        modality = families[0].modality
        version = families.map(\.version).joined(separator: "+")
    }

    /// Those of the first family that has any.
    public var rules: CleaningRules {
        families.lazy.map(\.rules).first { $0 != .none } ?? .none
    }

    public var catalogue: FeatureCatalogue? {
        families.dropFirst().reduce(families[0].catalogue) { joined, family in
            guard let joined, let own = family.catalogue else { return nil }
            return joined.joined(own)
        }
    }

    public func reads(_ code: Code) -> Bool { families.contains { $0.reads(code) } }

    public func readsWaveform(_ code: Code) -> Bool {
        families.contains { $0.readsWaveform(code) }
    }

    public func features(of timeline: Timeline, at revision: Revision) -> FeatureSet {
        let sets = families.map { $0.features(of: timeline, at: revision) }
        var joined = sets[0]
        joined.version = version
        joined.cleaning = sets.compactMap(\.cleaning).first
        joined.features = sets.flatMap(\.features).sorted { $0.name < $1.name }
        return joined
    }
}
