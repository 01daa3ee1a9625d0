/// A table of texts, read as rows to learn from: numbers, and a column that says what happened.
public struct LabelledTable: Sendable {
    /// What its columns are.
    public struct Roles: Hashable, Sendable {
        /// The column that says what happened.
        public var label: String
        /// The label of the rows where the outcome happened; nil for the greater of two.
        public var positive: String?
        /// The column that says whom a row is of; rows of one group never part.
        public var group: String?
        /// Columns that are no features.
        public var ignored: [String]
        /// Only columns whose names begin so are features; all where there are none.
        public var prefixes: [String]

        public init(
            label: String, positive: String? = nil, group: String? = nil, ignored: [String] = [],
            prefixes: [String] = []
        ) {
            self.label = label
            self.positive = positive
            self.group = group
            self.ignored = ignored
            self.prefixes = prefixes
        }
    }

    /// A line of the table, and the number that it has in the file.
    public struct Record: Hashable, Sendable {
        public var line: Int
        public var fields: [String]

        public init(line: Int, fields: [String]) {
            self.line = line
            self.fields = fields
        }
    }

    /// Texts that stand for a missing value.
    public static let missing: Set<String> = ["", "NA", "NaN", "nan", "?"]

    public let table: TrainingTable
    /// The label of the rows where the outcome did not happen, then that of the others.
    public let labels: [String]
    /// Which record each row was, from 0; records without a label are left out.
    public let records: [Int]

    /// A column is named `name` or `name [unit]`.
    public init(
        header: [String], records: [Record], _ roles: Roles
    ) throws(LabelledTableError) {
        let label = try LabelledTable.place(of: roles.label, in: header)
        let group: Int? =
            if let name = roles.group { try LabelledTable.place(of: name, in: header) } else { nil }
        let ignored = try roles.ignored.map { name throws(LabelledTableError) in
            try LabelledTable.place(of: name, in: header)
        }
        let features = header.indices.filter { index in
            index != label && index != group && !ignored.contains(index)
                && (roles.prefixes.isEmpty
                    || roles.prefixes.contains { header[index].hasPrefix($0) })
        }
        for record in records where record.fields.count != header.count {
            throw .fieldCount(
                line: record.line, count: record.fields.count, expected: header.count)
        }
        let known = records.indices.filter {
            !LabelledTable.missing.contains(records[$0].fields[label])
        }
        let (negative, positive) = try LabelledTable.classes(
            known.map { records[$0].fields[label] }, roles)
        var values: [Float] = []
        values.reserveCapacity(known.count * features.count)
        for index in known {
            for column in features {
                values.append(try LabelledTable.number(records[index], column, header[column]))
            }
        }
        do throws(TrainingError) {
            table = try TrainingTable(
                columns: features.map { LabelledTable.column(header[$0]) }, values: values,
                labels: known.map { records[$0].fields[label] == positive },
                groups: group.map { column in
                    LabelledTable.numbered(known.map { records[$0].fields[column] })
                })
        } catch { throw .table(error) }
        labels = [negative, positive]
        self.records = known
    }

    private static func place(
        of name: String, in header: [String]
    ) throws(LabelledTableError) -> Int {
        guard
            let place = header.firstIndex(of: name)
                ?? header.firstIndex(where: { column($0).name == name })
        else { throw .noColumn(name, of: header.map { column($0).name }) }
        return place
    }

    private static func column(_ text: String) -> TrainingTable.Column {
        guard text.hasSuffix("]"), let open = text.firstRange(of: " [") else {
            return .init(name: text)
        }
        return .init(
            name: String(text[..<open.lowerBound]),
            unit: String(text[open.upperBound...].dropLast()))
    }

    private static func number(
        _ record: Record, _ column: Int, _ name: String
    ) throws(LabelledTableError) -> Float {
        let text = record.fields[column]
        if missing.contains(text) { return .nan }
        guard let number = Float(text), number.isFinite else {
            throw .noNumber(line: record.line, column: Self.column(name).name, text)
        }
        return number
    }

    /// The labels of both classes.
    private static func classes(
        _ labels: [String], _ roles: Roles
    ) throws(LabelledTableError) -> (negative: String, positive: String) {
        let distinct = Set(labels).sorted { left, right in
            if let first = Double(left), let second = Double(right) { return first < second }
            return left < right
        }
        if let positive = roles.positive {
            guard distinct.contains(positive), distinct.count > 1 else {
                throw .classes(roles.label, distinct)
            }
            let others = distinct.filter { $0 != positive }
            return (others.count == 1 ? others[0] : "not \(positive)", positive)
        }
        guard distinct.count == 2 else { throw .classes(roles.label, distinct) }
        return (distinct[0], distinct[1])
    }

    private static func numbered(_ names: [String]) -> [Int] {
        var numbers: [String: Int] = [:]
        return names.enumerated().map { row, name in
            // Nobody knows whom a row without a name is of: it is a group of its own.
            guard !missing.contains(name) else { return -1 - row }
            let number = numbers[name, default: numbers.count]
            numbers[name] = number
            return number
        }
    }
}

/// Why a table can't be learnt from.
public enum LabelledTableError: Error, Hashable, Sendable, CustomStringConvertible {
    case noColumn(String, of: [String])
    case fieldCount(line: Int, count: Int, expected: Int)
    case noNumber(line: Int, column: String, String)
    /// Not two classes, and it is not said which is the outcome.
    case classes(String, [String])
    case table(TrainingError)

    public var description: String {
        switch self {
        case .noColumn(let name, let names):
            "no column '\(name)'; there are \(names.prefix(40).joined(separator: ", "))"
        case .fieldCount(let line, let count, let expected):
            "line \(line): \(count) fields, not \(expected)"
        case .noNumber(let line, let column, let text):
            "line \(line): '\(text)' in column '\(column)' is no number: write it as numbers, or "
                + "leave the column out"
        case .classes(let label, let values):
            "the column '\(label)' has \(values.count) values "
                + "(\(values.prefix(10).joined(separator: ", "))): two are needed, or say which "
                + "is the outcome"
        case .table(let error): error.description
        }
    }
}
