public import TwinCore

/// The moment at which a prediction would have been made: nothing later may be learnt from.
public enum PredictionTime: Hashable, Sendable {
    /// So long before a time that the outcomes tell for each patient.
    case before(hours: Double)
    /// So long after the patient's first measurement.
    case afterFirst(hours: Double)

    /// The moment for one patient; nil where it is not known.
    ///
    /// `told` is the patient's time in the outcomes, `first` that of the first measurement.
    public func moment(told: Instant?, first: Instant?) -> Instant? {
        switch self {
        case .before(let hours): told.map { PredictionTime.shifted($0, byHours: -hours) }
        case .afterFirst(let hours): first.map { PredictionTime.shifted($0, byHours: hours) }
        }
    }

    private static func shifted(_ time: Instant, byHours hours: Double) -> Instant {
        let microseconds = min(max(hours * 3_600_000_000, -1e18), 1e18)
        let shifted = time.microsecondsSinceEpoch.addingReportingOverflow(Int64(microseconds))
        guard !shifted.overflow else { return time }
        return Instant(microsecondsSinceEpoch: shifted.partialValue)
    }
}

/// What was known of a patient at a moment.
public struct KnownBy: Hashable, Sendable {
    public let moment: Instant
    /// Whether a value must also have been received by then.
    ///
    /// A laboratory tells hours after the blood was drawn. Of data that were sent later, all at
    /// once, it leaves nothing.
    public let mustBeReceived: Bool

    public init(moment: Instant, mustBeReceived: Bool) {
        self.moment = moment
        self.mustBeReceived = mustBeReceived
    }

    public func includes(_ observation: Observation) -> Bool {
        observation.eventTime <= moment
            && (!mustBeReceived || observation.receiveTime <= moment)
    }
}
