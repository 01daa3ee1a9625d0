/// Rows to learn from: named features, a label or a quantity, and a group each.
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
    /// Whether the outcome happened; false throughout where it is one of several classes, or where
    /// a quantity is told.
    public let labels: [Bool]
    /// Which of several classes each row is of, numbered from 0; empty where the outcome is an
    /// event, which happened or did not.
    public let classes: [Int]
    /// 0 where the outcome is an event.
    public let classCount: Int
    /// What each row has of a quantity; empty where the outcome is an event or one of several
    /// classes.
    public let quantities: [Double]
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
            columns: columns, values: values, labels: labels, classes: [], classCount: 0,
            quantities: [], groups)
    }

    /// Proves the table of a quantity.
    public init(
        columns: [Column], values: [Float], quantities: [Double], groups: [Int]? = nil
    ) throws(TrainingError) {
        if let row = quantities.firstIndex(where: { !Float($0).isFinite }) {
            throw .notFinite(row: row)
        }
        try self.init(
            columns: columns, values: values, labels: quantities.map { _ in false }, classes: [],
            classCount: 0, quantities: quantities, groups)
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
            classCount: classCount, quantities: [], groups)
    }

    private init(
        columns: [Column], values: [Float], labels: [Bool], classes: [Int], classCount: Int,
        quantities: [Double], _ groups: [Int]?
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
            classCount: classCount, quantities: quantities, groups: groups ?? Array(labels.indices))
    }

    private init(
        proven columns: [Column], values: [Float], labels: [Bool], classes: [Int],
        classCount: Int, quantities: [Double], groups: [Int]
    ) {
        self.columns = columns
        self.values = values
        self.labels = labels
        self.classes = classes
        self.classCount = classCount
        self.quantities = quantities
        self.groups = groups
    }

    /// What the rows are told apart by: the class, whether the outcome happened, or which fifth of a
    /// quantity's values.
    public var strata: [Int] {
        guard quantities.isEmpty else { return fifths }
        return classes.isEmpty ? labels.map { $0 ? 1 : 0 } : classes
    }

    /// How many strata there can be.
    public var stratumCount: Int { quantities.isEmpty ? max(2, classCount) : 5 }

    /// Rows of one value are of one fifth.
    private var fifths: [Int] {
        let sorted = quantities.sorted()
        let edges = (1..<5).map { sorted[$0 * sorted.count / 5] }
        return quantities.map { value in edges.count { $0 <= value } }
    }

    /// How many rows each stratum has.
    var stratumSizes: [Double] {
        var sizes = [Double](repeating: 0, count: stratumCount)
        for stratum in strata { sizes[stratum] += 1 }
        return sizes
    }

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
            quantities: quantities.isEmpty ? [] : rows.map { quantities[$0] },
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
            classCount: classCount, quantities: quantities, groups: groups)
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
            classCount: classCount, quantities: quantities, groups: groups)
    }
}
