/// A column-by-column change of rows before the model proper.
public enum Preparation: Hashable, Sendable {
    /// Puts `values` where the row holds `replaced` (which may be NaN).
    case impute(replaced: Float, values: [Float])
    /// (x - offset) * scale.
    case scale(offsets: [Float], scales: [Float])

    /// Changes flat rows of `width` columns, which it must fit, in place.
    public func apply(to rows: inout [Float], width: Int) {
        precondition(fits(width: width))
        // Through buffers, because columns are then changed several at a time.
        rows.withUnsafeMutableBufferPointer { rows in
            for start in stride(from: 0, to: rows.count, by: max(1, width)) {
                change(UnsafeMutableBufferPointer(rebasing: rows[start..<start + width]))
            }
        }
    }

    private func change(_ row: UnsafeMutableBufferPointer<Float>) {
        switch self {
        case .impute(let replaced, let values):
            let step = values.count == 1 ? 0 : 1
            let replacesMissing = replaced.isNaN
            values.withUnsafeBufferPointer { values in
                for column in 0..<row.count {
                    let value = row[column]
                    let isReplaced = value == replaced || (replacesMissing && value.isNaN)
                    row[column] = isReplaced ? values[column * step] : value
                }
            }
        case .scale(let offsets, let scales):
            let (offsetStep, scaleStep) = (offsets.count == 1 ? 0 : 1, scales.count == 1 ? 0 : 1)
            offsets.withUnsafeBufferPointer { offsets in
                scales.withUnsafeBufferPointer { scales in
                    for column in 0..<row.count {
                        row[column] =
                            (row[column] - offsets[column * offsetStep])
                            * scales[column * scaleStep]
                    }
                }
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
