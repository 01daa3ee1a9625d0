/// A column-by-column change of rows before the model proper.
public enum Preparation: Hashable, Sendable {
    /// Puts `values` where the row holds `replaced` (which may be NaN).
    case impute(replaced: Float, values: [Float])
    /// (x - offset) * scale.
    case scale(offsets: [Float], scales: [Float])

    /// Changes flat rows of `width` columns, which it must fit, in place.
    public func apply(to rows: inout [Float], width: Int) {
        precondition(fits(width: width))
        switch self {
        case .impute(let replaced, let values):
            for index in rows.indices
            where rows[index] == replaced || (replaced.isNaN && rows[index].isNaN) {
                rows[index] = values[values.count == 1 ? 0 : index % width]
            }
        case .scale(let offsets, let scales):
            for index in rows.indices {
                let column = index % width
                let offset = offsets[offsets.count == 1 ? 0 : column]
                rows[index] = (rows[index] - offset) * scales[scales.count == 1 ? 0 : column]
            }
        }
    }

    /// Whether it fits rows of `width` columns.
    public func fits(width: Int) -> Bool {
        switch self {
        case .impute(_, let values): values.count == width || values.count == 1
        case .scale(let offsets, let scales):
            (offsets.count == width || offsets.count == 1)
                && (scales.count == width || scales.count == 1)
        }
    }
}
