import TwinCore

/// The features of one family in the making.
struct FeatureList {
    let prefix: String
    /// What is to be known about the signal that they are made of.
    let flags: QualityFlags
    private(set) var features: [Feature] = []

    init(prefix: String, flags: QualityFlags) {
        self.prefix = prefix
        self.flags = flags
    }

    /// Adds one; without a value it says that too little was seen to tell.
    mutating func add(
        _ name: String, _ value: Double?, _ unit: String, _ own: QualityFlags = []
    ) {
        let known = value.flatMap { $0.isFinite ? $0 : nil }
        var all = flags.union(own)
        if known == nil { all.insert(.incomplete) }
        features.append(
            Feature(name: "\(prefix).\(name)", value: known, unit: unit, flags: all))
    }
}
