/// Rows that are put aside before anything is learnt.
///
/// They have as nearly as can be the asked share of each class, or of each fifth of a quantity, and
/// no group is parted.
public struct Holdout: Hashable, Sendable {
    /// In ascending order.
    public let trainingRows: [Int]
    /// In ascending order.
    public let testRows: [Int]

    public init(_ table: TrainingTable, share: Double, seed: UInt64) throws(TrainingError) {
        guard share > 0, share < 1 else { throw .badOption("a holdout of \(share)") }
        var rows: [Int: [Int]] = [:]
        for (row, group) in table.groups.enumerated() { rows[group, default: []].append(row) }
        let groups = rows.values.sorted { $0[0] < $1[0] }
        var generator = SeededGenerator(seed: seed)
        let order = generator.permutation(of: groups.count)
        // Large groups first, because small ones even out.
        let drawn = order.enumerated().sorted {
            let (left, right) = (groups[$0.element].count, groups[$1.element].count)
            return left != right ? left > right : $0.offset < $1.offset
        }.map { groups[$0.element] }
        let strata = table.strata
        // What is still wanted of each class.
        var wanted = table.stratumSizes.map { (share * $0).rounded() }
        var test: [Int] = []
        for group in drawn {
            var counts = wanted.map { _ in 0.0 }
            for row in group { counts[strata[row]] += 1 }
            // By how much the squared distance to what is wanted falls.
            let gain = zip(counts, wanted).reduce(0) { $0 + $1.0 * (2 * $1.1 - $1.0) }
            guard gain > 0 else { continue }
            for stratum in wanted.indices { wanted[stratum] -= counts[stratum] }
            test += group
        }
        testRows = test.sorted()
        let taken = Set(test)
        trainingRows = table.labels.indices.filter { !taken.contains($0) }
        guard !testRows.isEmpty, !trainingRows.isEmpty else {
            throw .badOption("a holdout of \(share) of \(groups.count) groups")
        }
    }
}
