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

    /// The F statistic of each column: how far the means of both classes are apart, by the spread
    /// within them.
    ///
    /// Over present values; 0 where a class has none, infinite where nothing differs within them.
    public static func varianceRatios(_ table: TrainingTable) -> [Double] {
        table.columns.indices.map { index in
            let classes = byClass(table, index)
            let sizes = classes.map { Double($0.count) }
            guard sizes[0] > 0, sizes[1] > 0, sizes[0] + sizes[1] > 2 else { return 0 }
            let means = zip(classes, sizes).map { $0.reduce(0, +) / $1 }
            let mean = (means[0] * sizes[0] + means[1] * sizes[1]) / (sizes[0] + sizes[1])
            let between = zip(means, sizes).reduce(0) { $0 + $1.1 * ($1.0 - mean) * ($1.0 - mean) }
            let within = zip(classes, means).reduce(0) { sum, own in
                own.0.reduce(sum) { $0 + ($1 - own.1) * ($1 - own.1) }
            }
            guard between > 0 else { return 0 }
            return between / (within / (sizes[0] + sizes[1] - 2))
        }
    }

    private static func byClass(_ table: TrainingTable, _ index: Int) -> [[Double]] {
        var classes: [[Double]] = [[], []]
        for (value, label) in zip(table.column(index), table.labels) where !value.isNaN {
            classes[label ? 1 : 0].append(Double(value))
        }
        return classes
    }

    /// How much each column tells of the outcome, in nats.
    ///
    /// Present values are cut into at most `binCount` bins of about equal size, equal values never
    /// apart; what is missing is a bin of its own, so that who was measured counts too.
    public static func mutualInformation(
        _ table: TrainingTable, binCount: Int = 10
    ) throws(TrainingError) -> [Double] {
        guard (2...1000).contains(binCount) else { throw .badOption("\(binCount) bins") }
        return table.columns.indices.map { index in
            let column = table.column(index)
            let sorted = column.filter { !$0.isNaN }.sorted()
            let edges =
                sorted.isEmpty
                ? []
                : (1..<binCount).map {
                    sorted[$0 * sorted.count / binCount]
                }
            var counts = [[Int]](repeating: [0, 0], count: binCount + 1)
            for (value, label) in zip(column, table.labels) {
                let bin = value.isNaN ? binCount : edges.count { $0 <= value }
                counts[bin][label ? 1 : 0] += 1
            }
            return information(counts)
        }
    }

    private static func information(_ counts: [[Int]]) -> Double {
        let totals = (0...1).map { own in counts.reduce(0) { $0 + $1[own] } }
        let count = Double(totals[0] + totals[1])
        var sum = 0.0
        for bin in counts {
            for own in 0...1 where bin[own] > 0 {
                let share = Double(bin[own]) / count
                let chance = Double(bin[0] + bin[1]) * Double(totals[own]) / (count * count)
                sum += share * Elementary.log(share / chance)
            }
        }
        return max(0, sum)
    }
}
