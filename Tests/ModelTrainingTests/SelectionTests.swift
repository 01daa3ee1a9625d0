import ModelTraining
import Testing

@Suite struct `Features are chosen` {
    static func table() throws -> TrainingTable {
        let lines = try TrainingFixture.lines("selection.csv")
        return try TrainingTable(
            columns: (0..<8).map { .init(name: "f\($0)") },
            values: lines.flatMap { $0.dropLast().map { Float($0) ?? .nan } },
            labels: lines.map { $0.last == "1" })
    }

    static func scaled() throws -> TrainingTable {
        let table = try table()
        let filled = Imputation(.median, of: table).filling(table)
        return Scaling(.standard, of: filled).scaling(filled)
    }

    /// Every value of a name, in order of column.
    static func reference(_ name: String) throws -> [Double] {
        let lines = try TrainingFixture.lines("selection_reference.csv")
        return lines.filter { $0[0].hasPrefix(name + " ") && $0[0].last?.isNumber == true }
            .compactMap { Double($0[1]) }
    }

    func expect(
        _ found: [Double], _ name: String, within tolerance: Double = 1e-6,
        _ place: SourceLocation = #_sourceLocation
    ) throws {
        let expected = try Self.reference(name)
        #expect(found.count == expected.count && !found.isEmpty, sourceLocation: place)
        for (own, other) in zip(found, expected) {
            #expect(
                abs(own - other) <= tolerance * max(1, abs(other)), "\(name)",
                sourceLocation: place)
        }
    }

    @Test func `by each column alone as scikit-learn measures it`() throws {
        let table = try Self.table()
        try expect(FeatureSelection.variances(table), "variance")
        try expect(FeatureSelection.varianceRatios(table), "ratio")
        try expect(FeatureSelection.mutualInformation(table), "information", within: 1e-12)
    }

    @Test func `what says nothing has no score`() throws {
        let columns = ["missing", "same", "one class", "perfect"]
        let table = try TrainingTable(
            columns: columns.map { .init(name: $0) },
            values: [.nan, 7, .nan, 1, .nan, 7, .nan, 1, .nan, 7, 3, 2, .nan, 7, 4, 2],
            labels: [false, false, true, true])
        #expect(FeatureSelection.variances(table) == [0, 0, 0.25, 0.25])
        #expect(FeatureSelection.varianceRatios(table) == [0, 0, 0, .infinity])
        let information = try FeatureSelection.mutualInformation(table)
        #expect(information[0] == 0 && information[1] == 0)
        // That a value is missing tells the class as well as the value does: one bit.
        for told in information[2...] { #expect(abs(told - 0.693_147_180_56) < 1e-9) }
        #expect(throws: TrainingError.badOption("1 bins")) {
            try FeatureSelection.mutualInformation(table, binCount: 1)
        }
    }

    @Test func `on the common scale of scikit-learn`() throws {
        let table = try Self.table()
        try expect(
            Self.scaled().row(7).map(Double.init), "scaled", within: 1e-5)
        let ranged = Scaling(.range, of: table).scaling(table)
        let row = ranged.row(7).map(Double.init)
        for (own, other) in zip(row, try Self.reference("ranged")) {
            #expect(own.isNaN ? other.isNaN : abs(own - other) < 1e-5)
        }
        let flat = try TrainingTable(
            columns: [.init(name: "same"), .init(name: "missing")],
            values: [1e6, .nan, 1e6, .nan], labels: [true, false])
        for rule in [Scaling.Rule.standard, .range] {
            let scaling = Scaling(rule, of: flat)
            #expect(scaling.offsets == [1e6, 0] && scaling.scales == [1, 1])
        }
    }

    @Test(arguments: [(0.02, "sparse 0.02"), (0.1, "sparse 0.1"), (10, "sparse 10")])
    func `by the weights that a penalty leaves`(strength: Double, name: String) throws {
        let fit = try SparseLogistic(Self.scaled(), strength: strength)
        try expect(fit.weights, name, within: 2e-5)
        #expect(
            fit.chosen
                == (try Self.reference(name)).indices.filter { index in
                    ((try? Self.reference(name)) ?? [])[index] != 0
                })
        let lines = try TrainingFixture.lines("selection_reference.csv")
        let intercept = lines.first { $0[0] == "\(name) intercept" }.flatMap { Double($0[1]) }
        #expect(abs(fit.intercept - (try #require(intercept))) < 2e-5)
    }

    @Test func `no penalty is fitted where it can't be`() throws {
        #expect(throws: TrainingError.self) { try SparseLogistic(Self.table()) }
        #expect(throws: TrainingError.badOption("strength 0.0")) {
            try SparseLogistic(Self.scaled(), strength: 0)
        }
        let separated = try TrainingTable(
            columns: [.init(name: "x")], values: [-1, -1, 1, 1],
            labels: [false, false, true, true])
        // The penalty keeps even this one's weight finite.
        #expect(try SparseLogistic(separated, strength: 5).weights[0] > 1)
        let one = try TrainingTable(
            columns: [.init(name: "x")], values: [1, 2], labels: [true, true])
        #expect(throws: TrainingError.oneClass) { try SparseLogistic(one) }
    }

    @Test func `by leaving out the least as scikit-learn does`() async throws {
        let table = try Self.scaled()
        var heard: [Int] = []
        let elimination = try await RecursiveElimination(
            table, downTo: 1,
            progress: { left in
                heard.append(left)
                return true
            }
        ) { (table) async throws(TrainingError) in
            try SparseLogistic(table).weights.map(\.magnitude)
        }
        #expect(heard == [7, 6, 5, 4, 3, 2, 1])
        let order = elimination.eliminated + elimination.chosen
        let ranks = try Self.reference("rank")
        #expect(order.map { ranks[$0] } == [8, 7, 6, 5, 4, 3, 2, 1])
        let stopped = try await RecursiveElimination(
            table, downTo: 1, share: 0.4, progress: { $0 > 4 }
        ) { (table) async throws(TrainingError) in table.columns.indices.map { Double($0) } }
        #expect(stopped.chosen == [5, 6, 7])
        await #expect(throws: CrossValidationError<TrainingError>.self) {
            try await RecursiveElimination(table, downTo: 1) {
                (_) async throws(TrainingError) in [1]
            }
        }
    }

    @Test func `by what is lost without them`() async throws {
        let table = try Self.scaled()
        let fit = try SparseLogistic(table, strength: 10)
        func predict(_ table: TrainingTable) -> [Double] {
            table.labels.indices.map { row in
                zip(table.row(row), fit.weights).reduce(0) { $0 + Double($1.0) * $1.1 }
            }
        }
        let found = try await PermutationImportance.all(table, repeats: 60, seed: 4) {
            (table) async throws(TrainingError) in predict(table)
        }
        let expected = try Self.reference("permuted")
        #expect(found.count == 8)
        for (own, mean) in zip(found, expected) {
            // Four standard errors of a mean over 60.
            #expect(abs(own.mean - mean) <= 4 * own.deviation / 7.7 + 1e-4)
        }
        #expect(found[4].mean == 0 && found[4].deviation == 0)
        let part = try await PermutationImportance.all(
            table, repeats: 1, seed: 4, progress: { $0 < 3 }
        ) { (table) async throws(TrainingError) in predict(table) }
        #expect(part.count == 3)
    }
}
