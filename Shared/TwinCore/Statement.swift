/// What is said of a patient in words, and enters no score.
///
/// Statements are observations like any other: the latest measured one holds, whatever the order
/// in which they came, and the earlier ones stay.
public enum Statement: String, Hashable, Sendable, CaseIterable {
    /// `admitted`, `admission cancelled` or `discharged`.
    case encounterStatus = "encounter-status"
    /// Where the patient is: `WARD/ROOM/BED/FACILITY`.
    case location
    /// The twin that goes on in this one's place; itself once a merge was undone.
    case survivor = "survivor"

    public var code: Code { .twinline(rawValue) }

    public init?(_ code: Code) {
        guard code.system == Code.twinlineSystem else { return nil }
        self.init(rawValue: code.value)
    }
}

extension Code {
    /// Events that alarms are; the code is the event's own.
    public static let alarmSystem = "urn:twinline:alarm"

    /// Whether it is Twinline's for what is said in words: no device's, and known all the same.
    public var isOwn: Bool { system == Code.alarmSystem || Statement(self) != nil }
}
