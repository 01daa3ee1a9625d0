public import TwinCore

extension Observation {
    /// A plausible observation by chance: mostly usable numbers, some text, some absent, some
    /// flagged, sometimes at the same time as another.
    public static func sample(
        of twin: TwinID, codes: Int = 6, _ random: inout SplitMix64
    ) -> Observation {
        let minute = Int64.random(in: 0..<600, using: &random)
        let eventTime = Instant(microsecondsSinceEpoch: (28_000_000 + minute) * 60_000_000)
        let value: ObservedValue
        let flags: QualityFlags
        switch Int.random(in: 0..<10, using: &random) {
        case 0: (value, flags) = (.absent, [.empty])
        case 1: (value, flags) = (.text("positive"), [.notNumeric])
        case 2: (value, flags) = (.number(Double(minute)), [.outOfRange])
        case 3: (value, flags) = (.number(Double(minute)), [.futureTime])
        default:
            let number = Double(Int.random(in: 0..<400, using: &random)) / 4
            (value, flags) = (.number(number), Bool.random(using: &random) ? [] : [.converted])
        }
        return Observation(
            twin: twin, code: .loinc("\(Int.random(in: 0..<codes, using: &random))-1"),
            value: value, unit: "/min", eventTime: eventTime,
            receiveTime: eventTime.adding(seconds: Int64.random(in: 0..<90, using: &random)),
            source: ["monitor", "lab"][Int.random(in: 0..<2, using: &random)], flags: flags)
    }
}
