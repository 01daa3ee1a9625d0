/// A table of texts, read as rows to learn from: numbers, and a column that says what happened.
public struct LabelledTable: Sendable {
    /// What its columns are.
    public struct Roles: Hashable, Sendable {
        /// The column that says what happened.
        public var label: String
        /// The label of the rows where the outcome happened; nil for the greater of two.
        public var positive: String?
        /// What the labels are.
        public var target: Target
        /// The column that says whom a row is of; rows of one group never part.
        public var group: String?
        /// Columns that are no features; `*` stands for anything.
        public var ignored: [String]
        /// Only columns whose names begin so are features; all where there are none.
        public var prefixes: [String]

        /// Says of a column's name whether it may be a feature.
        public var takes: (String) -> Bool {
            let patterns = prefixes.map { NamePattern($0 + "*") }
            return { name in patterns.isEmpty || patterns.contains { $0.matches(name) } }
        }

        public enum Target: Hashable, Sendable {
            /// One of two, or one that is looked for among all others.
            case event
            /// Each a class of its own, however many there are.
            case classes
            /// An event where there are two labels, or one is looked for; else classes.
            case outcome
            /// Numbers.
            case quantity
        }

        public init(
            label: String, positive: String? = nil, target: Target = .event, group: String? = nil,
            ignored: [String] = [], prefixes: [String] = []
        ) {
            self.label = label
            self.positive = positive
            self.target = target
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
    /// The label of the rows where the outcome did not happen, then that of the others; or the name
    /// of every class; none of a quantity.
    public let labels: [String]
    /// The unit that the label's column is named with; empty for none.
    public let labelUnit: String
    /// Which record each row was, from 0; records without a label are left out.
    public let records: [Int]

    /// A column is named `name` or `name [unit]`.
    public init(
        header: [String], records: [Record], _ roles: Roles
    ) throws(LabelledTableError) {
        let label = try LabelledTable.place(of: roles.label, in: header)
        let group: Int? =
            if let name = roles.group { try LabelledTable.place(of: name, in: header) } else { nil }
        let ignored = try roles.ignored.filter { !$0.contains("*") }.map {
            name throws(LabelledTableError) in try LabelledTable.place(of: name, in: header)
        }
        let patterns = roles.ignored.filter { $0.contains("*") }.map(NamePattern.init)
        let takes = roles.takes
        let features = header.indices.filter { index in
            let name = LabelledTable.column(header[index]).name
            return index != label && index != group && !ignored.contains(index)
                && takes(name) && !patterns.contains { $0.matches(name) }
        }
        for record in records where record.fields.count != header.count {
            throw .fieldCount(
                line: record.line, count: record.fields.count, expected: header.count)
        }
        let known = records.indices.filter {
            !LabelledTable.missing.contains(records[$0].fields[label])
        }
        var values: [Float] = []
        values.reserveCapacity(known.count * features.count)
        for index in known {
            for column in features {
                values.append(try LabelledTable.number(records[index], column, header[column]))
            }
        }
        let columns = features.map { LabelledTable.column(header[$0]) }
        let groups = group.map { column in
            LabelledTable.numbered(known.map { records[$0].fields[column] })
        }
        (table, labels) = try LabelledRows(
            known.map {
                LabelledRows.Label(line: records[$0].line, text: records[$0].fields[label])
            },
            roles
        ).table(columns, values, groups: groups)
        self.records = known
        labelUnit = LabelledTable.column(header[label]).unit
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
