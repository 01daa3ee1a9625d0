/// What the store notes on a twin that goes on in another's place: whose observations are its own
/// as well, and through which of the other's revisions.
///
/// It is an observation like any other, so that the twin has a revision for it, and its history
/// says so.
public struct MergeReference: Hashable, Sendable {
    public static let system = "urn:twinline:merged"
    private static let parted = "parted"

    public var retired: TwinID
    /// Nil: the merge was undone.
    public var through: Revision?

    public init(retired: TwinID, through: Revision?) {
        self.retired = retired
        self.through = through
    }

    /// Nil unless the observation is one.
    public init?(_ observation: Observation) {
        guard observation.code.system == MergeReference.system,
            let retired = TwinID(observation.code.value), case .text(let words) = observation.value
        else { return nil }
        self.retired = retired
        through = Revision(words)
        guard through != nil || words == MergeReference.parted else { return nil }
    }

    /// The note, of when the merge or its undo was recorded.
    public func observation(on twin: TwinID, recorded: Instant, at now: Instant) -> Observation {
        Observation(
            twin: twin, code: Code(system: MergeReference.system, value: retired.text),
            value: .text(through.map { "\($0)" } ?? MergeReference.parted), unit: "",
            eventTime: recorded, receiveTime: now, source: "store")
    }
}
