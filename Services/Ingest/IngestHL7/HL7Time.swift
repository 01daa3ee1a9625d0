public import TwinCore

/// A time as HL7 writes it: `YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+/-ZZZZ]`.
public struct HL7Time: Hashable, Sendable {
    public enum Precision: UInt8, Hashable, Sendable, Comparable {
        case year, month, day, hour, minute, second, fraction

        /// How precise a time of so many digits is.
        init?(byteCount: Int) {
            guard (4...14).contains(byteCount), byteCount % 2 == 0 else { return nil }
            self.init(rawValue: UInt8((byteCount - 4) / 2))
        }

        public static func < (left: Precision, right: Precision) -> Bool {
            left.rawValue < right.rawValue
        }
    }

    public var civil: CivilTime
    public var precision: Precision
    /// Minutes east of UTC; nil where none was sent.
    public var offsetMinutes: Int?

    /// Nil if the bytes are no time.
    public init?(_ text: Span<UInt8>) {
        var end = 0
        while end < text.count, text[end] != 0x2B, text[end] != 0x2D { end += 1 }
        guard let (civil, precision) = HL7Time.civil(text.extracting(0..<end)) else { return nil }
        self.civil = civil
        self.precision = precision
        guard end < text.count else { return }
        guard text.count == end + 5, let hours = HL7Time.digits(text, end + 1, 2),
            let minutes = HL7Time.digits(text, end + 3, 2), hours <= 15, minutes <= 59
        else { return nil }
        offsetMinutes = (text[end] == 0x2D ? -1 : 1) * (hours * 60 + minutes)
    }

    /// The instant, if the time or the message says in which zone.
    public func instant(messageOffsetMinutes: Int?) -> Instant? {
        (offsetMinutes ?? messageOffsetMinutes).map { civil.instant(offsetMinutes: $0) }
    }

    private static func civil(_ text: Span<UInt8>) -> (CivilTime, Precision)? {
        var whole = 0
        while whole < text.count, text[whole] != 0x2E { whole += 1 }
        guard var precision = Precision(byteCount: whole), let year = digits(text, 0, 4) else {
            return nil
        }
        func part(_ start: Int, absent: Int) -> Int? {
            start < whole ? digits(text, start, 2) : absent
        }
        var microsecond = 0
        if whole < text.count {
            let count = text.count - whole - 1
            guard precision == .second, (1...9).contains(count),
                let fraction = digits(text, whole + 1, count)
            else { return nil }
            microsecond = fraction
            for _ in 0..<abs(6 - count) {
                microsecond = count < 6 ? microsecond * 10 : microsecond / 10
            }
            precision = .fraction
        }
        guard let month = part(4, absent: 1), let day = part(6, absent: 1),
            let hour = part(8, absent: 0), let minute = part(10, absent: 0),
            let second = part(12, absent: 0),
            let civil = CivilTime(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second,
                microsecond: microsecond)
        else { return nil }
        return (civil, precision)
    }

    private static func digits(_ text: Span<UInt8>, _ start: Int, _ count: Int) -> Int? {
        guard start + count <= text.count else { return nil }
        var value = 0
        for index in start..<(start + count) {
            guard text[index] &- 0x30 < 10 else { return nil }
            value = value * 10 + Int(text[index] - 0x30)
        }
        return value
    }
}
