import ModelTraining
import Testing

@Suite struct `A table of texts is read as rows to learn from` {
    private func read(
        _ text: String, _ roles: LabelledTable.Roles = .init(label: "sick")
    ) throws -> LabelledTable {
        let lines = text.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        return try LabelledTable(
            header: lines[0],
            records: lines.dropFirst().enumerated().map {
                .init(line: $0.offset + 2, fields: $0.element)
            }, roles)
    }

    private let sample = """
        id,age [a],rate [/min],sick,note
        a,70,80,1,5
        a,71,,0,6
        b,NA,?,1,7
        c,50,60.5,,8
        d,1e1,-3,0,9
        """

    @Test func `with units, gaps, groups and labels`() throws {
        var roles = LabelledTable.Roles(label: "sick", group: "id", ignored: ["note"])
        let read = try read(sample, roles)
        #expect(
            read.table.columns == [
                .init(name: "age", unit: "a"), .init(name: "rate", unit: "/min"),
            ])
        #expect(read.table.labels == [true, false, true, false])
        #expect(read.records == [0, 1, 2, 4] && read.labels == ["0", "1"])
        #expect(read.table.groups[0] == read.table.groups[1])
        #expect(Set(read.table.groups).count == 3)
        #expect(read.table.values[1] == 80 && read.table.values[6] == 10)
        #expect(read.table.values.count { $0.isNaN } == 3)
        roles.prefixes = ["rate"]
        #expect(try self.read(sample, roles).table.columns.map(\.name) == ["rate"])
    }

    @Test func `of more than two labels one is the outcome`() throws {
        let table = "x,sick\n1,none\n2,mild\n3,grave\n4,none"
        #expect(throws: LabelledTableError.classes("sick", ["grave", "mild", "none"])) {
            try read(table)
        }
        let graves = try read(table, .init(label: "sick", positive: "grave"))
        #expect(graves.table.labels == [false, false, true, false])
        #expect(graves.labels == ["not grave", "grave"])
        let numbers = try read("x,sick\n1,10\n2,9\n3,10")
        #expect(numbers.labels == ["9", "10"] && numbers.table.positiveCount == 2)
    }

    @Test func `and what can't be is refused with its place`() throws {
        #expect(throws: LabelledTableError.noNumber(line: 3, column: "age", "old")) {
            try read("age [a],sick\n1,0\nold,1")
        }
        #expect(throws: LabelledTableError.noNumber(line: 2, column: "age", "inf")) {
            try read("age,sick\ninf,0\n1,1")
        }
        #expect(throws: LabelledTableError.fieldCount(line: 3, count: 1, expected: 2)) {
            try read("age,sick\n1,0\n2")
        }
        #expect(throws: LabelledTableError.noColumn("sick", of: ["age", "ill"])) {
            try read("age,ill\n1,0")
        }
        #expect(throws: LabelledTableError.classes("sick", ["1"])) { try read("age,sick\n1,1") }
        #expect(throws: LabelledTableError.table(.noColumns)) { try read("sick\n1\n0") }
        #expect(throws: LabelledTableError.table(.badOption("two columns have one name"))) {
            try read("x,x,sick\n1,2,0\n3,4,1")
        }
        #expect(throws: LabelledTableError.noColumn("sick", of: [])) {
            try LabelledTable(header: [], records: [], .init(label: "sick"))
        }
    }
}

@Suite struct `Rows are put aside` {
    private func table(_ count: Int, positives: Int, size: Int = 1) throws -> TrainingTable {
        try TrainingTable(
            columns: [.init(name: "x")], values: (0..<count).map(Float.init),
            labels: (0..<count).map { $0 < positives }, groups: (0..<count).map { $0 / size })
    }

    @Test(arguments: [0.1, 0.2, 0.33, 0.5], [5, 50, 150])
    func `with the asked share of each class`(share: Double, positives: Int) throws {
        let table = try table(300, positives: positives)
        let holdout = try Holdout(table, share: share, seed: 9)
        let taken = holdout.testRows.count { table.labels[$0] }
        #expect(taken == Int((share * Double(positives)).rounded()))
        #expect(
            holdout.testRows.count - taken == Int((share * Double(300 - positives)).rounded()))
        #expect((holdout.testRows + holdout.trainingRows).sorted() == Array(0..<300))
        #expect(try Holdout(table, share: share, seed: 9) == holdout)
        #expect(try Holdout(table, share: share, seed: 10) != holdout)
    }

    @Test func `and whoever they are of is put aside whole`() throws {
        let table = try table(300, positives: 90, size: 3)
        let holdout = try Holdout(table, share: 0.2, seed: 1)
        let groups = Set(holdout.testRows.map { table.groups[$0] })
        #expect(groups.isDisjoint(with: holdout.trainingRows.map { table.groups[$0] }))
        #expect((57...63).contains(holdout.testRows.count))
        #expect((16...20).contains(holdout.testRows.count { table.labels[$0] }))
    }

    @Test func `but never all or none`() throws {
        let table = try table(10, positives: 5)
        for share in [0, 1, -0.1, 1.2, 0.01, .nan] {
            #expect(throws: TrainingError.self) {
                try Holdout(table, share: share, seed: 1)
            }
        }
    }
}
