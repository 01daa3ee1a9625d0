import ModelKernels

/// Sequential minimal optimization: two variables at a time, the worst one and the partner that
/// promises the most (Fan, Chen and Lin, 2005), in y-times-gradient form.
struct Solver {
    typealias Highest = SolverPasses.Highest
    typealias Extremes = SolverPasses.Extremes
    typealias Stretch = SolverPasses.Stretch

    static let progressEvery = 256

    let problem: DualProblem
    let tolerance: Double
    let shrinks: Bool
    let passes = SolverPasses()
    var store: KernelStore
    /// Of each variable of the problem.
    var alphas: [Double]
    /// The rows that take part, in order.
    var columns: [Int]
    /// How many of them belong to the first group.
    var firstGroupCount: Int?
    /// Of the variables that take part, side after side: the gradient times the sign.
    var gradient: [Double] = []
    var up: [Double] = []
    var low: [Double] = []
    /// Of each row that takes part: its kernel with itself.
    var diagonal: [Double] = []
    /// Of each row.
    let ownKernels: [Double]
    /// Of all variables, where those that do not take part were left.
    var wholeGradient: [Double]
    private(set) var iterationCount = 0
    private(set) var violation = Double.infinity
    private(set) var wasStopped = false
    #if DEBUG
    let plantedBug: SVMOptions.PlantedBug?
    #endif

    init(_ problem: DualProblem, _ rows: SVMRows, _ options: SVMOptions) {
        self.problem = problem
        tolerance = options.tolerance
        shrinks = options.shrinks
        #if DEBUG
        plantedBug = options.plantedBug
        #endif
        columns = problem.order
        firstGroupCount = problem.firstGroupCount
        store = KernelStore(rows, options, columns: problem.order)
        alphas = problem.starts
        wholeGradient = problem.linear
        ownKernels = (0..<rows.rowCount).map { options.curve.ownKernel(rows.row($0)) }
        addKernels(of: Array(0..<rows.rowCount))
        takePart()
    }

    /// Runs until the optimum, the last iteration, or a no from `progress`.
    mutating func solve(
        iterationCountMax: Int, progress: (_ iteration: Int, _ violation: Double) -> Bool
    ) {
        let shrinkEvery = min(problem.rowCount, 1000)
        var extremes = refresh()
        while iterationCount < iterationCountMax {
            violation = extremes.map { $0.up.value + $0.low.value }.max() ?? 0
            guard violation >= tolerance, let pair = choose(extremes) else {
                guard columns.count < problem.rowCount else { return }
                #if DEBUG
                if plantedBug == .neverRestores { return }
                #endif
                restore()
                extremes = refresh()
                continue
            }
            if iterationCount.isMultiple(of: Self.progressEvery) {
                wasStopped = !progress(iterationCount, violation) || Task.isCancelled
                if wasStopped { return }
            }
            extremes = step(pair, extremes)
            iterationCount += 1
            if shrinks, iterationCount.isMultiple(of: shrinkEvery), shrink(extremes) {
                extremes = refresh()
            }
        }
    }

    // The parts of the variables that follow each other, group by group.
    var groups: [[Stretch]] {
        let count = columns.count
        if let first = firstGroupCount {
            return [
                [Stretch(start: 0, count: first, column: 0)],
                [Stretch(start: first, count: count - first, column: first)],
            ]
        }
        return [
            (0..<problem.sideCount).map { Stretch(start: $0 * count, count: count, column: 0) }
        ]
    }

    func column(of variable: Int) -> Int { variable % columns.count }

    /// The variable's number among all.
    func number(of variable: Int) -> Int {
        variable / columns.count * problem.rowCount + columns[column(of: variable)]
    }
}

extension Solver {
    struct Pair {
        var first: Int
        var second: Int
        /// Where the first one's kernels begin.
        var row: Int
    }

    /// The extremes, without a move.
    mutating func refresh() -> [Extremes] {
        let row = store.start(of: columns[0], pinned: []) { [] }
        return move(.init(row: row, step: 0), .init(row: row, step: 0))
    }

    private mutating func move(
        _ first: SolverPasses.Move, _ second: SolverPasses.Move
    ) -> [Extremes] {
        groups.map { stretches in
            var found = Extremes(up: .none, low: .none)
            for stretch in stretches {
                let own = passes.move(
                    &gradient, stretch, up: up, low: low, store: store.kernels, first, second)
                if own.up.value > found.up.value { found.up = own.up }
                if own.low.value > found.low.value { found.low = own.low }
            }
            return found
        }
    }

    /// The pair that promises the most, of all groups.
    private mutating func choose(_ extremes: [Extremes]) -> Pair? {
        var best: (pair: (first: Int, second: Int), gain: Double)?
        for (stretches, found) in zip(groups, extremes) {
            guard let first = found.up.variable else { continue }
            let row = start(of: first, pinned: best?.pair.first, extremes)
            for stretch in stretches {
                let partner = passes.partner(
                    gradient, stretch, low: low, store: store.kernels, row: row,
                    diagonal: diagonal, top: found.up.value,
                    own: diagonal[column(of: first)])
                if let second = partner.variable, partner.value > best?.gain ?? -.infinity {
                    best = ((first, second), partner.value)
                }
            }
        }
        guard let (first, second) = best?.pair else { return nil }
        return Pair(first: first, second: second, row: start(of: first, pinned: nil, extremes))
    }

    /// Where a variable's kernels begin.
    private mutating func start(of variable: Int, pinned: Int?, _ extremes: [Extremes]) -> Int {
        let pinned = pinned.map { [columns[column(of: $0)]] } ?? []
        let row = columns[column(of: variable)]
        guard !store.holds(row) else { return store.start(of: row, pinned: pinned) { [] } }
        let others = worst(KernelStore.burst - 1, extremes)
        return store.start(of: row, pinned: pinned) { others }
    }

    /// The rows that miss the conditions by the most, whose kernels are likely to be asked for.
    private func worst(_ count: Int, _ extremes: [Extremes]) -> [Int] {
        var worst: [(row: Int, miss: Double)] = []
        for (stretches, found) in zip(groups, extremes) {
            for stretch in stretches {
                for variable in stretch.start..<stretch.start + stretch.count {
                    let miss = max(
                        up[variable] - gradient[variable] + found.low.value,
                        low[variable] + gradient[variable] + found.up.value)
                    guard miss > max(0, worst.count < count ? 0 : worst[count - 1].miss) else {
                        continue
                    }
                    let row = columns[column(of: variable)]
                    guard !store.holds(row) else { continue }
                    let place = worst.firstIndex { $0.miss < miss } ?? worst.count
                    worst.insert((row, miss), at: place)
                    if worst.count > count { worst.removeLast() }
                }
            }
        }
        return worst.map(\.row)
    }

    /// Moves a pair as far as its parabola and its bounds allow.
    private mutating func step(_ pair: Pair, _ extremes: [Extremes]) -> [Extremes] {
        let (first, second) = (number(of: pair.first), number(of: pair.second))
        let (i, j) = (column(of: pair.first), column(of: pair.second))
        let bend = diagonal[i] + diagonal[j] - 2 * Double(store.kernels[pair.row + j])
        let slope = gradient[pair.second] - gradient[pair.first]
        let length = min(
            slope / max(bend, 1e-12), room(first, rises: true), room(second, rises: false))
        advance(pair.first, first, by: length)
        advance(pair.second, second, by: -length)
        // It may take another slot, but never the first one's.
        let otherRow = start(of: pair.second, pinned: pair.first, extremes)
        #if DEBUG
        if plantedBug == .movesHalf {
            return move(.init(row: pair.row, step: length), .init(row: otherRow, step: 0))
        }
        #endif
        return move(.init(row: pair.row, step: length), .init(row: otherRow, step: -length))
    }

    /// How far sign times alpha may go.
    private func room(_ number: Int, rises: Bool) -> Double {
        #if DEBUG
        if plantedBug == .ignoresBounds { return .infinity }
        #endif
        return (problem.signs[number] > 0) == rises
            ? problem.bounds[number] - alphas[number] : alphas[number]
    }

    private mutating func advance(_ variable: Int, _ number: Int, by length: Double) {
        let isRise = (problem.signs[number] > 0) == (length > 0)
        let end = isRise ? problem.bounds[number] : 0
        // Bounds are met exactly, so that they can be seen.
        alphas[number] =
            length.magnitude >= room(number, rises: length > 0)
            ? end : alphas[number] + (isRise ? length.magnitude : -length.magnitude)
        mark(variable, number)
    }

    /// Writes down whether a variable may rise or fall.
    func flags(_ number: Int) -> (up: Double, low: Double) {
        (
            room(number, rises: true) > 0 ? 0 : -.infinity,
            room(number, rises: false) > 0 ? 0 : -.infinity
        )
    }

    private mutating func mark(_ variable: Int, _ number: Int) {
        (up[variable], low[variable]) = flags(number)
    }
}

extension KernelCurve {
    /// The kernel of a row with itself.
    func ownKernel(_ row: ArraySlice<Float>) -> Double {
        if case .radial = self { return 1 }
        let panels = KernelPanels(vectors: Array(row), count: 1, width: row.count, curve: self)
        var kernels = [Float](repeating: 0, count: panels.paddedCount)
        panels.rows(of: Array(row), at: [0], into: &kernels, at: [0])
        return Double(kernels[0])
    }
}
