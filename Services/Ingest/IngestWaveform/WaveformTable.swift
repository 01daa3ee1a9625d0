public import TwinCore
public import TwinWaveform

/// Reads waveforms from a table: a column of times, and one column a signal.
///
/// The first column is `time_s`, `time_ms` or `time` (RFC 3339); each other one is a label, with
/// its unit in brackets: `II[mV]`. The rate is that of the times. Empty cells and `NaN` are
/// missing samples, and so are rows that the times leave out.
public enum WaveformTable {
    /// How numbers and fields are written; nothing but a declaration makes a comma a decimal mark.
    public struct Dialect: Hashable, Sendable {
        public var separator: Character
        public var decimalMark: Character

        public init(separator: Character = ",", decimalMark: Character = ".") {
            precondition(separator != decimalMark && separator.isASCII && decimalMark.isASCII)
            self.separator = separator
            self.decimalMark = decimalMark
        }
    }

    public static func read(
        _ bytes: [UInt8], dialect: Dialect = Dialect(), limits: WaveformLimits = WaveformLimits()
    ) throws(Refusal) -> Recording {
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        var lines = content.split { $0 == 10 || $0 == 13 }[...]
        guard let head = lines.popFirst(), head.count <= limits.headerBytesMax else {
            throw Refusal(.malformed, "a waveform table without a header")
        }
        guard content.last == 10 || content.last == 13 else {
            throw Refusal(.malformed, "a waveform table's last line is cut short")
        }
        let columns = try columns(head, dialect, limits: limits)
        let (cells, overflow) = lines.count.multipliedReportingOverflow(by: columns.count)
        guard !overflow, cells <= limits.samplesMax else {
            throw Refusal(.tooLarge, "a waveform table of more than \(limits.samplesMax) cells")
        }
        var times: [Double] = []
        var values = [[Decimal]](repeating: [], count: columns.count - 1)
        for (row, line) in lines.enumerated() {
            let fields = line.split(
                separator: dialect.separator.asciiValue ?? 44, omittingEmptySubsequences: false
            ).map { TextScan.trimmed(TextScan.text($0)) }
            guard fields.count == columns.count else {
                throw Refusal(.malformed, "row \(row + 2) has \(fields.count) fields")
            }
            times.append(try time(fields[0], column: columns[0].label, dialect, row: row))
            for (index, field) in fields.dropFirst().enumerated() {
                values[index].append(try Decimal(field, dialect, row: row))
            }
        }
        let grid = try TimeGrid(times, limits: limits, columnCount: values.count)
        var waveforms: [Waveform] = []
        for (column, cells) in zip(columns.dropFirst(), values) {
            waveforms.append(try waveform(column, cells, grid))
        }
        let isDated = columns[0].label == "time"
        return Recording(
            name: "",
            startedAt: isDated
                ? Instant(microsecondsSinceEpoch: Int64(times[0] * 1e6)) : nil,
            waveforms: waveforms, flags: isDated ? [] : .timeMissing)
    }

    private static func columns(
        _ head: ArraySlice<UInt8>, _ dialect: Dialect, limits: WaveformLimits
    ) throws(Refusal) -> [(label: String, unit: String)] {
        let names = TextScan.text(head).split(
            separator: dialect.separator, omittingEmptySubsequences: false
        ).map { TextScan.trimmed($0) }
        guard names.count >= 2, names.count <= limits.waveformsMax,
            ["time", "time_s", "time_ms"].contains(names[0])
        else { throw Refusal(.malformed, "a waveform table's columns: time, then signals") }
        guard Set(names).count == names.count, !names.contains("") else {
            throw Refusal(.malformed, "a waveform table's column is ambiguous")
        }
        return names.map { name in
            guard name.last == "]", let open = name.lastIndex(of: "[") else { return (name, "") }
            return (
                TextScan.trimmed(name[..<open]),
                String(name[name.index(after: open)...].dropLast())
            )
        }
    }

    private static func time(
        _ field: String, column: String, _ dialect: Dialect, row: Int
    ) throws(Refusal) -> Double {
        if column == "time" {
            guard let instant = Instant(rfc3339: field) else {
                throw Refusal(.malformed, "row \(row + 2) has no RFC 3339 time with its zone")
            }
            return Double(instant.microsecondsSinceEpoch) / 1e6
        }
        let number = try Decimal(field, dialect, row: row)
        guard let digits = number.digits else {
            throw Refusal(.malformed, "row \(row + 2) has no time")
        }
        let value = Double(digits) / Decimal.power(number.places)
        return column == "time_ms" ? value / 1000 : value
    }

    /// Decimals become whole numbers of their smallest place, so that nothing is rounded.
    private static func waveform(
        _ column: (label: String, unit: String), _ cells: [Decimal], _ grid: TimeGrid
    ) throws(Refusal) -> Waveform {
        let places = cells.map(\.places).max() ?? 0
        guard let scale = WaveformScale(stepsPerUnit: Decimal.power(places), zeroStep: 0) else {
            throw Refusal(.malformed, "the decimals of \(column.label)")
        }
        var samples = [Int32](repeating: Waveform.missing, count: grid.count)
        for (cell, place) in zip(cells, grid.places) {
            guard let digits = cell.digits else { continue }
            let (steps, overflow) = digits.multipliedReportingOverflow(
                by: Int64(Decimal.power(places - cell.places)))
            guard !overflow, let step = Int32(exactly: steps), step != Waveform.missing else {
                throw Refusal(.malformed, "\(column.label) has more digits than can be kept")
            }
            samples[place] = step
        }
        return Waveform(
            label: column.label, unit: column.unit, samplesPerSecond: grid.samplesPerSecond,
            scale: scale, samples: samples, flags: column.unit.isEmpty ? .unitMissing : [])
    }
}

/// A decimal number as it was written; without digits it is missing.
struct Decimal: Hashable {
    var digits: Int64?
    var places = 0

    init(_ field: String, _ dialect: WaveformTable.Dialect, row: Int) throws(Refusal) {
        guard !field.isEmpty, field != "NaN" else { return }
        var value: Int64 = 0
        var count = 0
        var isFraction = false
        for character in field.first == "-" ? field.dropFirst() : field[...] {
            if character == dialect.decimalMark, !isFraction {
                isFraction = true
                continue
            }
            guard let digit = character.isASCII ? character.wholeNumberValue : nil, count < 17
            else { throw Refusal(.malformed, "row \(row + 2) has a cell that is no number") }
            value = value * 10 + Int64(digit)
            count += 1
            if isFraction { places += 1 }
        }
        guard count > 0, places <= 9 else {
            throw Refusal(.malformed, "row \(row + 2) has a cell that is no number")
        }
        digits = field.first == "-" ? -value : value
    }

    static func power(_ places: Int) -> Double {
        (0..<places).reduce(1.0) { product, _ in product * 10 }
    }
}

/// The even grid that times lie on, rows left out included.
struct TimeGrid {
    var samplesPerSecond: Double
    var places: [Int]
    var count: Int

    init(_ times: [Double], limits: WaveformLimits, columnCount: Int) throws(Refusal) {
        let steps = zip(times.dropFirst(), times).map { $0 - $1 }
        guard let first = times.first, let last = times.last, let least = steps.min(), least > 0
        else { throw Refusal(.malformed, "a waveform table's times do not ascend") }
        let mean = (last - first) / Double(steps.count)
        // Printed times are rounded: a step may be off by a tenth, or by a millisecond.
        let isEven = steps.allSatisfy { abs($0 - mean) <= max(0.1 * mean, min(0.0011, 0.5 * mean)) }
        let step = isEven ? mean : least
        guard 1 / step <= limits.rateMax, (last - first) / step < Double(limits.samplesMax),
            (Int((last - first) / step) + 2) * columnCount <= limits.samplesMax
        else { throw Refusal(.tooLarge, "a waveform table of more samples than are allowed") }
        samplesPerSecond = 1 / step
        places = []
        for (row, time) in times.enumerated() {
            let place = isEven ? row : Int(((time - first) / step).rounded())
            guard abs((time - first) / step - Double(place)) < (isEven ? 1 : 0.1),
                place > places.last ?? -1
            else { throw Refusal(.malformed, "row \(row + 2) is not at an even distance") }
            places.append(place)
        }
        count = (places.last ?? -1) + 1
    }
}
