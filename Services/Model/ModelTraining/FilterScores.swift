import ModelCore

/// What each column says of the outcome by itself.
extension FeatureSelection {
    /// The variance of each column's present values; 0 where there are none.
    public static func variances(_ table: TrainingTable) -> [Double] {
        table.columns.indices.map { index in
            let present = table.column(index).filter { !$0.isNaN }.map { Double($0) }
            guard !present.isEmpty else { return 0 }
            let mean = present.reduce(0, +) / Double(present.count)
            return present.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(present.count)
        }
    }

    /// The F statistic of each column: how far the means of the classes are apart, by the spread
    /// within them; of a quantity, how much of it a straight line of the column accounts for, by
    /// what it leaves.
    ///
    /// Over present values; 0 where fewer than two classes have one, infinite where nothing is left
    /// within them.
    public static func varianceRatios(_ table: TrainingTable) -> [Double] {
        table.columns.indices.map { index in
            table.quantities.isEmpty
                ? varianceRatio(byClass(table, index))
                : lineRatio(table.column(index), table.quantities)
        }
    }

    private static func varianceRatio(_ classes: [[Double]]) -> Double {
        let classes = classes.filter { !$0.isEmpty }
        let sizes = classes.map { Double($0.count) }
        let count = sizes.reduce(0, +)
        let groupCount = Double(classes.count)
        guard classes.count > 1, count > groupCount else { return 0 }
        let means = zip(classes, sizes).map { $0.reduce(0, +) / $1 }
        let mean = zip(means, sizes).reduce(0) { $0 + $1.0 * $1.1 } / count
        let between = zip(means, sizes).reduce(0) { $0 + $1.1 * ($1.0 - mean) * ($1.0 - mean) }
        let within = zip(classes, means).reduce(0) { sum, own in
            own.0.reduce(sum) { $0 + ($1 - own.1) * ($1 - own.1) }
        }
        guard between > 0 else { return 0 }
        return between / (groupCount - 1) / (within / (count - groupCount))
    }

    private static func lineRatio(_ column: [Float], _ quantities: [Double]) -> Double {
        let pairs = zip(column, quantities).filter { !$0.0.isNaN }.map { (Double($0.0), $0.1) }
        let count = Double(pairs.count)
        guard count > 2 else { return 0 }
        let (x, y) = (
            pairs.reduce(0) { $0 + $1.0 } / count, pairs.reduce(0) { $0 + $1.1 } / count
        )
        var (xx, yy, xy) = (0.0, 0.0, 0.0)
        for pair in pairs {
            xx += (pair.0 - x) * (pair.0 - x)
            yy += (pair.1 - y) * (pair.1 - y)
            xy += (pair.0 - x) * (pair.1 - y)
        }
        guard xx > 0, yy > 0 else { return 0 }
        let accounted = min(1, xy * xy / (xx * yy))
        return accounted / (1 - accounted) * (count - 2)
    }

    private static func byClass(_ table: TrainingTable, _ index: Int) -> [[Double]] {
        var classes = [[Double]](repeating: [], count: table.stratumCount)
        for (value, stratum) in zip(table.column(index), table.strata) where !value.isNaN {
            classes[stratum].append(Double(value))
        }
        return classes
    }

    /// How much each column tells of the outcome, or of the fifths of a quantity, in nats.
    ///
    /// Present values are cut into at most `binCount` bins of about equal size, equal values never
    /// apart; what is missing is a bin of its own, so that who was measured counts too.
    public static func mutualInformation(
        _ table: TrainingTable, binCount: Int = 10
    ) throws(TrainingError) -> [Double] {
        guard (2...1000).contains(binCount) else { throw .badOption("\(binCount) bins") }
        let strata = table.strata
        return table.columns.indices.map { index in
            let column = table.column(index)
            let sorted = column.filter { !$0.isNaN }.sorted()
            let edges =
                sorted.isEmpty
                ? []
                : (1..<binCount).map {
                    sorted[$0 * sorted.count / binCount]
                }
            var counts = [[Int]](
                repeating: [Int](repeating: 0, count: table.stratumCount), count: binCount + 1)
            for (value, stratum) in zip(column, strata) {
                let bin = value.isNaN ? binCount : edges.count { $0 <= value }
                counts[bin][stratum] += 1
            }
            return information(counts)
        }
    }

    private static func information(_ counts: [[Int]]) -> Double {
        let totals = counts[0].indices.map { own in counts.reduce(0) { $0 + $1[own] } }
        let count = Double(totals.reduce(0, +))
        var sum = 0.0
        for bin in counts {
            let size = Double(bin.reduce(0, +))
            for own in totals.indices where bin[own] > 0 {
                let share = Double(bin[own]) / count
                let chance = size * Double(totals[own]) / (count * count)
                sum += share * Elementary.log(share / chance)
            }
        }
        return max(0, sum)
    }
}
