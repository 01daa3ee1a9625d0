import ModelKernels
import ModelSVM
import Testing

@Suite struct `A trained machine` {
    static let names = PeerFixture.classifications + PeerFixture.regressions

    @Test(arguments: names)
    func `is that of scikit-learn`(_ name: String) throws {
        let fixture = try PeerFixture(name)
        var options = fixture.options
        let trained = try fixture.train(options)
        let count = trained.machine.vectorCount
        let difference = abs(count - fixture.header.vectors)
        #expect(Double(difference) <= max(1, 0.01 * Double(fixture.header.vectors)))
        // The peer stops at the same tolerance, anywhere within it.
        options.tolerance = 1e-5
        for machine in [trained.machine, try fixture.train(options).machine] {
            let values = try SVMScorer(machine).decisionValues(fixture.rows.values)
            let size = fixture.decisions.reduce(1) { max($0, abs($1)) }
            let worst = zip(values, fixture.decisions).map { abs($0 - $1) }.max() ?? 0
            #expect(worst <= 5e-3 * size)
            guard !fixture.isRegression else { continue }
            let right = zip(values, fixture.labels).count { ($0 > 0) == $1 }
            #expect(Double(right) / Double(values.count) == fixture.header.accuracy)
        }
    }

    @Test(arguments: names)
    func `meets the conditions of the optimum`(_ name: String) throws {
        let fixture = try PeerFixture(name)
        let trained = try fixture.train()
        #expect(Conditions.broken(fixture, trained) == [])
        #expect(trained.violation < fixture.options.tolerance)
    }

    @Test(arguments: ["svc_rbf", "nu_rbf", "svr_rbf"])
    func `is found out if it is not the optimum`(_ name: String) throws {
        let fixture = try PeerFixture(name)
        var trained = try fixture.train()
        let machine = trained.machine
        var coefficients = machine.coefficients
        coefficients[3] *= -1
        trained.machine = try SupportVectorMachine(
            curve: machine.curve, featureCount: machine.featureCount, vectors: machine.vectors,
            coefficients: coefficients, intercept: machine.intercept)
        #expect(Conditions.broken(fixture, trained) != [])
        trained.machine = try SupportVectorMachine(
            curve: machine.curve, featureCount: machine.featureCount, vectors: machine.vectors,
            coefficients: machine.coefficients, intercept: machine.intercept + 0.1)
        #expect(Conditions.broken(fixture, trained) != [])
    }

    #if DEBUG
    @Test(arguments: [nil] + SVMOptions.PlantedBug.allCases.map { $0 })
    func `is found out if the solver is wrong`(_ bug: SVMOptions.PlantedBug?) throws {
        let isFound = Self.names.contains { name in
            guard let fixture = try? PeerFixture(name) else { return false }
            var options = fixture.options
            options.plantedBug = bug
            options.iterationCountMax = 20_000
            guard let trained = try? fixture.train(options) else { return true }
            return Conditions.broken(fixture, trained) != []
        }
        #expect(isFound == (bug != nil))
    }
    #endif

    @Test(arguments: names)
    func `has the same bits again, and the same vectors without shrinking or much memory`(
        _ name: String
    ) throws {
        let fixture = try PeerFixture(name)
        let trained = try fixture.train()
        #expect(try fixture.train() == trained)
        var options = fixture.options
        options.shrinks = false
        let plain = try fixture.train(options)
        options.shrinks = true
        options.cacheByteCountMax = 0
        let small = try fixture.train(options)
        #expect(small.kernelRowCount >= trained.kernelRowCount)
        for other in [plain, small] {
            let values = try SVMScorer(trained.machine).decisionValues(fixture.rows.values)
            let others = try SVMScorer(other.machine).decisionValues(fixture.rows.values)
            let size = values.reduce(1) { max($0, abs($1)) }
            #expect(zip(values, others).allSatisfy { abs($0 - $1) < 5e-3 * size })
            #expect(abs(other.machine.vectorCount - trained.machine.vectorCount) <= 3)
        }
    }

    @Test func `that is linear is its weights`() throws {
        let fixture = try PeerFixture("svc_linear")
        let machine = try fixture.train().machine
        let weights = try #require(machine.weights)
        let values = try SVMScorer(machine).decisionValues(fixture.rows.values)
        let width = fixture.rows.featureCount
        for (row, value) in values.enumerated() {
            let cells = fixture.rows.values[row * width..<(row + 1) * width]
            let sum = zip(weights, cells).reduce(machine.intercept) { $0 + $1.0 * Double($1.1) }
            #expect(abs(sum - value) < 1e-5)
        }
        #expect(try PeerFixture("svc_rbf").train().machine.weights == nil)
    }

    @Test(arguments: MachineLevel.available)
    func `scores alike on every level`(_ level: MachineLevel) throws {
        let fixture = try PeerFixture("svc_rbf")
        let machine = try fixture.train().machine
        let best = try SVMScorer(machine).decisionValues(fixture.rows.values)
        let own = try SVMScorer(machine, level: level).decisionValues(fixture.rows.values)
        #expect(zip(best, own).allSatisfy { abs($0 - $1) < 1e-5 })
    }
}

/// What must hold at the optimum, computed from nothing but the machine.
enum Conditions {
    private static let slack = 4e-3

    static func broken(_ fixture: PeerFixture, _ trained: TrainedMachine) -> [String] {
        var weights = [Double](repeating: 0, count: fixture.rows.rowCount)
        for (row, weight) in zip(trained.vectorRows, trained.machine.coefficients) {
            weights[row] = weight
        }
        guard let values = try? SVMScorer(trained.machine).decisionValues(fixture.rows.values)
        else { return ["no values"] }
        var broken: [String] = []
        if abs(weights.reduce(0, +)) > 1e-6 * weights.reduce(1, { $0 + abs($1) }) {
            broken.append("weights do not cancel")
        }
        let most = weights.reduce(0) { max($0, abs($1)) }
        for row in weights.indices {
            let isRight =
                fixture.isRegression
                ? regression(fixture, weights[row], values[row] - fixture.targets[row])
                : classification(fixture, row, weights[row], values[row], most)
            if !isRight { broken.append("row \(row)") }
        }
        return broken
    }

    private static func classification(
        _ fixture: PeerFixture, _ row: Int, _ weight: Double, _ value: Double, _ most: Double
    ) -> Bool {
        let sign = fixture.labels[row] ? 1.0 : -1
        let header = fixture.header
        // For nu the bound is one over the margin's scale, which the greatest weight shows.
        let bound =
            header.cost == 0 ? most : header.cost * (sign > 0 ? header.positive : header.negative)
        let alpha = sign * weight
        let margin = sign * value
        if alpha < 0 || alpha > bound * (1 + 1e-12) { return false }
        let slack = slack * (header.cost == 0 ? most : 1)
        if alpha == 0 { return margin >= 1 - slack }
        return alpha == bound ? margin <= 1 + slack : abs(margin - 1) <= slack
    }

    private static func regression(
        _ fixture: PeerFixture, _ weight: Double, _ error: Double
    ) -> Bool {
        let (cost, epsilon) = (fixture.header.cost, fixture.header.epsilon)
        if abs(weight) > cost { return false }
        if weight == 0 { return abs(error) <= epsilon + slack }
        // Too low a value pulls up.
        let pull = weight > 0 ? -error : error
        return abs(weight) == cost ? pull >= epsilon - slack : abs(pull - epsilon) <= slack
    }
}
