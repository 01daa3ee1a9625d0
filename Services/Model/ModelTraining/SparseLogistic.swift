import ModelCore

/// A logistic model whose weights are driven to zero where they do not pay: what is left is chosen.
public struct SparseLogistic: Hashable, Sendable {
    private static let roundCountMax = 200
    private static let sweepCountMax = 1_000

    /// One a column.
    public let weights: [Double]
    public let intercept: Double

    /// The least of `strength` times the summed loss plus the sum of the weights' sizes.
    ///
    /// The columns must be without gaps, and on a common scale. Newton's method on the loss, each
    /// step found weight by weight and shortened until it lowers the whole.
    public init(_ table: TrainingTable, strength: Double = 1) throws(TrainingError) {
        guard strength > 0, strength.isFinite else { throw .badOption("strength \(strength)") }
        guard table.positiveCount > 0, table.positiveCount < table.rowCount else {
            throw .oneClass
        }
        var fit = try Fit(table, strength)
        for _ in 0..<Self.roundCountMax {
            let before = fit.cost
            fit.step(sweepCountMax: Self.sweepCountMax)
            guard fit.cost.isFinite else { break }
            if before - fit.cost <= 1e-12 * before.magnitude {
                weights = fit.weights
                intercept = fit.intercept
                return
            }
        }
        throw .noSolution("the fit does not settle")
    }

    /// The columns whose weights are not zero.
    public var chosen: [Int] { weights.indices.filter { weights[$0] != 0 } }

    private struct Fit {
        private let columns: [[Double]]
        private let targets: [Double]
        private let strength: Double
        private(set) var weights: [Double]
        private(set) var intercept = 0.0
        private(set) var cost: Double
        private var odds: [Double]

        init(_ table: TrainingTable, _ strength: Double) throws(TrainingError) {
            columns = table.columns.indices.map { table.column($0).map { Double($0) } }
            if let cell = table.values.firstIndex(where: \.isNaN) {
                throw .notFinite(row: cell / table.columnCount)
            }
            targets = table.labels.map { $0 ? 1 : 0 }
            self.strength = strength
            weights = [Double](repeating: 0, count: columns.count)
            odds = [Double](repeating: 0, count: targets.count)
            cost = 0
            cost = cost(odds, weights)
        }

        private func cost(_ odds: [Double], _ weights: [Double]) -> Double {
            let loss = zip(odds, targets).reduce(0) {
                $0 + Elementary.softplus($1.0) - $1.1 * $1.0
            }
            return strength * loss + weights.reduce(0) { $0 + $1.magnitude }
        }

        /// One step of Newton's method, shortened until it lowers the cost.
        mutating func step(sweepCountMax: Int) {
            let model = quadratic(sweepCountMax: sweepCountMax)
            var share = 1.0
            while share > 1e-10 {
                let nextWeights = zip(weights, model.weights).map { $0 + share * ($1 - $0) }
                let nextOdds = zip(odds, model.odds).map { $0 + share * ($1 - $0) }
                let nextCost = cost(nextOdds, nextWeights)
                if nextCost <= cost {
                    intercept += share * (model.intercept - intercept)
                    // A whole step keeps the zeros that were found.
                    (weights, odds, cost) = (
                        share == 1 ? model.weights : nextWeights, nextOdds, nextCost
                    )
                    return
                }
                share /= 2
            }
        }

        /// The least of the cost's parabola at the present weights, weight by weight.
        private func quadratic(
            sweepCountMax: Int
        ) -> (weights: [Double], intercept: Double, odds: [Double]) {
            let expected = odds.map(Elementary.logistic)
            let curvatures = expected.map { max($0 * (1 - $0), 1e-6) }
            // What is left to move each row's odds by.
            var rests = targets.indices.map { (targets[$0] - expected[$0]) / curvatures[$0] }
            let slopes = columns.map { column in
                zip(column, curvatures).reduce(0) { $0 + $1.0 * $1.0 * $1.1 }
            }
            let curvatureSum = curvatures.reduce(0, +)
            var (own, base) = (weights, intercept)
            for _ in 0..<sweepCountMax {
                let rise =
                    zip(rests, curvatures).reduce(0) { $0 + $1.0 * $1.1 } / curvatureSum
                base += rise
                for row in rests.indices { rests[row] -= rise }
                var moved = rise.magnitude
                for index in columns.indices where slopes[index] > 0 {
                    let column = columns[index]
                    var pull = 0.0
                    for row in column.indices { pull += column[row] * curvatures[row] * rests[row] }
                    let free = own[index] * slopes[index] + pull
                    let size = max(0, free.magnitude - 1 / strength)
                    let next = (free < 0 ? -size : size) / slopes[index]
                    let change = next - own[index]
                    guard change != 0 else { continue }
                    own[index] = next
                    for row in column.indices { rests[row] -= change * column[row] }
                    moved = max(
                        moved, change.magnitude * (slopes[index] / curvatureSum).squareRoot())
                }
                if moved < 1e-9 { break }
            }
            let reached = targets.indices.map { row in
                odds[row] + (targets[row] - expected[row]) / curvatures[row] - rests[row]
            }
            return (own, base, reached)
        }
    }
}
