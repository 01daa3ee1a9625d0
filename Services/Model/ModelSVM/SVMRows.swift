/// Rows to train a machine on, complete and scaled.
public struct SVMRows: Hashable, Sendable {
    static let rowCountMax = 1 << 24
    static let cellCountMax = 1 << 31

    public let featureCount: Int
    public let rowCount: Int
    /// Row after row.
    public let values: [Float]

    public init(featureCount: Int, values: [Float]) throws(SVMError) {
        guard featureCount > 0 else { throw .noFeatures }
        guard !values.isEmpty else { throw .noRows }
        guard values.count.isMultiple(of: featureCount) else {
            throw .counts("\(values.count) values in rows of \(featureCount)")
        }
        guard values.count <= Self.cellCountMax, values.count / featureCount <= Self.rowCountMax
        else { throw .tooLarge("\(values.count / featureCount) rows of \(featureCount)") }
        if let cell = values.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(row: cell / featureCount)
        }
        self.featureCount = featureCount
        self.values = values
        rowCount = values.count / featureCount
    }

    func row(_ index: Int) -> ArraySlice<Float> {
        values[index * featureCount..<(index + 1) * featureCount]
    }

    /// The rows of these numbers, one after the other.
    func cells(of rows: [Int]) -> [Float] {
        var cells: [Float] = []
        cells.reserveCapacity(rows.count * featureCount)
        for index in rows { cells += row(index) }
        return cells
    }
}
