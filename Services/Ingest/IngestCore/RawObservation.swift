public import TwinCore
public import TwinWaveform

/// A place in the text of a message: what an adapter found, not copied.
public struct RawText: Hashable, Sendable {
    public var start: UInt32
    public var end: UInt32

    public static let empty = RawText(0..<0)

    public init(_ range: Range<Int>) {
        start = UInt32(clamping: range.lowerBound)
        end = UInt32(clamping: range.upperBound)
    }

    public var isEmpty: Bool { start == end }
    public var range: Range<Int> { Int(start)..<Int(end) }

    /// The place without the blanks around it.
    public func trimmed(in text: Span<UInt8>) -> RawText {
        var trimmed = self
        while trimmed.start < trimmed.end, text[Int(trimmed.start)] == 0x20 { trimmed.start += 1 }
        while trimmed.end > trimmed.start, text[Int(trimmed.end) - 1] == 0x20 { trimmed.end -= 1 }
        return trimmed
    }
}

/// A code as it was sent: value, text for people or reference id, and the name of its system.
public struct RawCode: Hashable, Sendable {
    public var value: RawText
    public var text: RawText
    public var system: RawText

    public static let empty = RawCode(value: .empty)

    public init(value: RawText, text: RawText = .empty, system: RawText = .empty) {
        self.value = value
        self.text = text
        self.system = system
    }

    public var isEmpty: Bool { value.isEmpty && text.isEmpty }
}

/// A value as it was sent.
public enum RawValue: Hashable, Sendable {
    case empty
    case number(Double, Comparator)
    /// Anything else; read as a number only where the code says that it is one.
    case text(RawText)
    /// A stretch of a signal that begins at the time; one without samples says that there is none.
    indirect case waveform(Waveform)
}

/// A time as it was sent.
public enum RawTime: Hashable, Sendable {
    /// None, or one that can't be read.
    case missing
    /// With a zone.
    case at(Instant)
    /// Without a zone: the instant at which a clock in UTC would show it.
    case local(Instant)

    /// The same so much later; the end of time where there is no later.
    public func shifted(microseconds: Int64) -> RawTime {
        func shifted(_ instant: Instant) -> Instant {
            let sum = instant.microsecondsSinceEpoch.addingReportingOverflow(microseconds)
            return Instant(microsecondsSinceEpoch: sum.overflow ? .max : sum.partialValue)
        }
        switch self {
        case .missing: return .missing
        case .at(let instant): return .at(shifted(instant))
        case .local(let instant): return .local(shifted(instant))
        }
    }
}

/// One value of a message, before it is cleaned.
public struct RawObservation: Hashable, Sendable {
    public var code: RawCode
    /// A second code of the same value, of another system.
    public var alternateCode: RawCode
    public var value: RawValue
    public var unit: RawCode
    public var time: RawTime
    /// The device, where the message names one for this value.
    public var source: RawText
    /// What the sender's own status words mean.
    public var flags: QualityFlags

    public init(
        code: RawCode, alternateCode: RawCode = .empty, value: RawValue, unit: RawCode = .empty,
        time: RawTime, source: RawText = .empty, flags: QualityFlags = []
    ) {
        self.code = code
        self.alternateCode = alternateCode
        self.value = value
        self.unit = unit
        self.time = time
        self.source = source
        self.flags = flags
    }
}

/// One identifier of a patient, as it was sent.
public struct RawIdentifier: Hashable, Sendable {
    public var value: RawText
    public var authority: RawText
    /// What kind of identifier the sender says it is: `MR`, `PI`.
    public var kind: RawText

    public init(value: RawText, authority: RawText = .empty, kind: RawText = .empty) {
        self.value = value
        self.authority = authority
        self.kind = kind
    }
}
