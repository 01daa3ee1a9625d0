import TwinCore

/// A mapping made fit for one header: columns by number, codes parsed, everything proved.
struct TablePlan: Sendable {
    struct Parameter: Sendable {
        var code: Code
        var unit: String
        var isText: Bool
        var missing: Set<String>
    }

    struct Long: Sendable {
        var code: Int
        var value: Int
        var unit: Int?
    }

    let columnCount: Int
    let source: String
    let decimalMark: Character
    let timeColumn: Int
    let patientColumn: Int?
    let patientParameter: String?
    let long: Long?
    let wide: [(column: Int, parameter: Parameter)]
    let parameters: [String: Parameter]
    let ignored: Set<String>
    private let authority: String?
    private let clock: TableClock

    var namesPatient: Bool { patientColumn != nil || patientParameter != nil }

    init(_ mapping: TableMapping, header: [String], epoch: Instant?) throws(Refusal) {
        let columns = try TablePlan.columns(header)
        decimalMark = try TablePlan.decimalMark(of: mapping)
        clock = try TableClock(mapping, epoch: epoch)
        authority = mapping.authority
        source = mapping.source
        columnCount = header.count
        ignored = Set(mapping.ignored ?? [])
        timeColumn = try TablePlan.column(mapping.timeColumn, columns)
        patientParameter = mapping.patientParameter
        patientColumn = try TablePlan.optionalColumn(mapping.patientColumn, columns)
        parameters = mapping.parameters.mapValues { parameter in
            Parameter(
                code: Code(token: parameter.code), unit: parameter.unit,
                isText: parameter.isText ?? false,
                missing: Set((mapping.missing ?? []) + (parameter.missing ?? [])))
        }
        long = try TablePlan.long(mapping, columns)
        guard long != nil || mapping.patientParameter == nil else {
            throw Refusal(.malformed, "a patient parameter needs the long form")
        }
        wide =
            long == nil
            ? try TablePlan.wide(
                header, parameters,
                besides: ignored.union([
                    mapping.timeColumn, mapping.patientColumn ?? mapping.timeColumn,
                ])) : []
    }

    /// The twin of an identifier in the table.
    func twin(_ identifier: String) throws(Refusal) -> TwinID {
        guard !identifier.isEmpty, !identifier.contains("|"),
            let twin = TwinID(authority.map { "\($0)|\(identifier)" } ?? identifier)
        else { throw Refusal(.noPatient, "no patient identifier in the row") }
        return twin
    }

    func time(_ text: String) throws(Refusal) -> Instant {
        guard let time = clock.instant(text) else {
            throw Refusal(.malformed, "'\(text)' is no time of the declared format")
        }
        return time
    }

    static func delimiter(of mapping: TableMapping) throws(Refusal) -> UInt8 {
        switch mapping.delimiter ?? "," {
        case ",": UInt8(ascii: ",")
        case ";": UInt8(ascii: ";")
        case "\t": UInt8(ascii: "\t")
        default: throw Refusal(.malformed, "the delimiter must be a comma, semicolon or tab")
        }
    }

    private static func decimalMark(of mapping: TableMapping) throws(Refusal) -> Character {
        switch mapping.decimalMark ?? "." {
        case ".": "."
        case ",": ","
        default: throw Refusal(.malformed, "the decimal mark must be a point or a comma")
        }
    }

    private static func columns(_ header: [String]) throws(Refusal) -> [String: Int] {
        var columns: [String: Int] = [:]
        for (index, name) in header.enumerated() {
            guard columns.updateValue(index, forKey: name) == nil else {
                throw Refusal(.malformed, "two columns are named '\(name)'")
            }
        }
        return columns
    }

    private static func column(_ name: String, _ columns: [String: Int]) throws(Refusal) -> Int {
        guard let column = columns[name] else {
            throw Refusal(
                .malformed, "no column '\(name)' in the header; is the delimiter declared?")
        }
        return column
    }

    private static func optionalColumn(
        _ name: String?, _ columns: [String: Int]
    ) throws(Refusal) -> Int? {
        guard let name else { return nil }
        return try column(name, columns)
    }

    private static func long(
        _ mapping: TableMapping, _ columns: [String: Int]
    ) throws(Refusal) -> Long? {
        switch (mapping.codeColumn, mapping.valueColumn) {
        case (nil, nil): return nil
        case (let code?, let value?):
            return Long(
                code: try column(code, columns), value: try column(value, columns),
                unit: try optionalColumn(mapping.unitColumn, columns))
        default: throw Refusal(.malformed, "the long form needs both a code and a value column")
        }
    }

    private static func wide(
        _ header: [String], _ parameters: [String: Parameter], besides known: Set<String>
    ) throws(Refusal) -> [(column: Int, parameter: Parameter)] {
        var wide: [(column: Int, parameter: Parameter)] = []
        for (index, name) in header.enumerated() where !known.contains(name) {
            guard let parameter = parameters[name] else {
                throw Refusal(.unsupported, "no mapping for the column '\(name)'")
            }
            wide.append((index, parameter))
        }
        return wide
    }
}

/// Times as the mapping declares them.
struct TableClock: Sendable {
    private let format: TableMapping.TimeFormat
    private let epoch: Instant
    private let offsetMinutes: Int

    init(_ mapping: TableMapping, epoch: Instant?) throws(Refusal) {
        format = mapping.timeFormat
        let declared = epoch ?? mapping.epoch.flatMap { Instant(rfc3339: $0) }
        guard format != .elapsed || declared != nil else {
            throw Refusal(.malformed, "elapsed times need an epoch in RFC 3339")
        }
        self.epoch = declared ?? Instant(microsecondsSinceEpoch: 0)
        offsetMinutes = mapping.offsetMinutes ?? 0
        guard format != .civil || mapping.offsetMinutes.map({ abs($0) <= 1_439 }) ?? false else {
            throw Refusal(.malformed, "civil times need an offset of less than a day")
        }
    }

    func instant(_ text: String) -> Instant? {
        switch format {
        case .rfc3339: Instant(rfc3339: text)
        case .civil: civil(text)
        case .elapsed: elapsed(text)
        }
    }

    private func civil(_ text: String) -> Instant? {
        var parts = text.split(separator: " ", omittingEmptySubsequences: false)
        if parts.count == 1 { parts = text.split(separator: "T", omittingEmptySubsequences: false) }
        guard parts.count == 2 else { return nil }
        let seconds = parts[1].utf8.count == 5 ? ":00" : ""
        let instant = Instant(rfc3339: "\(parts[0])T\(parts[1])\(seconds)Z")
        return instant?.adding(seconds: -60 * Int64(offsetMinutes))
    }

    private func elapsed(_ text: String) -> Instant? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), (1...6).contains(parts[0].utf8.count),
            parts.dropFirst().allSatisfy({ $0.utf8.count == 2 }),
            parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } })
        else { return nil }
        let numbers = parts.compactMap { Int64($0) }
        guard numbers.count == parts.count, numbers.dropFirst().allSatisfy({ $0 < 60 }) else {
            return nil
        }
        let seconds = numbers[0] * 3_600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0)
        return epoch.adding(seconds: seconds)
    }
}
