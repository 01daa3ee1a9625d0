/// Rows to learn from: named features, a label and a group each.
public struct TrainingTable: Hashable, Sendable {
    public struct Column: Hashable, Sendable {
        public var name: String
        /// The unit, as UCUM writes it; empty for none.
        public var unit: String

        public init(name: String, unit: String = "") {
            self.name = name
            self.unit = unit
        }
    }

    public static let rowCountMax = 1 << 24
    public static let columnCountMax = 1 << 16
    public static let cellCountMax = 1 << 31

    public let columns: [Column]
    /// Row after row; NaN stands for a missing value.
    public let values: [Float]
    /// Whether the outcome happened; false throughout where it is one of several classes.
    public let labels: [Bool]
    /// Which of several classes each row is of, numbered from 0; empty where the outcome is an
    /// event, which happened or did not.
    public let classes: [Int]
    /// 0 where the outcome is an event.
    public let classCount: Int
    /// Whom each row is of; rows of one group never part between training and test.
    public let groups: [Int]

    public var rowCount: Int { labels.count }
    public var columnCount: Int { columns.count }
    public var positiveCount: Int { labels.count { $0 } }

    public static let classCountMax = 256

    /// Proves the table of an event; without groups each row is one of its own.
    public init(
        columns: [Column], values: [Float], labels: [Bool], groups: [Int]? = nil
    ) throws(TrainingError) {
        try self.init(
            columns: columns, values: values, labels: labels, classes: [], classCount: 0, groups)
    }

    /// Proves the table of several classes, numbered from 0.
    public init(
        columns: [Column], values: [Float], classes: [Int], classCount: Int, groups: [Int]? = nil
    ) throws(TrainingError) {
        guard (2...Self.classCountMax).contains(classCount) else {
            throw .badOption("\(classCount) classes")
        }
        guard classes.allSatisfy({ (0..<classCount).contains($0) }) else {
            throw .counts("a class that is not below \(classCount)")
        }
        try self.init(
            columns: columns, values: values, labels: classes.map { _ in false }, classes: classes,
            classCount: classCount, groups)
    }

    private init(
        columns: [Column], values: [Float], labels: [Bool], classes: [Int], classCount: Int,
        _ groups: [Int]?
    ) throws(TrainingError) {
        guard !columns.isEmpty else { throw .noColumns }
        guard !labels.isEmpty else { throw .noRows }
        guard columns.count <= Self.columnCountMax, labels.count <= Self.rowCountMax,
            columns.count * labels.count <= Self.cellCountMax
        else { throw .tooLarge("\(labels.count) rows of \(columns.count)") }
        guard values.count == columns.count * labels.count else {
            throw .counts("\(values.count) values, \(labels.count) rows of \(columns.count)")
        }
        guard groups == nil || groups?.count == labels.count else {
            throw .counts("\(groups?.count ?? 0) groups, \(labels.count) rows")
        }
        if let cell = values.firstIndex(where: \.isInfinite) {
            throw .notFinite(row: cell / columns.count)
        }
        guard Set(columns.map(\.name)).count == columns.count else {
            throw .badOption("two columns have one name")
        }
        self.init(
            proven: columns, values: values, labels: labels, classes: classes,
            classCount: classCount, groups: groups ?? Array(labels.indices))
    }

    private init(
        proven columns: [Column], values: [Float], labels: [Bool], classes: [Int],
        classCount: Int, groups: [Int]
    ) {
        self.columns = columns
        self.values = values
        self.labels = labels
        self.classes = classes
        self.classCount = classCount
        self.groups = groups
    }

    /// What the rows are told apart by: the class, or whether the outcome happened.
    public var strata: [Int] { classes.isEmpty ? labels.map { $0 ? 1 : 0 } : classes }

    /// The values of one row.
    public func row(_ index: Int) -> ArraySlice<Float> {
        values[index * columnCount..<(index + 1) * columnCount]
    }

    /// The values of one column.
    public func column(_ index: Int) -> [Float] {
        precondition(columns.indices.contains(index))
        return labels.indices.map { values[$0 * columnCount + index] }
    }

    /// The table of some rows, in the order given; none of no rows.
    public func selecting(rows: [Int]) throws(TrainingError) -> TrainingTable {
        guard !rows.isEmpty else { throw .noRows }
        return taking(rows)
    }

    /// The table of some rows; at least one.
    func taking(_ rows: [Int]) -> TrainingTable {
        TrainingTable(
            proven: columns, values: rows.flatMap { row($0) }, labels: rows.map { labels[$0] },
            classes: classes.isEmpty ? [] : rows.map { classes[$0] }, classCount: classCount,
            groups: rows.map { groups[$0] })
    }

    /// The table of some columns, in the order given; none of no columns.
    public func selecting(columns chosen: [Int]) throws(TrainingError) -> TrainingTable {
        guard !chosen.isEmpty else { throw .noColumns }
        precondition(Set(chosen).count == chosen.count)
        return taking(columns: chosen)
    }

    /// The table of some columns; at least one, and none twice.
    func taking(columns chosen: [Int]) -> TrainingTable {
        let values = labels.indices.flatMap { row in
            chosen.map { self.values[row * columnCount + $0] }
        }
        return TrainingTable(
            proven: chosen.map { columns[$0] }, values: values, labels: labels, classes: classes,
            classCount: classCount, groups: groups)
    }

    /// The same table with every value put through `transform`, which is told the column.
    func mapping(_ transform: (Float, Int) -> Float) -> TrainingTable {
        var values = values
        for cell in values.indices { values[cell] = transform(values[cell], cell % columnCount) }
        return with(values)
    }

    /// The same table with one column's values dealt out among the rows in another order.
    func dealing(_ column: Int, by order: [Int]) -> TrainingTable {
        var values = values
        for (row, from) in order.enumerated() {
            values[row * columnCount + column] = self.values[from * columnCount + column]
        }
        return with(values)
    }

    /// The same rows with other values.
    private func with(_ values: [Float]) -> TrainingTable {
        TrainingTable(
            proven: columns, values: values, labels: labels, classes: classes,
            classCount: classCount, groups: groups)
    }
}
