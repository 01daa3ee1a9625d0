/// What is known against, or to be known about, one value.
///
/// Flags travel with the value to the doctor's eye; nothing is deleted because of one.
public struct QualityFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    // A value with any of these must not enter a score.
    /// The sender said nothing: an empty field, or no value at all.
    public static let empty = QualityFlags(rawValue: 1 << 0)
    /// The sender said that there is no result (status X, not measured, lead off).
    public static let noResult = QualityFlags(rawValue: 1 << 1)
    /// A number that stands for "not measured" (-100, 8388607, 0 where 0 means not measured).
    public static let sentinel = QualityFlags(rawValue: 1 << 2)
    /// Outside what a living patient can have.
    public static let outOfRange = QualityFlags(rawValue: 1 << 3)
    /// Measured later than it was received.
    public static let futureTime = QualityFlags(rawValue: 1 << 4)
    /// No unit was sent, where one is needed.
    public static let unitMissing = QualityFlags(rawValue: 1 << 5)
    /// The unit is unknown, or not one of this quantity.
    public static let unitUnknown = QualityFlags(rawValue: 1 << 6)
    /// Two codes of one value disagree about what it is.
    public static let codeConflict = QualityFlags(rawValue: 1 << 7)
    /// The device says that the value is not to be relied on.
    public static let deviceInvalid = QualityFlags(rawValue: 1 << 8)
    /// Withdrawn by its sender.
    public static let deleted = QualityFlags(rawValue: 1 << 9)
    /// Withdrawn by its sender: it belongs to another patient.
    public static let wrongPatient = QualityFlags(rawValue: 1 << 10)
    /// Not a number, where one is needed.
    public static let notNumeric = QualityFlags(rawValue: 1 << 11)
    /// No code that Twinline knows: kept, shown, used in no score.
    public static let codeUnknown = QualityFlags(rawValue: 1 << 12)
    /// A bound (`<5`), not a value.
    public static let bound = QualityFlags(rawValue: 1 << 13)
    /// No time was sent.
    public static let timeMissing = QualityFlags(rawValue: 1 << 14)
    /// Its sender has corrected or withdrawn it since: told when it is read, never stored.
    public static let superseded = QualityFlags(rawValue: 1 << 15)

    // A value with only these may enter a score.
    /// The time zone was not sent and is not configured.
    public static let zoneUnknown = QualityFlags(rawValue: 1 << 16)
    /// Brought to the canonical unit.
    public static let converted = QualityFlags(rawValue: 1 << 17)
    /// A result that its sender calls preliminary or not validated.
    public static let preliminary = QualityFlags(rawValue: 1 << 18)
    /// Replaces a value sent before.
    public static let corrected = QualityFlags(rawValue: 1 << 19)
    /// Older than its quantity stays valid.
    public static let stale = QualityFlags(rawValue: 1 << 20)
    /// Not measured: put in by a model's treatment of missing values.
    public static let imputed = QualityFlags(rawValue: 1 << 21)
    /// Some of the inputs are missing.
    public static let incomplete = QualityFlags(rawValue: 1 << 22)
    /// Outside of what the training patients of a model had.
    public static let unseen = QualityFlags(rawValue: 1 << 23)
    /// Further from the value before it than its quantity moves in the time between.
    public static let rateOfChange = QualityFlags(rawValue: 1 << 24)
    /// One of many values that do not vary as those of a living patient do.
    public static let flatLine = QualityFlags(rawValue: 1 << 25)
    /// Far from those before and those after it.
    public static let spike = QualityFlags(rawValue: 1 << 26)
    /// Another source of the same quantity says otherwise.
    public static let disagreement = QualityFlags(rawValue: 1 << 27)

    /// What rules say that look at a value's neighbours; on a feature: of values that it could
    /// have been made of, whether they were left out or not.
    public static let ofNeighbours: QualityFlags = [
        .rateOfChange, .flatLine, .spike, .disagreement,
    ]

    /// Parts of the signal lie at the end of what its device can tell.
    public static let clipped = QualityFlags(rawValue: 1 << 28)
    /// Its message departs from its standard, in a way that touches no value.
    public static let irregular = QualityFlags(rawValue: 1 << 30)

    /// A rule that looks at its neighbours keeps it out; another flag says which.
    ///
    /// Told when it is read, never stored with the value.
    public static let suspect = QualityFlags(rawValue: 1 << 31)

    /// Every flag that keeps a value out of scores.
    public static let unusable = QualityFlags(rawValue: 0x8000_FFFF)

    /// Each flag with its word, in the order in which they are written.
    public static let words: [(flag: QualityFlags, word: String)] = [
        (.empty, "empty"), (.noResult, "no-result"), (.sentinel, "sentinel"),
        (.outOfRange, "out-of-range"), (.futureTime, "future-time"),
        (.unitMissing, "unit-missing"), (.unitUnknown, "unit-unknown"),
        (.codeConflict, "code-conflict"), (.deviceInvalid, "device-invalid"),
        (.deleted, "deleted"), (.wrongPatient, "wrong-patient"), (.notNumeric, "not-numeric"),
        (.codeUnknown, "code-unknown"), (.bound, "bound"), (.timeMissing, "time-missing"),
        (.superseded, "superseded"),
        (.zoneUnknown, "zone-unknown"), (.converted, "converted"), (.preliminary, "preliminary"),
        (.corrected, "corrected"), (.stale, "stale"), (.imputed, "imputed"),
        (.incomplete, "incomplete"), (.unseen, "unseen"), (.rateOfChange, "rate-of-change"),
        (.flatLine, "flat-line"), (.spike, "spike"), (.disagreement, "disagreement"),
        (.clipped, "clipped"), (.irregular, "irregular"), (.suspect, "suspect"),
    ]

    /// The words of the flags that are set.
    public var words: [String] {
        QualityFlags.words.filter { contains($0.flag) }.map(\.word)
    }
}
