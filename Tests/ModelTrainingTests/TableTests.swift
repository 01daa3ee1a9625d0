import ModelTraining
import Testing

@Suite struct `A table is learnt from` {
    static let nan = Float.nan

    func table(_ values: [Float], columns: Int = 2) throws -> TrainingTable {
        let count = values.count / columns
        return try TrainingTable(
            columns: (0..<columns).map { .init(name: "f\($0)", unit: "mm[Hg]") }, values: values,
            labels: (0..<count).map { $0.isMultiple(of: 2) })
    }

    @Test func `rows and columns are taken out`() throws {
        let table = try table([1, 2, 3, 4, 5, 6])
        #expect(table.column(1) == [2, 4, 6])
        #expect(Array(table.row(1)) == [3, 4])
        let rows = try table.selecting(rows: [2, 0])
        #expect(rows.values == [5, 6, 1, 2])
        #expect(rows.labels == [true, true] && rows.groups == [2, 0])
        let columns = try table.selecting(columns: [1])
        #expect(columns.values == [2, 4, 6] && columns.columns.map(\.name) == ["f1"])
        #expect(throws: TrainingError.noRows) { try table.selecting(rows: []) }
        #expect(throws: TrainingError.noColumns) { try table.selecting(columns: []) }
    }

    @Test func `a table that is none is refused`() throws {
        #expect(throws: TrainingError.noColumns) {
            try TrainingTable(columns: [], values: [], labels: [true])
        }
        #expect(throws: TrainingError.noRows) { try table([]) }
        #expect(throws: TrainingError.counts("3 values, 1 rows of 2")) { try table([1, 2, 3]) }
        #expect(throws: TrainingError.notFinite(row: 1)) { try table([1, 2, 3, .infinity]) }
        let column = TrainingTable.Column(name: "a")
        #expect(throws: TrainingError.badOption("two columns have one name")) {
            try TrainingTable(columns: [column, column], values: [1, 2], labels: [true])
        }
        #expect(throws: TrainingError.counts("2 groups, 1 rows")) {
            try TrainingTable(columns: [column], values: [1], labels: [true], groups: [1, 2])
        }
    }

    @Test func `gaps are filled with what was learnt`() throws {
        let table = try table([1, Self.nan, 2, Self.nan, 6, Self.nan, Self.nan, Self.nan])
        let mean = Imputation(.mean, of: table)
        #expect(mean.fill == [3, 0] && mean.missingShare == [0.25, 1])
        let median = Imputation(.median, of: table)
        #expect(median.fill == [2, 0])
        #expect(median.filling(table).values == [1, 0, 2, 0, 6, 0, 2, 0])
        #expect(median.filling([.nan, 7]) == [2, 7])
        #expect(Imputation(.median, of: try self.table([1, 5, 4, 6])).fill == [2.5, 5.5])
        let codes = try self.table([3, 2, 1, 2, 1, 7, 3, Self.nan, Self.nan, 7])
        #expect(Imputation(.mostFrequent, of: codes).fill == [1, 2])
    }

    @Test func `columns that say nothing are dropped`() throws {
        let nan = Self.nan
        let table = try table([1, nan, 3, 1, 5, 1, nan, 3, nan, 6, 1, nan, 3, 1, 5], columns: 5)
        #expect(FeatureSelection.informative(table) == [3, 4])
        #expect(FeatureSelection.top(2, byImportance: [0.1, 0.5, 0.1, 0.3]) == [1, 3])
        #expect(FeatureSelection.top(9, byImportance: [0.1, 0.5]) == [0, 1])
    }

    @Test func `numbers depend on the seed alone`() {
        var generator = SeededGenerator(seed: 1_234_567)
        // The published first numbers of SplitMix64.
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
        #expect(generator.permutation(of: 100).sorted() == Array(0..<100))
        #expect((0..<1000).allSatisfy { _ in (0..<7).contains(generator.next(below: 7)) })
        #expect((0..<1000).allSatisfy { _ in (0..<1).contains(generator.nextUnit()) })
    }
}
