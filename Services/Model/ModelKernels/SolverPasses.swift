import CModelKernels

/// The two passes that a solver of support vector machines makes over its variables.
///
/// A variable that may rise has 0 in `up`, one that may fall 0 in `low`; else there is -infinity.
public struct SolverPasses: Sendable {
    /// A value and the first variable that has it; none where there is no such value.
    public struct Highest: Hashable, Sendable {
        public var value: Double
        public var variable: Int?

        public static let none = Highest(value: -.infinity, variable: nil)

        public init(value: Double, variable: Int?) {
            self.value = value
            self.variable = variable
        }

        init(_ found: TwinHighest) {
            self.init(value: found.value, variable: found.place < 0 ? nil : Int(found.place))
        }
    }

    public struct Extremes: Hashable, Sendable {
        /// Of minus the gradient, where a variable may rise.
        public var up: Highest
        /// Of the gradient, where it may fall.
        public var low: Highest

        public init(up: Highest, low: Highest) {
            self.up = up
            self.low = low
        }
    }

    /// Variables that follow each other, and the place of the first in a row of kernels.
    public struct Stretch: Hashable, Sendable {
        public var start: Int
        public var count: Int
        public var column: Int

        public init(start: Int, count: Int, column: Int) {
            self.start = start
            self.count = count
            self.column = column
        }

        var forLoops: TwinStretch {
            TwinStretch(start: Int64(start), count: Int64(count), column: Int64(column))
        }
    }

    /// A row of kernels, by where it begins in a store of rows, and how far to move along it.
    public struct Move: Hashable, Sendable {
        public var row: Int
        public var step: Double

        public init(row: Int, step: Double) {
            self.row = row
            self.step = step
        }
    }

    private let level: MachineLevel

    public init(level: MachineLevel = .best) {
        precondition(level <= .best)
        self.level = level
    }

    /// Moves a stretch of the gradient along two rows of kernels, and finds its extremes.
    public func move(
        _ gradient: inout [Double], _ stretch: Stretch, up: [Double], low: [Double],
        store: [Float], _ first: Move, _ second: Move
    ) -> Extremes {
        check(stretch, gradient.count, up.count, low.count)
        check(stretch, row: first.row, in: store)
        check(stretch, row: second.row, in: store)
        let found = unsafe twin_solver_move(
            level.rawValue, stretch.forLoops, &gradient, up, low, store, Int64(first.row),
            Int64(second.row), first.step, second.step)
        return Extremes(up: Highest(found.up), low: Highest(found.low))
    }

    /// The best partner of a variable: of the highest squared violation by curvature.
    ///
    /// `row` is where the variable's kernels begin, `top` minus its gradient, `own` its kernel with
    /// itself; `diagonal` holds that of each column.
    public func partner(
        _ gradient: [Double], _ stretch: Stretch, low: [Double], store: [Float], row: Int,
        diagonal: [Double], top: Double, own: Double
    ) -> Highest {
        check(stretch, gradient.count, low.count)
        check(stretch, row: row, in: store)
        precondition(stretch.column <= diagonal.count - stretch.count)
        return Highest(
            unsafe twin_solver_partner(
                level.rawValue, stretch.forLoops, gradient, low, store, Int64(row), diagonal, top,
                own))
    }

    private func check(_ stretch: Stretch, _ counts: Int...) {
        precondition(stretch.start >= 0 && stretch.count >= 0 && stretch.column >= 0)
        precondition(counts.allSatisfy { stretch.start <= $0 - stretch.count })
    }

    private func check(_ stretch: Stretch, row: Int, in store: [Float]) {
        precondition(row >= 0 && row + stretch.column <= store.count - stretch.count)
    }
}
