/// A parting of rows into folds, each of which is tested once.
///
/// Every fold has as nearly as can be the same share of each class, or of each fifth of a quantity,
/// and no group is parted.
public struct Folds: Hashable, Sendable {
    public let foldCount: Int
    /// Each row's fold.
    public let foldOfRow: [Int]

    public init(_ table: TrainingTable, count: Int, seed: UInt64) throws(TrainingError) {
        guard (2...1000).contains(count) else { throw .badOption("\(count) folds") }
        let groups = Self.groups(table, seed: seed)
        guard groups.count >= count else {
            throw .badOption("\(count) folds of \(groups.count) groups")
        }
        let strata = table.strata
        let totals = table.stratumSizes
        var loads = [Load](
            repeating: Load(shares: totals.map { _ in 0 }, rows: 0), count: count)
        var foldOfRow = [Int](repeating: 0, count: table.rowCount)
        for group in groups {
            var counts = totals.map { _ in 0.0 }
            for row in group { counts[strata[row]] += 1 }
            let added = Load(
                shares: zip(counts, totals).map { $0 / max(1, $1) }, rows: group.count)
            let costs = loads.map { $0.cost(of: added) }
            let fold = costs.indices.reduce(0) { costs[$1] < costs[$0] ? $1 : $0 }
            loads[fold].add(added)
            for row in group { foldOfRow[row] = fold }
        }
        foldCount = count
        self.foldOfRow = foldOfRow
    }

    /// Takes folds that were made elsewhere: by site, by period, or by a peer to compare with.
    ///
    /// Folds are numbered from 0; none may be empty, and no group may be parted.
    public init(_ table: TrainingTable, foldOfRow: [Int]) throws(TrainingError) {
        guard foldOfRow.count == table.rowCount else {
            throw .counts("\(foldOfRow.count) folds, \(table.rowCount) rows")
        }
        let used = Set(foldOfRow)
        guard used.count >= 2, used == Set(0..<used.count) else {
            throw .badOption("folds are not numbered from 0, or there is one only")
        }
        var foldOfGroup: [Int: Int] = [:]
        for (group, fold) in zip(table.groups, foldOfRow) {
            guard foldOfGroup.updateValue(fold, forKey: group) ?? fold == fold else {
                throw .badOption("group \(group) is parted")
            }
        }
        foldCount = used.count
        self.foldOfRow = foldOfRow
    }

    /// What a fold holds already, in shares of all rows of each class.
    private struct Load {
        var shares: [Double]
        var rows: Int

        mutating func add(_ other: Load) {
            for stratum in shares.indices { shares[stratum] += other.shares[stratum] }
            rows += other.rows
        }

        /// How much the sum of squared loads would rise: least where the fold lacks most.
        ///
        /// Of equal folds the emptier comes first, so that none stays empty.
        func cost(of added: Load) -> (Double, Int) {
            let rise = shares.indices.reversed().reduce(0) { sum, stratum in
                sum
                    + added.shares[stratum] * (2 * shares[stratum] + added.shares[stratum])
            }
            return (rise, rows)
        }
    }

    /// The rows of each group; large groups first, because small ones even out, else at random.
    private static func groups(_ table: TrainingTable, seed: UInt64) -> [[Int]] {
        var placeOfGroup: [Int: Int] = [:]
        var groups: [[Int]] = []
        var generator = SeededGenerator(seed: seed)
        for row in generator.permutation(of: table.rowCount) {
            let place = placeOfGroup[table.groups[row], default: groups.count]
            if place == groups.count {
                placeOfGroup[table.groups[row]] = place
                groups.append([])
            }
            groups[place].append(row)
        }
        return groups.enumerated().sorted {
            $0.element.count != $1.element.count
                ? $0.element.count > $1.element.count : $0.offset < $1.offset
        }.map(\.element)
    }

    /// The rows to test in one fold.
    public func testRows(_ fold: Int) -> [Int] {
        foldOfRow.indices.filter { foldOfRow[$0] == fold }
    }

    /// The rows to learn from in one fold.
    public func trainingRows(_ fold: Int) -> [Int] {
        foldOfRow.indices.filter { foldOfRow[$0] != fold }
    }
}
