/// What a model says a quantity will be.
public struct QuantityEstimate: Hashable, Sendable {
    public var value: Double
    /// UCUM.
    public var unit: String
    /// Where the true value lies, as often as is stated; nil where that is not known.
    public var interval: EstimateInterval?

    public init(value: Double, unit: String, interval: EstimateInterval? = nil) {
        self.value = value
        self.unit = unit
        self.interval = interval
    }
}

/// A range that holds the true value of a quantity in a stated share of patients.
public struct EstimateInterval: Hashable, Sendable {
    public var low: Double
    public var high: Double
    /// 0 to 1.
    public var coverage: Double

    public init(low: Double, high: Double, coverage: Double) {
        self.low = low
        self.high = high
        self.coverage = coverage
    }
}

extension Assessment {
    /// Of the quantity; nil where the model abstains or speaks of an outcome.
    public var estimate: QuantityEstimate? {
        if case .estimate(let estimate) = verdict { estimate } else { nil }
    }
}
