import IngestCore
import TwinCore

/// A time of FHIR: `dateTime` or `instant`.
enum FHIRTime {
    /// Reads `2026`, `2026-01`, `2026-01-12` or `2026-01-12T10:14:00.123+01:00`.
    ///
    /// A day is its beginning, in a zone that nobody has said; less than a day is no time of
    /// measurement. Hours without a zone are refused.
    static func read(_ element: FHIRElement) throws(FHIRProblem) -> RawTime {
        let bytes = Array(try element.string().utf8)
        guard let time = time(bytes) else {
            throw element.problem(.value, "no time: a date, or a time of day with its zone")
        }
        return time
    }

    /// The day that `2026-01-12` is; nil for anything else.
    static func day(_ text: String) -> CivilTime? {
        let bytes = Array(text.utf8)
        return bytes.count == 10 ? date(bytes) : nil
    }

    private static func time(_ bytes: [UInt8]) -> RawTime? {
        switch bytes.count {
        case 4: return number(bytes, 0, 4).map { _ in .missing }
        case 7:
            guard bytes[4] == 0x2D, number(bytes, 0, 4) != nil, let month = number(bytes, 5, 2),
                (1...12).contains(month)
            else { return nil }
            return .missing
        case 10: return date(bytes).map { .local($0.instant()) }
        default: return moment(bytes).map { .at($0) }
        }
    }

    private static func date(_ bytes: [UInt8]) -> CivilTime? {
        guard bytes.count >= 10, bytes[4] == 0x2D, bytes[7] == 0x2D,
            let year = number(bytes, 0, 4), let month = number(bytes, 5, 2),
            let day = number(bytes, 8, 2)
        else { return nil }
        return CivilTime(year: year, month: month, day: day)
    }

    private static func moment(_ bytes: [UInt8]) -> Instant? {
        guard bytes.count >= 20, var civil = date(bytes), bytes[10] == 0x54, bytes[13] == 0x3A,
            bytes[16] == 0x3A, let hour = number(bytes, 11, 2), let minute = number(bytes, 14, 2),
            let second = number(bytes, 17, 2), hour < 24, minute < 60, second <= 60
        else { return nil }
        var at = 19
        var microsecond = 0
        if bytes[at] == 0x2E {
            at += 1
            let start = at
            while at < bytes.count, bytes[at] &- 0x30 < 10 {
                // Finer than a microsecond is let go.
                if at - start < 6 { microsecond = microsecond * 10 + Int(bytes[at] - 0x30) }
                at += 1
            }
            guard at > start else { return nil }
            for _ in min(at - start, 6)..<6 { microsecond *= 10 }
        }
        guard let offset = offset(bytes[at...]) else { return nil }
        civil.hour = hour
        civil.minute = minute
        // A leap second is the first moment of the next minute.
        civil.second = min(second, 59)
        civil.microsecond = second == 60 ? 0 : microsecond
        return civil.instant(offsetMinutes: offset).adding(seconds: second == 60 ? 1 : 0)
    }

    /// Minutes east of UTC: `Z`, `+05:30`, up to 14 hours.
    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int? {
        let bytes = Array(bytes)
        if bytes == [0x5A] { return 0 }
        guard bytes.count == 6, bytes[0] == 0x2B || bytes[0] == 0x2D, bytes[3] == 0x3A,
            let hours = number(bytes, 1, 2), let minutes = number(bytes, 4, 2), minutes < 60,
            hours * 60 + minutes <= 14 * 60
        else { return nil }
        return (bytes[0] == 0x2D ? -1 : 1) * (hours * 60 + minutes)
    }

    private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int? {
        guard start + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[start..<start + count] {
            guard byte &- 0x30 < 10 else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }
}
