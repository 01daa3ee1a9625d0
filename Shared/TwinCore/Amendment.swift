/// Corrections and withdrawals: what a source says of a value that it has sent, or still will.
///
/// Nothing is overwritten. A value that was amended stays as it was, with the flag
/// ``QualityFlags/superseded`` wherever it is read, and counts for nothing.
extension QualityFlags {
    /// Takes a value back.
    public static let withdrawing: QualityFlags = [.deleted, .wrongPatient]
    /// Takes a value back, or puts another in its place.
    public static let amending: QualityFlags = [.deleted, .wrongPatient, .corrected]
}

extension Observation {
    /// Whether it corrects or withdraws what its source says of the moment.
    public var isAmendment: Bool { !flags.isDisjoint(with: .amending) }

    /// Whether it counts for nothing because of the other one.
    ///
    /// An amendment speaks of what its source says of the same quantity at the same event time,
    /// whichever came first. A correction holds against what it corrects; a withdrawal holds
    /// against a correction too, unless it names another value.
    public func isSuperseded(by amendment: Observation) -> Bool {
        guard amendment.isAmendment, flags.isDisjoint(with: .withdrawing),
            eventTime == amendment.eventTime, code == amendment.code, source == amendment.source
        else { return false }
        guard flags.contains(.corrected) else { return true }
        return !amendment.flags.isDisjoint(with: .withdrawing)
            && (amendment.value == .absent || amendment.value == value)
    }
}
