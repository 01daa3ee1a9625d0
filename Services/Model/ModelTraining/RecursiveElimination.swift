/// Leaves out the least of the columns, again and again, each time asking anew.
public struct RecursiveElimination: Hashable, Sendable {
    /// The columns that are left, in the order of the table.
    public let chosen: [Int]
    /// The columns that were left out, the first to go first.
    public let eliminated: [Int]

    /// Asks `importances` of what is left until `count` columns are.
    ///
    /// Each round leaves out `share` of the columns, at least one. After each `progress` hears how
    /// many are left, and says whether to go on; when it says no, what is left then is chosen.
    public init<Failure: Error>(
        _ table: TrainingTable, downTo count: Int, share: Double = 0,
        progress: (_ columnsLeft: Int) -> Bool = { _ in true },
        importances: (TrainingTable) async throws(Failure) -> [Double]
    ) async throws(CrossValidationError<Failure>) {
        guard (1...table.columnCount).contains(count), share >= 0, share < 1 else {
            throw .scores(.badOption("\(count) columns, share \(share)"))
        }
        var left = Array(table.columns.indices)
        var eliminated: [Int] = []
        while left.count > count {
            let found: [Double]
            do throws(Failure) {
                found = try await importances(table.taking(columns: left))
            } catch { throw .training(error) }
            guard found.count == left.count, !found.contains(where: \.isNaN) else {
                throw .scores(.counts("\(found.count) importances, \(left.count) columns"))
            }
            let goes = min(left.count - count, max(1, Int(Double(left.count) * share)))
            let least = left.indices.sorted {
                found[$0] != found[$1] ? found[$0] < found[$1] : $0 < $1
            }.prefix(goes)
            eliminated += least.map { left[$0] }
            let gone = Set(least)
            left = left.indices.filter { !gone.contains($0) }.map { left[$0] }
            guard progress(left.count), !Task.isCancelled else { break }
        }
        chosen = left
        self.eliminated = eliminated
    }
}
