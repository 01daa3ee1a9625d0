import CModelNetwork

/// How the loops want their matrices: rows filled up with zeros.
enum Padding {
    /// The columns that a row of `count` is filled up to.
    static func columns(_ count: Int) -> Int {
        let lanes = Int(TWIN_NETWORK_LANES)
        return (count + lanes - 1) / lanes * lanes
    }

    /// Rows of `width` columns, each filled up.
    static func padded(_ rows: [Float], width: Int) -> [Float] {
        let columns = columns(width)
        guard columns != width else { return rows }
        var padded = [Float](repeating: 0, count: rows.count / width * columns)
        for (place, value) in rows.enumerated() {
            padded[place / width * columns + place % width] = value
        }
        return padded
    }

    /// The rows without what they were filled up with.
    static func stripped(_ rows: [Float], width: Int) -> [Float] {
        let columns = columns(width)
        return (0..<rows.count / columns).flatMap { rows[$0 * columns..<$0 * columns + width] }
    }
}
