/// What is known of each row, as texts, read as what is to be learnt.
public struct LabelledRows: Sendable {
    public struct Label: Hashable, Sendable {
        /// Where the text is from, for who made it.
        public var line: Int
        public var text: String

        public init(line: Int, text: String) {
            self.line = line
            self.text = text
        }
    }

    /// More labels than this are no classes unless somebody says so.
    private static let guessedClassCountMax = 50

    private let labels: [Label]
    private let roles: LabelledTable.Roles

    public init(_ labels: [Label], _ roles: LabelledTable.Roles) {
        self.labels = labels
        self.roles = roles
    }

    /// The table of rows with these labels, and the names of the classes; none of a quantity.
    public func table(
        _ columns: [TrainingTable.Column], _ values: [Float], groups: [Int]? = nil
    ) throws(LabelledTableError) -> (table: TrainingTable, names: [String]) {
        if roles.target == .quantity {
            let quantities = try quantities()
            do throws(TrainingError) {
                return (
                    try TrainingTable(
                        columns: columns, values: values, quantities: quantities, groups: groups),
                    []
                )
            } catch { throw .table(error) }
        }
        let (names, isOfClasses) = try names()
        let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        // Where an outcome is told from all else, what is not it is of class 0.
        let own = labels.map { numbers[$0.text] ?? 0 }
        do throws(TrainingError) {
            let table =
                isOfClasses
                ? try TrainingTable(
                    columns: columns, values: values, classes: own, classCount: names.count,
                    groups: groups)
                : try TrainingTable(
                    columns: columns, values: values, labels: own.map { $0 == 1 }, groups: groups)
            return (table, names)
        } catch { throw .table(error) }
    }

    private func quantities() throws(LabelledTableError) -> [Double] {
        try labels.map { label throws(LabelledTableError) in
            guard let number = Double(label.text), Float(number).isFinite else {
                throw .noNumber(line: label.line, column: roles.label, label.text)
            }
            return number
        }
    }

    /// The names of both classes, or of all of them.
    private func names() throws(LabelledTableError) -> (names: [String], isOfClasses: Bool) {
        let distinct = Set(labels.map(\.text)).sorted { left, right in
            if let first = Double(left), let second = Double(right) { return first < second }
            return left < right
        }
        if roles.target == .classes {
            guard (2...TrainingTable.classCountMax).contains(distinct.count) else {
                throw .classes(roles.label, distinct)
            }
            return (distinct, true)
        }
        if let positive = roles.positive {
            guard distinct.contains(positive), distinct.count > 1 else {
                throw .classes(roles.label, distinct)
            }
            let others = distinct.filter { $0 != positive }
            return ([others.count == 1 ? others[0] : "not \(positive)", positive], false)
        }
        if roles.target == .outcome, (3...Self.guessedClassCountMax).contains(distinct.count) {
            return (distinct, true)
        }
        guard distinct.count == 2 else { throw .classes(roles.label, distinct) }
        return (distinct, false)
    }
}
