import ModelTraining
import Testing

@Suite struct `Answers of a quantity` {
    @Test func `are judged by known measures`() throws {
        let rows = try ScoredQuantities(answers: [1, 2, 3, 6], truths: [1, 3, 3, 5])
        #expect(abs(rows.rootMeanSquare - 0.5.squareRoot()) < 1e-12)
        #expect(rows.meanSize == 0.5)
        #expect(abs(try #require(rows.determination) - (1 - 2.0 / 8)) < 1e-12)
        let (bias, limits) = try #require(rows.agreement)
        #expect(bias == 0)
        #expect(abs(limits.upperBound - 1.96 * (2.0 / 3).squareRoot()) < 1e-12)
        #expect(limits.lowerBound == -limits.upperBound)
    }

    @Test func `have no share of a variance that is none`() throws {
        let rows = try ScoredQuantities(answers: [1, 2], truths: [3, 3])
        #expect(rows.determination == nil)
        #expect(try ScoredQuantities(answers: [1], truths: [3]).agreement == nil)
    }

    @Test func `that are no numbers are refused`() throws {
        #expect(throws: TrainingError.notFinite(row: 1)) {
            try ScoredQuantities(answers: [1, .nan], truths: [1, 1])
        }
        #expect(throws: TrainingError.self) { try ScoredQuantities(answers: [1], truths: []) }
        #expect(throws: TrainingError.noRows) { try ScoredQuantities(answers: [], truths: []) }
        let known = try ScoredQuantities(known: [.nan, 2, 3], truths: [1, 2, 3])
        #expect(known.answers == [2, 3])
    }

    @Test func `lie within their bound as often as promised, and promise nothing by few`() throws {
        let rows = try ScoredQuantities(
            answers: (1...9).map(Double.init), truths: [Double](repeating: 0, count: 9))
        // The ninth of ten: one unseen row is counted in.
        #expect(rows.residualMax(coverage: 0.9) == 9)
        #expect(rows.residualMax(coverage: 0.5) == 5)
        #expect(rows.residualMax(coverage: 0.95) == nil)
        #expect(rows.coverage(within: 5) == 5.0 / 9)
        var random = SeededGenerator(seed: 5)
        var held = 0
        for _ in 0..<400 {
            let sizes = (0..<30).map { _ in random.nextUnit() }
            let bound = try ScoredQuantities(answers: sizes, truths: sizes.map { _ in 0 })
                .residualMax(coverage: 0.8)
            if random.nextUnit() <= bound ?? 1 { held += 1 }
        }
        #expect((300...350).contains(held), "\(held)")
    }

    @Test func `have intervals that hold the measure of all rows`() throws {
        var random = SeededGenerator(seed: 3)
        let truths = (0..<200).map { _ in 10 * random.nextUnit() }
        let rows = try ScoredQuantities(
            answers: truths.map { $0 + random.nextUnit() - 0.5 }, truths: truths)
        let intervals = try rows.intervals(
            seed: 1, of: [{ $0.rootMeanSquare }, { $0.determination }])
        #expect(try #require(intervals[0]).contains(rows.rootMeanSquare))
        #expect(try #require(intervals[1]).contains(try #require(rows.determination)))
        #expect(try #require(intervals[0]).upperBound < 0.35)
    }
}

@Suite struct `A table of a quantity` {
    private func read(
        _ fields: [[String]], _ target: LabelledTable.Roles.Target
    ) throws -> LabelledTable {
        try LabelledTable(
            header: ["x", "y [mg/dL]"],
            records: fields.enumerated().map { .init(line: $0 + 2, fields: $1) },
            .init(label: "y", target: target))
    }

    @Test func `knows the unit that its column names, and leaves out who has none`() throws {
        let read = try read([["1", "90.5"], ["2", ""], ["3", "-7"]], .quantity)
        #expect(read.table.quantities == [90.5, -7] && read.labelUnit == "mg/dL")
        #expect(read.records == [0, 2] && read.labels.isEmpty && read.table.classCount == 0)
    }

    @Test func `says which line has no number`() throws {
        for text in ["high", "inf", "1e300"] {
            #expect(throws: LabelledTableError.noNumber(line: 3, column: "y", text)) {
                try read([["1", "90"], ["2", text]], .quantity)
            }
        }
    }

    @Test func `is not what a few labels are`() throws {
        let three = try read([["1", "0"], ["2", "1"], ["3", "2"]], .outcome)
        #expect(three.table.classCount == 3 && three.labels == ["0", "1", "2"])
        let two = try read([["1", "0"], ["2", "1"]], .outcome)
        #expect(two.table.classCount == 0 && two.table.positiveCount == 1)
        let many = (0..<60).map { ["1", "\($0)"] }
        #expect(throws: LabelledTableError.self) { try read(many, .outcome) }
    }

    @Test func `is parted so that every fold has low and high`() throws {
        let values = (0..<100).map(Double.init)
        let table = try TrainingTable(
            columns: [.init(name: "x")], values: values.map { Float($0) },
            quantities: values.map { $0 * $0 })
        #expect(table.stratumCount == 5 && Set(table.strata).count == 5)
        let folds = try Folds(table, count: 5, seed: 9)
        for fold in 0..<5 {
            let strata = folds.testRows(fold).map { table.strata[$0] }
            for stratum in 0..<5 { #expect(strata.count { $0 == stratum } == 4) }
        }
        let holdout = try Holdout(table, share: 0.2, seed: 9)
        #expect(holdout.testRows.count == 20)
        #expect(Set(holdout.testRows.map { table.strata[$0] }).count == 5)
        let taken = try table.selecting(rows: [3, 1]).selecting(columns: [0])
        #expect(taken.quantities == [9, 1])
    }

    @Test func `tells which column goes with the quantity`() throws {
        var random = SeededGenerator(seed: 2)
        let rows = (0..<300).map { _ in (random.nextUnit(), random.nextUnit()) }
        let table = try TrainingTable(
            columns: [.init(name: "says"), .init(name: "nothing"), .init(name: "same")],
            values: rows.flatMap { [Float($0.0), Float($0.1), 1] },
            quantities: rows.map { 5 * $0.0 + 0.1 * $0.1 })
        let ratios = FeatureSelection.varianceRatios(table)
        #expect(ratios[0] > 1000 && ratios[1] < 30 && ratios[2] == 0)
        let told = try FeatureSelection.mutualInformation(table)
        #expect(told[0] > 1 && told[1] < 0.1 && told[2] == 0)
    }

    @Test func `of classes is told from all of them`() throws {
        let classes = (0..<90).map { $0 % 3 }
        let table = try TrainingTable(
            columns: [.init(name: "says"), .init(name: "nothing")],
            values: classes.enumerated().flatMap { [Float($1 * 10 + $0 % 7), Float($0 / 3 % 5)] },
            classes: classes, classCount: 3)
        // By scipy.stats.f_oneway.
        #expect(abs(FeatureSelection.varianceRatios(table)[0] - 745.8170880721893) < 1e-6)
        #expect(FeatureSelection.varianceRatios(table)[1] == 0)
        #expect(try FeatureSelection.mutualInformation(table)[0] > 0.9)
    }
}
