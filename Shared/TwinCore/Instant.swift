/// A point in time, in microseconds since 1970-01-01T00:00:00Z.
///
/// Instants arrive with the data or from a door's clock; no room fetches one.
public struct Instant: Hashable, Comparable, Sendable {
    public var microsecondsSinceEpoch: Int64

    public init(microsecondsSinceEpoch: Int64) {
        self.microsecondsSinceEpoch = microsecondsSinceEpoch
    }

    public static func < (left: Instant, right: Instant) -> Bool {
        left.microsecondsSinceEpoch < right.microsecondsSinceEpoch
    }

    /// The instant `seconds` later; saturates at the ends of the representable range.
    public func adding(seconds: Int64) -> Instant {
        let (product, productOverflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, sumOverflow) = microsecondsSinceEpoch.addingReportingOverflow(product)
        guard !productOverflow, !sumOverflow else {
            return Instant(microsecondsSinceEpoch: seconds < 0 ? .min : .max)
        }
        return Instant(microsecondsSinceEpoch: sum)
    }

    /// The instant so many microseconds later; saturates like ``adding(seconds:)``.
    public func adding(microseconds: Int64) -> Instant {
        let (sum, overflow) = microsecondsSinceEpoch.addingReportingOverflow(microseconds)
        return Instant(
            microsecondsSinceEpoch: overflow ? (microseconds < 0 ? .min : .max) : sum)
    }

    /// Seconds from `earlier` to this instant.
    public func seconds(since earlier: Instant) -> Double {
        (Double(microsecondsSinceEpoch) - Double(earlier.microsecondsSinceEpoch)) / 1_000_000
    }
}

/// A date and time of day of the proleptic Gregorian calendar.
public struct CivilTime: Hashable, Sendable {
    public var year: Int
    public var month: Int
    public var day: Int
    public var hour: Int
    public var minute: Int
    public var second: Int
    public var microsecond: Int

    /// Nil unless every part is in its range; years 1 to 9999, a leap second is refused.
    public init?(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
        microsecond: Int = 0
    ) {
        guard (1...9999).contains(year), (1...12).contains(month),
            (1...CivilTime.days(inMonth: month, of: year)).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second),
            (0...999_999).contains(microsecond)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        self.microsecond = microsecond
    }

    /// The civil time in UTC of an instant, whose year must lie in 1 to 9999.
    public init?(_ instant: Instant) {
        let perDay: Int64 = 86_400_000_000
        var dayNumber = instant.microsecondsSinceEpoch / perDay
        var rest = instant.microsecondsSinceEpoch % perDay
        if rest < 0 {
            rest += perDay
            dayNumber -= 1
        }
        // Days to civil date: H. Hinnant, "chrono-compatible low-level date algorithms".
        let shifted = Int(dayNumber) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        self.init(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * marchMonth + 2) / 5 + 1, hour: Int(rest / 3_600_000_000),
            minute: Int(rest / 60_000_000 % 60), second: Int(rest / 1_000_000 % 60),
            microsecond: Int(rest % 1_000_000))
    }

    /// The instant at which a clock `offsetMinutes` east of UTC shows this civil time.
    public func instant(offsetMinutes: Int = 0) -> Instant {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let dayNumber = Int64(era * 146_097 + dayOfEra - 719_468)
        let seconds =
            dayNumber * 86_400 + Int64(hour * 3600 + (minute - offsetMinutes) * 60 + second)
        return Instant(microsecondsSinceEpoch: seconds * 1_000_000 + Int64(microsecond))
    }

    static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Instant: CustomStringConvertible {
    /// RFC 3339 in UTC, with as many fractional digits (0, 3 or 6) as the instant needs.
    public var description: String {
        guard let civil = CivilTime(self) else { return "invalid" }
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        var fraction = ""
        if civil.microsecond % 1000 != 0 {
            fraction = "." + padded(civil.microsecond, 6)
        } else if civil.microsecond != 0 {
            fraction = "." + padded(civil.microsecond / 1000, 3)
        }
        return "\(padded(civil.year, 4))-\(padded(civil.month, 2))-\(padded(civil.day, 2))T"
            + "\(padded(civil.hour, 2)):\(padded(civil.minute, 2)):\(padded(civil.second, 2))"
            + "\(fraction)Z"
    }

    /// Reads an RFC 3339 time; nil if it is none.
    ///
    /// The offset must be present.
    public init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[range] {
                guard (48...57).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 48)
            }
            return value
        }
        func isByte(_ index: Int, _ character: Character) -> Bool {
            index < bytes.count && bytes[index] == character.asciiValue
        }
        guard isByte(4, "-"), isByte(7, "-"), isByte(10, "T") || isByte(10, "t"), isByte(13, ":"),
            isByte(16, ":"), let year = number(0..<4), let month = number(5..<7),
            let day = number(8..<10), let hour = number(11..<13), let minute = number(14..<16),
            let second = number(17..<19)
        else { return nil }
        var index = 19
        var microsecond = 0
        if isByte(index, ".") {
            let end = bytes[20...].firstIndex { !(48...57).contains($0) } ?? bytes.count
            guard end > 20, end <= 29, let fraction = number(20..<min(end, 26)) else { return nil }
            microsecond = fraction
            for _ in min(end, 26)..<26 { microsecond *= 10 }
            index = end
        }
        guard let offsetMinutes = Instant.offset(bytes[min(index, bytes.count)...]),
            let civil = CivilTime(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second,
                microsecond: microsecond)
        else { return nil }
        self = civil.instant(offsetMinutes: offsetMinutes)
    }

    /// Minutes east of UTC written as `Z` or `+hh:mm`; nil if it is neither.
    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int? {
        let text = Array(bytes)
        if text == [0x5A] || text == [0x7A] { return 0 }
        guard text.count == 6, text[0] == 0x2B || text[0] == 0x2D, text[3] == 0x3A else {
            return nil
        }
        let digits = [text[1], text[2], text[4], text[5]]
        guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        let values = digits.map { Int($0) - 48 }
        let hours = values[0] * 10 + values[1]
        let minutes = values[2] * 10 + values[3]
        guard hours <= 23, minutes <= 59 else { return nil }
        return (text[0] == 0x2D ? -1 : 1) * (hours * 60 + minutes)
    }
}
