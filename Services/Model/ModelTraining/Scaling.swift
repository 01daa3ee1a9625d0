/// How each feature is brought to a common scale, learnt from training rows only.
public struct Scaling: Hashable, Sendable {
    public enum Rule: Hashable, Sendable {
        /// To mean 0 and standard deviation 1.
        case standard
        /// To the range from 0 to 1.
        case range
    }

    /// (x - offset) * scale, one a feature.
    public let offsets: [Float]
    public let scales: [Float]

    /// Missing values play no part; a feature that never differs is only moved.
    public init(_ rule: Rule, of table: TrainingTable) {
        var (offsets, scales): ([Float], [Float]) = ([], [])
        for index in table.columns.indices {
            let present = table.column(index).lazy.filter { !$0.isNaN }.map { Double($0) }
            let count = Double(present.count)
            var (offset, spread) = (0.0, 0.0)
            switch rule {
            case _ where present.isEmpty: break
            case .standard:
                offset = present.reduce(0, +) / count
                let squares = present.reduce(0) { $0 + ($1 - offset) * ($1 - offset) }
                spread = (squares / count).squareRoot()
            case .range:
                offset = present.min() ?? 0
                spread = (present.max() ?? 0) - offset
            }
            offsets.append(Float(offset))
            // What differs by rounding alone is not blown up.
            let isFlat = !(spread > 1e-6 * offset.magnitude) || !Float(1 / spread).isFinite
            scales.append(isFlat ? 1 : Float(1 / spread))
        }
        self.offsets = offsets
        self.scales = scales
    }

    /// The table on the common scale; what is missing stays missing.
    public func scaling(_ table: TrainingTable) -> TrainingTable {
        precondition(table.columnCount == offsets.count)
        return table.mapping { value, column in (value - offsets[column]) * scales[column] }
    }
}
