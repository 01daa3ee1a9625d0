import ModelKernels

/// Leaving rows out that seem settled, and taking them in again.
extension Solver {
    /// The least share of rows that is worth packing the rest anew.
    private static let shrinkShareMin = 0.1

    /// Leaves out rows all of whose variables are at a bound and pull further out than any pair
    /// could pull them back; says whether it did.
    mutating func shrink(_ extremes: [Extremes]) -> Bool {
        let count = columns.count
        var places: [Int] = []
        for (stretches, found) in zip(groups, extremes) {
            guard let stretch = stretches.first else { continue }
            for place in stretch.column..<stretch.column + stretch.count {
                let settles = (0..<problem.sideCount).allSatisfy { side in
                    isSettled(side * count + place, found)
                }
                if !settles { places.append(place) }
            }
        }
        let leaving = count - places.count
        guard Double(leaving) >= Self.shrinkShareMin * Double(count), !places.isEmpty else {
            return false
        }
        leaveGradient()
        firstGroupCount = firstGroupCount.map { first in places.count { $0 < first } }
        columns = places.map { columns[$0] }
        store.keep(places: places, columns: columns)
        takePart()
        return true
    }

    private func isSettled(_ variable: Int, _ found: Extremes) -> Bool {
        switch (up[variable] == 0, low[variable] == 0) {
        case (true, false): gradient[variable] > found.low.value
        case (false, true): -gradient[variable] > found.up.value
        case (false, false): true
        case (true, true): false
        }
    }

    /// Takes all rows in again.
    mutating func restore() {
        leaveGradient()
        var isAway = [Bool](repeating: true, count: problem.rowCount)
        for row in columns { isAway[row] = false }
        let away = isAway.indices.filter { isAway[$0] }
        for row in away {
            for side in 0..<problem.sideCount {
                let number = side * problem.rowCount + row
                wholeGradient[number] = problem.linear[number]
            }
        }
        addKernels(of: away)
        columns = problem.order
        firstGroupCount = problem.firstGroupCount
        store.restart(columns: columns)
        takePart()
    }

    /// Writes the gradient of those that take part to that of all.
    func whole() -> [Double] {
        var whole = wholeGradient
        for variable in gradient.indices { whole[number(of: variable)] = gradient[variable] }
        return whole
    }

    private mutating func leaveGradient() { wholeGradient = whole() }

    /// Makes the variables of ``columns`` from those of all.
    mutating func takePart() {
        let numbers = (0..<problem.sideCount).flatMap { side in
            columns.map { side * problem.rowCount + $0 }
        }
        gradient = numbers.map { wholeGradient[$0] }
        let flags = numbers.map { self.flags($0) }
        up = flags.map(\.up)
        low = flags.map(\.low)
        diagonal = columns.map { ownKernels[$0] }
    }

    /// Adds to the gradient of some rows what all vectors' kernels make of it.
    mutating func addKernels(of rows: [Int]) {
        let vectors = (0..<problem.rowCount).filter { signedAlpha($0) != 0 }
        guard !rows.isEmpty, !vectors.isEmpty else { return }
        let panels = KernelPanels(
            vectors: store.rows.cells(of: vectors), count: vectors.count,
            width: store.rows.featureCount, curve: store.curve)
        let padding = [Double](repeating: 0, count: panels.paddedCount - vectors.count)
        var sums = [Double](repeating: 0, count: rows.count)
        panels.addSums(
            to: &sums, coefficients: vectors.map(signedAlpha) + padding, sumCount: 1,
            rows: store.rows.cells(of: rows), rowCount: rows.count)
        for (row, sum) in zip(rows, sums) {
            for side in 0..<problem.sideCount {
                wholeGradient[side * problem.rowCount + row] += sum
            }
        }
    }

    /// What a row weighs in the machine.
    func signedAlpha(_ row: Int) -> Double {
        (0..<problem.sideCount).reduce(0) { sum, side in
            let number = side * problem.rowCount + row
            return sum + problem.signs[number] * alphas[number]
        }
    }
}
