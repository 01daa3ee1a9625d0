/// Which features an extractor can make, and in which unit.
public struct FeatureCatalogue: Hashable, Sendable {
    /// By name.
    public private(set) var units: [String: String]
    /// Beginnings of the names of features that a site may have of its own: of these nothing more
    /// is known.
    public private(set) var siteFamilies: [String]

    public init(units: [String: String], siteFamilies: [String] = []) {
        self.units = units
        self.siteFamilies = siteFamilies
    }

    /// Both, whose names differ.
    public func joined(_ other: FeatureCatalogue) -> FeatureCatalogue {
        FeatureCatalogue(
            units: units.merging(other.units) { own, _ in own },
            siteFamilies: siteFamilies + other.siteFamilies)
    }

    /// Whether a feature of this name and unit can be made.
    public func holds(_ name: String, unit: String) -> Bool {
        units[name].map { $0 == unit } ?? siteFamilies.contains { name.hasPrefix($0) }
    }
}
