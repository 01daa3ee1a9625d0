import ModelKernels

/// A machine, and what is known of its training.
public struct TrainedMachine: Hashable, Sendable {
    public var machine: SupportVectorMachine
    /// Which row each vector was.
    public var vectorRows: [Int]
    public var iterationCount: Int
    /// How many rows of kernels were computed.
    public var kernelRowCount: Int
    /// By how much the conditions of the optimum are missed.
    public var violation: Double
    /// Whether it was stopped, and is the best so far.
    public var wasStopped: Bool
}

/// Trains support vector machines.
public enum SVMTraining {
    /// Hears the iteration and by how much the optimum is missed; says whether to go on.
    public typealias Progress = (_ iteration: Int, _ violation: Double) -> Bool

    /// C-SVC or ν-SVC.
    ///
    /// The same rows, options and level of machine give the same bits. Every step makes the
    /// machine better, so that what a stop leaves is the best so far.
    public static func classify(
        _ rows: SVMRows, labels: [Bool], _ options: SVMOptions,
        progress: Progress = { _, _ in true }
    ) throws(SVMError) -> TrainedMachine {
        try options.check()
        guard labels.count == rows.rowCount else {
            throw .counts("\(labels.count) labels, \(rows.rowCount) rows")
        }
        let positiveCount = labels.count { $0 }
        let negativeCount = labels.count - positiveCount
        guard positiveCount > 0, negativeCount > 0 else { throw .oneClass }
        switch options.task {
        case .classification(let cost):
            let weights = options.weights(
                negativeCount: negativeCount, positiveCount: positiveCount)
            return try train(
                DualProblem(labels: labels, cost: cost, weights: weights), rows, options, progress)
        case .nuClassification(let nu):
            return try train(DualProblem(labels: labels, nu: nu), rows, options, progress)
        case .regression: throw .badOption("regression has targets, not labels")
        }
    }

    /// ε-SVR: the machine's value is the target's.
    public static func regress(
        _ rows: SVMRows, targets: [Double], _ options: SVMOptions,
        progress: Progress = { _, _ in true }
    ) throws(SVMError) -> TrainedMachine {
        try options.check()
        guard targets.count == rows.rowCount else {
            throw .counts("\(targets.count) targets, \(rows.rowCount) rows")
        }
        if let row = targets.firstIndex(where: { !$0.isFinite }) { throw .notFinite(row: row) }
        guard case .regression(let cost, let epsilon) = options.task else {
            throw .badOption("classification has labels, not targets")
        }
        return try train(
            DualProblem(targets: targets, cost: cost, epsilon: epsilon), rows, options, progress)
    }

    private static func train(
        _ problem: DualProblem, _ rows: SVMRows, _ options: SVMOptions, _ progress: Progress
    ) throws(SVMError) -> TrainedMachine {
        guard !Task.isCancelled else { throw .stopped }
        var solver = Solver(problem, rows, options)
        solver.solve(iterationCountMax: options.iterationCountMax, progress: progress)
        guard solver.iterationCount > 0 || !solver.wasStopped else { throw .stopped }
        let (offset, scale) = solver.plane()
        guard scale > 0 else { throw .noMargin }
        let vectorRows = (0..<rows.rowCount).filter { solver.signedAlpha($0) != 0 }
        return TrainedMachine(
            machine: try SupportVectorMachine(
                curve: options.curve, featureCount: rows.featureCount,
                vectors: rows.cells(of: vectorRows),
                coefficients: vectorRows.map { solver.signedAlpha($0) / scale },
                intercept: -offset / scale),
            vectorRows: vectorRows, iterationCount: solver.iterationCount,
            kernelRowCount: solver.store.computedCount, violation: solver.violation,
            wasStopped: solver.wasStopped)
    }
}

extension Solver {
    /// What is taken from the sum of kernels, and what the machine is divided by.
    ///
    /// Variables between their bounds lie on the margin, and tell; where there are none, the middle
    /// of what the others allow is taken.
    func plane() -> (offset: Double, scale: Double) {
        let levels = groups.map { stretches in
            var (sum, count) = (0.0, 0)
            var (most, least) = (Double.infinity, -Double.infinity)
            for stretch in stretches {
                for variable in stretch.start..<stretch.start + stretch.count {
                    switch (up[variable] == 0, low[variable] == 0) {
                    case (true, true):
                        sum += gradient[variable]
                        count += 1
                    case (true, false): most = min(most, gradient[variable])
                    case (false, true): least = max(least, gradient[variable])
                    case (false, false): break
                    }
                }
            }
            return count > 0 ? sum / Double(count) : (most + least) / 2
        }
        guard levels.count == 2 else { return (levels[0], 1) }
        // ν-SVC: the classes' margins are where they came out, and become -1 and 1.
        return ((levels[0] + levels[1]) / 2, (levels[0] - levels[1]) / 2)
    }
}
