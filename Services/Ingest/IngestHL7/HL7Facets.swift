import IngestCore

/// What the rows below an array say of its samples, in the terms of ISO 11073.
struct HL7Facets {
    enum Kind { case rate, period, resolution, scaleRange, dataRange, invalidSample }

    /// A facet's number, or both of its numbers where it is a range.
    struct Value {
        var first: Double
        var second: Double?
        var unit: String
        var unitPlace: RawCode
    }

    private(set) var values: [Kind: Value] = [:]

    private static let kinds: [String: Kind] = [
        "MDC_ATTR_SAMP_RATE": .rate, "MDC_ATTR_TIME_PD_SAMP": .period,
        "MDC_ATTR_NU_MSMT_RES": .resolution, "MDC_ATTR_SCALE_RANGE": .scaleRange,
        "MDC_ATTR_DATA_RANGE": .dataRange, "MDC_EVT_INOP": .invalidSample,
    ]

    /// Which facet of a signal the row is; nil for every other row.
    static func kind(of row: HL7Row, _ message: HL7Message) -> Kind? {
        let name = message.component(2, of: row.code)
        // MDC_: what has no reference id is no facet.
        guard name.range.count > 8, message.text[name.range.lowerBound] == 0x4D else { return nil }
        return kinds[message.string(name)]
    }

    mutating func add(_ row: HL7Row, _ message: HL7Message) {
        guard let kind = HL7Facets.kind(of: row, message), values[kind] == nil else { return }
        func number(_ component: Int) -> Double? {
            let place = message.component(component, of: row.value).trimmed(in: message.text.span)
            return Decimal.number(message.text.span.extracting(place.range))
        }
        guard let first = number(1) else { return }
        let unit = message.codes(row.unit).first
        values[kind] = Value(
            first: first, second: number(2),
            unit: message.string(unit.value.isEmpty ? unit.text : unit.value), unitPlace: unit)
    }

    /// Whether the rate, or the time between samples, came with a unit that is known.
    var samplesPerSecond: Double? {
        if let rate = values[.rate] {
            return HL7Facets.perSecond[rate.unit].map { rate.first / $0 }
        }
        if let period = values[.period], period.first > 0 {
            return HL7Facets.seconds[period.unit].map { 1 / (period.first * $0) }
        }
        return nil
    }

    /// Seconds that the unit of a rate counts in.
    private static let perSecond: [String: Double] = [
        "264608": 1, "MDC_DIM_PER_SEC": 1, "264640": 1, "MDC_DIM_HZ": 1, "Hz": 1, "/s": 1,
        "1/s": 1, "264672": 60, "MDC_DIM_PER_MIN": 60, "/min": 60, "1/min": 60,
    ]

    private static let seconds: [String: Double] = [
        "264320": 1, "MDC_DIM_SEC": 1, "s": 1, "264338": 1e-3, "MDC_DIM_MILLI_SEC": 1e-3,
        "ms": 1e-3, "264339": 1e-6, "MDC_DIM_MICRO_SEC": 1e-6, "us": 1e-6,
    ]

    /// The number that stands for a sample that was not measured; a small one is a state, not
    /// that.
    var invalidSample: Int64? {
        guard let value = values[.invalidSample]?.first, abs(value) >= 8191,
            abs(value) <= 2_147_483_648, value == value.rounded()
        else { return nil }
        return Int64(value)
    }
}
