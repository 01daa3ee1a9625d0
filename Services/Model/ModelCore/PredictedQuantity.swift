import TwinCore
import TwinJSON

/// What a model of a quantity tells, and how far it may be relied on; the manifest's outcome is the
/// quantity's name.
public struct PredictedQuantity: Hashable, Sendable {
    /// UCUM.
    public var unit: String
    /// Outside of it an answer is none, and is not shown; nil where every number is one.
    public var range: ClosedRange<Double>?
    /// How far answers are from the truth; nil where that is not known.
    public var residual: Residual?

    /// An answer and the truth are at most so far apart in a stated share of patients.
    public struct Residual: Hashable, Sendable {
        /// 0 to 1.
        public var coverage: Double
        public var sizeMax: Double

        public init(coverage: Double, sizeMax: Double) {
            self.coverage = coverage
            self.sizeMax = sizeMax
        }
    }

    public init(unit: String, range: ClosedRange<Double>? = nil, residual: Residual? = nil) {
        self.unit = unit
        self.range = range
        self.residual = residual
    }

    /// The estimate that an answer is; where no value can be, the truth is not either.
    func estimate(of answer: Double) -> QuantityEstimate {
        func within(_ end: Double) -> Double {
            guard let range else { return end }
            return min(max(end, range.lowerBound), range.upperBound)
        }
        return QuantityEstimate(
            value: answer, unit: unit,
            interval: residual.map {
                EstimateInterval(
                    low: within(answer - $0.sizeMax), high: within(answer + $0.sizeMax),
                    coverage: $0.coverage)
            })
    }
}

extension Manifest {
    /// How many numbers the model answers a row with.
    public var answerCount: Int { quantity == nil ? classes.count : 1 }

    /// The place of the answer that is shown and explained; nil in a manifest that does not pass
    /// ``validate()``.
    public var shownIndex: Int? { quantity == nil ? positiveIndex : 0 }

    /// What differences between answers are measured by: 1 for probabilities, and for a quantity
    /// how far it is from the truth anyway.
    public var answerSize: Double {
        guard let size = quantity?.residual?.sizeMax, size > 0 else { return 1 }
        return size
    }

    func checkQuantity(_ quantity: PredictedQuantity) throws(ManifestError) {
        guard classes.isEmpty, positiveClass.isEmpty else {
            throw .invalid("classes", "none where a quantity is told")
        }
        guard calibration == .none, conformal == nil else {
            throw .invalid("calibration", "none where a quantity is told")
        }
        guard bands.isEmpty else { throw .invalid("bands", "none where a quantity is told") }
        guard !quantity.unit.isEmpty, Manifest.isUnit(quantity.unit) else {
            throw .unit(feature: outcome, unit: quantity.unit)
        }
        if let range = quantity.range {
            guard range.lowerBound.isFinite, range.upperBound.isFinite else {
                throw .notFinite("quantity.range")
            }
        }
        if let residual = quantity.residual {
            guard (0...1).contains(residual.coverage) else {
                throw .invalid("quantity.coverage", "0 to 1")
            }
            guard residual.sizeMax.isFinite, residual.sizeMax >= 0 else {
                throw .invalid("quantity.residualMax", "0 or more")
            }
        }
    }
}

extension PredictedQuantity {
    var json: JSON {
        var members: [JSON.Member] = [.init("unit", .string(unit))]
        if let range {
            members.append(
                .init("range", .array([.number(range.lowerBound), .number(range.upperBound)])))
        }
        if let residual {
            members.append(.init("coverage", .number(residual.coverage)))
            members.append(.init("residualMax", .number(residual.sizeMax)))
        }
        return .object(members)
    }

    init?(json: JSON?) throws(ManifestError) {
        guard let json else { return nil }
        var object = try JSONObject(json, at: "quantity")
        let unit = try object.string("unit")
        var range: ClosedRange<Double>?
        if let (low, high) = try object.optional("range")?.pair(at: "quantity.range") {
            guard low <= high else { throw .invalid("quantity.range", "in order") }
            range = low...high
        }
        let coverage = try object.optional("coverage")?.number(at: "quantity.coverage")
        let sizeMax = try object.optional("residualMax")?.number(at: "quantity.residualMax")
        try object.finish()
        switch (coverage, sizeMax) {
        case (let coverage?, let sizeMax?):
            self.init(
                unit: unit, range: range, residual: .init(coverage: coverage, sizeMax: sizeMax))
        case (nil, nil): self.init(unit: unit, range: range)
        default: throw .missing("quantity.coverage or quantity.residualMax")
        }
    }
}
