import ModelTraining

/// The groups of patients that a page judges apart.
struct RowGroups {
    struct Member {
        let variable: String
        let name: String
        /// Rows of the table, at least one.
        let rows: [Int]
    }

    let groups: [Member]

    private static let usual = ["age.last:45,65,80", "sex.last", "icu_type.last"]

    init(_ options: ReportOptions, _ source: TrainingSource) throws {
        let asked =
            options.subgroup.isEmpty
            ? Self.usual.filter { Self.values(of: $0.prefix { $0 != ":" }, source) != nil }
            : options.subgroup
        groups = try asked.flatMap { try Self.groups(by: $0, source) }
    }

    private static func groups(by text: String, _ source: TrainingSource) throws -> [Member] {
        let parts = text.split(separator: ":", maxSplits: 1)
        let bounds = try (parts.count > 1 ? parts[1] : "").split(separator: ",").map { bound in
            guard let number = Double(bound) else {
                throw CommandFailure("--subgroup \(text): '\(bound)' is no number", status: 2)
            }
            return number
        }
        guard let name = parts.first, let values = values(of: name, source) else {
            throw CommandFailure(
                "--subgroup \(text): no such feature or column of the outcomes", status: 2)
        }
        var rows: [Group: [Int]] = [:]
        for (row, value) in values.enumerated() {
            rows[Group(value, bounds), default: []].append(row)
        }
        return rows.sorted { $0.key < $1.key }.map { group, rows in
            Member(variable: String(name), name: group.name, rows: rows)
        }
    }

    /// A value for each row, empty where it has none; nil where nothing has that name.
    private static func values(of name: Substring, _ source: TrainingSource) -> [String]? {
        let table = source.table
        if let column = table.columns.firstIndex(where: { $0.name == name }) {
            return table.column(column).map { $0.isNaN ? "" : Output.short(Double($0)) }
        }
        guard let outcomes = source.outcomes, outcomes.columns.contains(String(name)) else {
            return nil
        }
        return source.twins.map { outcomes.value(String(name), of: $0) ?? "" }
    }
}

/// One group of patients: those with a value, or between two bounds.
private struct Group: Hashable, Comparable {
    /// Groups go by their values, what is unknown last.
    let place: Double
    let name: String

    init(_ value: String, _ bounds: [Double]) {
        let number = Double(value)
        if value.isEmpty || (number == nil && !bounds.isEmpty) {
            (place, name) = (.infinity, "unknown")
        } else if let number, let first = bounds.first, let last = bounds.last {
            let above = bounds.firstIndex { $0 > number } ?? bounds.count
            place = number < first ? -.infinity : bounds[max(0, above - 1)]
            name =
                number < first
                ? "below \(Output.short(first))"
                : number < last
                    ? "\(Output.short(bounds[above - 1])) to below \(Output.short(bounds[above]))"
                    : "\(Output.short(last)) and above"
        } else {
            (place, name) = (number ?? 0, value)
        }
    }

    static func < (left: Group, right: Group) -> Bool {
        (left.place, left.name) < (right.place, right.name)
    }
}
