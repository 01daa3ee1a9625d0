/// A code of a terminology, written as in FHIR's token form: `system|code`.
public struct Code: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let system: String
    public let value: String

    public init(system: String, value: String) {
        self.system = system
        self.value = value
    }

    /// Reads `system|code`; a text without a bar is a code without a system.
    public init(token: String) {
        guard let bar = token.lastIndex(of: "|") else {
            self.init(system: "", value: token)
            return
        }
        self.init(
            system: String(token[..<bar]), value: String(token[token.index(after: bar)...]))
    }

    public static func loinc(_ value: String) -> Code { Code(system: loincSystem, value: value) }
    public static func mdc(_ value: String) -> Code { Code(system: mdcSystem, value: value) }

    static func twinline(_ value: String) -> Code { Code(system: twinlineSystem, value: value) }

    public static let loincSystem = "http://loinc.org"
    public static let mdcSystem = "urn:iso:std:iso:11073:10101"
    /// For what no public terminology names.
    public static let twinlineSystem = "urn:twinline:codes"

    public var description: String { "\(system)|\(value)" }

    public static func < (left: Code, right: Code) -> Bool {
        (left.system, left.value) < (right.system, right.value)
    }
}

/// How a number stands to the true value (FHIR `Quantity.comparator`).
public enum Comparator: UInt8, Hashable, Sendable, CaseIterable {
    case equal = 0
    case less = 1
    case lessOrEqual = 2
    case greaterOrEqual = 3
    case greater = 4

    /// `=`, `<`, `<=`, `>=` or `>`.
    public var symbol: String {
        switch self {
        case .equal: "="
        case .less: "<"
        case .lessOrEqual: "<="
        case .greaterOrEqual: ">="
        case .greater: ">"
        }
    }
}

/// What was observed.
///
/// Absent is a value of its own: it is never zero.
public enum ObservedValue: Hashable, Sendable {
    case number(Double)
    case text(String)
    /// A stretch of a signal that begins at the event time.
    case waveform(WaveformBlock)
    case absent
}

/// One coded value of one patient, measured at one time.
///
/// `code` and `unit` are canonical where ``Concept`` knows the quantity, else as they were sent.
public struct Observation: Hashable, Sendable {
    public var twin: TwinID
    public var code: Code
    public var value: ObservedValue
    public var comparator: Comparator
    /// UCUM; empty where the quantity has none.
    public var unit: String
    /// When it was measured.
    public var eventTime: Instant
    /// When ingest got it.
    public var receiveTime: Instant
    public var source: Source
    public var flags: QualityFlags
    /// Why rules have flagged it, in ascending order; most have none.
    public var reasons: [RuleReason]

    public init(
        twin: TwinID, code: Code, value: ObservedValue, comparator: Comparator = .equal,
        unit: String, eventTime: Instant, receiveTime: Instant, source: Source,
        flags: QualityFlags = [], reasons: [RuleReason] = []
    ) {
        self.twin = twin
        self.code = code
        self.value = value
        self.comparator = comparator
        self.unit = unit
        self.eventTime = eventTime
        self.receiveTime = receiveTime
        self.source = source
        self.flags = flags
        self.reasons = reasons
    }

    /// Whether it may enter a score: a number or a waveform, and no flag against it.
    public var isUsable: Bool {
        switch value {
        case .number, .waveform: flags.isDisjoint(with: .unusable)
        case .text, .absent: false
        }
    }

    /// The number, if there is one.
    public var number: Double? {
        guard case .number(let number) = value else { return nil }
        return number
    }
}

/// An observation as the store keeps it.
public struct StoredObservation: Hashable, Sendable {
    public var observation: Observation
    /// The twin's revision that brought it in.
    public var commitRevision: Revision
    /// When the store knew it.
    public var commitTime: Instant

    public init(observation: Observation, commitRevision: Revision, commitTime: Instant) {
        self.observation = observation
        self.commitRevision = commitRevision
        self.commitTime = commitTime
    }
}

extension Observation {
    /// A total order that does not depend on arrival: event time, then everything else that is told
    /// of a value.
    ///
    /// Sums and choices made in it are the same for every permutation.
    public static func canonicalOrder(_ left: Observation, _ right: Observation) -> Bool {
        if left.eventTime != right.eventTime { return left.eventTime < right.eventTime }
        if left.code != right.code { return left.code < right.code }
        if left.source != right.source { return left.source < right.source }
        if left.value != right.value { return left.value.canonicallyPrecedes(right.value) }
        if left.flags != right.flags { return left.flags.rawValue < right.flags.rawValue }
        if left.comparator != right.comparator {
            return left.comparator.rawValue < right.comparator.rawValue
        }
        if left.unit != right.unit { return left.unit < right.unit }
        if left.receiveTime != right.receiveTime { return left.receiveTime < right.receiveTime }
        if left.twin != right.twin { return left.twin < right.twin }
        return left.reasons.lexicographicallyPrecedes(right.reasons)
    }
}

extension ObservedValue {
    fileprivate func canonicallyPrecedes(_ other: ObservedValue) -> Bool {
        switch (self, other) {
        case (.number(let left), .number(let right)): left < right
        case (.text(let left), .text(let right)): left < right
        case (.waveform(let left), .waveform(let right)):
            left.bytes.lexicographicallyPrecedes(right.bytes)
        default: rank < other.rank
        }
    }

    private var rank: Int {
        switch self {
        case .absent: 0
        case .text: 1
        case .number: 2
        case .waveform: 3
        }
    }
}
