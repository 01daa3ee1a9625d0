/// What the training rows were like, to tell when a patient is not like them.
///
/// The rule: a row is out of distribution where more than `outsideShareMax` of its present
/// features lie outside of the range that the training rows had. The limit is the share that all
/// but a stated few of the training rows stay within, each looked at with the ranges of the other
/// folds. It sees values that are strange by themselves, not strange combinations of usual ones.
public struct TrainingRange: Hashable, Sendable {
    /// One a feature; nil where no training row had it.
    public let ranges: [ClosedRange<Float>?]
    public let outsideShareMax: Double

    /// `flagged` is the share of unseen training rows that the limit may flag, `tail` the share of a
    /// feature's values that its range leaves out at each end.
    public init(
        _ table: TrainingTable, folds: Folds, flagged: Double = 0.01, tail: Double = 0
    ) throws(TrainingError) {
        guard folds.foldOfRow.count == table.rowCount else {
            throw .counts("\(folds.foldOfRow.count) folds, \(table.rowCount) rows")
        }
        guard flagged >= 0, flagged < 1 else { throw .badOption("flagged share \(flagged)") }
        guard tail >= 0, tail < 0.5 else { throw .badOption("tail \(tail)") }
        var shares: [Double] = []
        for fold in 0..<folds.foldCount {
            let others = table.taking(folds.trainingRows(fold)).bounds(tail: tail)
            shares += folds.testRows(fold).map { Self.share(of: table.row($0), outside: others) }
        }
        shares.sort()
        let kept = Int((Double(shares.count) * (1 - flagged)).rounded(.up))
        outsideShareMax = shares[max(0, min(kept, shares.count) - 1)]
        ranges = table.bounds(tail: tail)
    }

    private static func share(
        of row: ArraySlice<Float>, outside ranges: [ClosedRange<Float>?]
    ) -> Double {
        var (present, outside) = (0, 0)
        for (value, range) in zip(row, ranges) where !value.isNaN {
            present += 1
            outside += range?.contains(value) == true ? 0 : 1
        }
        return present > 0 ? Double(outside) / Double(present) : 0
    }

    /// The share of a row's present features that lie outside of what was seen.
    public func outsideShare(of row: [Float]) -> Double {
        precondition(row.count == ranges.count)
        return Self.share(of: row[...], outside: ranges)
    }

    public func isOutOfDistribution(_ row: [Float]) -> Bool {
        outsideShare(of: row) > outsideShareMax
    }
}

extension TrainingTable {
    /// The range of each column without a share of its values at each end; nil where no row has it.
    public func bounds(tail: Double) -> [ClosedRange<Float>?] {
        precondition(tail >= 0 && tail < 0.5)
        return columns.indices.map { index in
            let present = column(index).filter { !$0.isNaN }.sorted()
            guard let last = present.indices.last else { return nil }
            // Where the rows are few, nothing is left out.
            let cut = Int(Double(last) * tail)
            return present[cut]...present[last - cut]
        }
    }

    /// The table with values beyond their column's bounds drawn in to them; gaps stay.
    public func within(_ bounds: [ClosedRange<Float>]) -> TrainingTable {
        precondition(bounds.count == columnCount)
        return mapping { value, column in
            value.isNaN
                ? value : min(max(value, bounds[column].lowerBound), bounds[column].upperBound)
        }
    }
}
