/// A quadratic problem over variables of bounds 0 and `bound`, in signs.
///
/// Each row has one variable, or two of opposite signs for regression. Everything is kept times its
/// sign, so that one row of kernels serves all variables alike: where a variable of sign s rises,
/// s · alpha rises for s = 1 and falls for s = -1.
struct DualProblem {
    let rowCount: Int
    /// Variables of a row: 1 or 2.
    let sideCount: Int
    /// Side after side, a variable a row.
    let signs: [Double]
    let bounds: [Double]
    /// The linear part, times the sign.
    let linear: [Double]
    let starts: [Double]
    /// The rows in the order that the solver takes them.
    let order: [Int]
    /// How many of these come first and make a group of their own, whose pairs never mix with the
    /// others; nil where all are one group.
    let firstGroupCount: Int?

    /// C-SVC.
    init(labels: [Bool], cost: Double, weights: (negative: Double, positive: Double)) {
        rowCount = labels.count
        sideCount = 1
        signs = labels.map { $0 ? 1 : -1 }
        bounds = labels.map { cost * ($0 ? weights.positive : weights.negative) }
        // Times the sign: -1 for each row.
        linear = labels.map { $0 ? -1 : 1 }
        starts = [Double](repeating: 0, count: labels.count)
        order = Array(labels.indices)
        firstGroupCount = nil
    }

    /// ν-SVC: the sum of each class's variables is given and stays.
    init(labels: [Bool], nu: Double) throws(SVMError) {
        let positiveCount = labels.count { $0 }
        let least = Double(min(positiveCount, labels.count - positiveCount))
        let sum = nu * Double(labels.count) / 2
        guard sum <= least else { throw .nuTooLarge(max: 2 * least / Double(labels.count)) }
        rowCount = labels.count
        sideCount = 1
        signs = labels.map { $0 ? 1 : -1 }
        bounds = [Double](repeating: 1, count: labels.count)
        linear = [Double](repeating: 0, count: labels.count)
        var left = [true: sum, false: sum]
        starts = labels.map { label in
            let start = min(1, left[label] ?? 0)
            left[label] = (left[label] ?? 0) - start
            return start
        }
        order = labels.indices.filter { labels[$0] } + labels.indices.filter { !labels[$0] }
        firstGroupCount = positiveCount
    }

    /// ε-SVR.
    init(targets: [Double], cost: Double, epsilon: Double) {
        rowCount = targets.count
        sideCount = 2
        let ones = [Double](repeating: 1, count: targets.count)
        signs = ones + ones.map { -$0 }
        bounds = [Double](repeating: cost, count: 2 * targets.count)
        linear = targets.map { epsilon - $0 } + targets.map { -epsilon - $0 }
        starts = [Double](repeating: 0, count: 2 * targets.count)
        order = Array(targets.indices)
        firstGroupCount = nil
    }
}
