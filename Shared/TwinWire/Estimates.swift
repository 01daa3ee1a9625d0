import CTwinWire
import TwinCore

extension Draft {
    func estimate(_ value: QuantityEstimate) -> Place<Wire.Estimate> {
        make(twinline__v1__estimate__init) {
            $0.value = value.value
            $0.unit = text(value.unit)
            if let interval = value.interval {
                $0.interval = make(twinline__v1__estimate_interval__init) {
                    $0.low = interval.low
                    $0.high = interval.high
                    $0.coverage = interval.coverage
                }
            }
        }
    }
}

extension Reader {
    func estimate(_ message: Wire.Estimate) throws(WireError) -> QuantityEstimate {
        QuantityEstimate(
            value: try Rule.finite(message.value), unit: try Rule.word(text(message.unit)),
            interval: message.interval == nil
                ? nil : try one(message.interval, "an empty interval", interval))
    }

    private func interval(_ message: Wire.EstimateInterval) throws(WireError) -> EstimateInterval {
        let interval = EstimateInterval(
            low: try Rule.finite(message.low), high: try Rule.finite(message.high),
            coverage: try Rule.share(message.coverage))
        guard interval.low <= interval.high else { throw .invalid("an interval from above") }
        return interval
    }
}
