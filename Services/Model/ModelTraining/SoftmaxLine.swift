import ModelCore

/// Probabilities of several classes from their raw scores: the softmax of one slope for all, and a
/// shift for each.
///
/// With no shifts it is temperature scaling of logits, the slope being one over the temperature.
public struct SoftmaxLine: Hashable, Sendable {
    public let slope: Double
    /// One a class; the first is 0.
    public let shifts: [Double]

    public init(slope: Double, shifts: [Double]) {
        self.slope = slope
        self.shifts = shifts
    }

    public func probabilities(_ raw: [Double]) -> [Double] {
        precondition(raw.count == shifts.count)
        let logits = zip(raw, shifts).map { slope * $0 + $1 }
        let highest = logits.max() ?? 0
        let powers = logits.map { Elementary.exp($0 - highest) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    /// The line of maximum likelihood of rows that the model has not learnt from.
    ///
    /// Targets are drawn in a little, as Platt does for two classes, so that there is a solution.
    /// Newton's method, halving steps that do not improve.
    public init(
        fitting raw: [[Double]], to classes: [Int], classCount: Int
    ) throws(TrainingError) {
        guard raw.count == classes.count, !raw.isEmpty,
            raw.allSatisfy({ $0.count == classCount && $0.allSatisfy(\.isFinite) })
        else { throw .counts("\(raw.count) rows of scores, \(classes.count) classes") }
        var counts = [Double](repeating: 0, count: classCount)
        for own in classes { counts[own] += 1 }
        let targets = classes.map { own in
            let truth = (counts[own] + 1) / (counts[own] + 2)
            let rest = (1 - truth) / Double(classCount - 1)
            return (0..<classCount).map { $0 == own ? truth : rest }
        }
        var line = SoftmaxLine(slope: 1, shifts: [Double](repeating: 0, count: classCount))
        var loss = line.loss(raw, targets)
        for _ in 0..<100 {
            guard let step = line.step(raw, targets) else { break }
            var share = 1.0
            var next = line.moved(step, share)
            var nextLoss = next.loss(raw, targets)
            while !(nextLoss <= loss * (1 + 1e-12)), share > 1e-10 {
                share /= 2
                next = line.moved(step, share)
                nextLoss = next.loss(raw, targets)
            }
            guard share > 1e-10 else { break }
            (line, loss) = (next, nextLoss)
            if step.allSatisfy({ $0.magnitude < 1e-9 }) { break }
        }
        guard line.slope.isFinite, line.slope > 0, line.shifts.allSatisfy(\.isFinite) else {
            throw .noSolution("the scores do not speak for their classes")
        }
        self = line
    }

    /// Steps are of the slope, then of each shift but the first.
    private func moved(_ step: [Double], _ share: Double) -> SoftmaxLine {
        SoftmaxLine(
            slope: slope - share * step[0],
            shifts: shifts.indices.map { $0 == 0 ? 0 : shifts[$0] - share * step[$0] })
    }

    private func loss(_ raw: [[Double]], _ targets: [[Double]]) -> Double {
        zip(raw, targets).reduce(0) { sum, row in
            zip(probabilities(row.0), row.1).reduce(sum) {
                $0 - $1.1 * Elementary.log(max($1.0, 1e-300))
            }
        }
    }

    private func step(_ raw: [[Double]], _ targets: [[Double]]) -> [Double]? {
        let size = shifts.count
        var gradient = [Double](repeating: 0, count: size)
        var curvature = [[Double]](repeating: gradient, count: size)
        for (raw, targets) in zip(raw, targets) {
            let own = probabilities(raw)
            let mean = zip(own, raw).reduce(0) { $0 + $1.0 * $1.1 }
            for k in own.indices {
                gradient[0] += (own[k] - targets[k]) * raw[k]
                curvature[0][0] += own[k] * raw[k] * (raw[k] - mean)
                guard k > 0 else { continue }
                gradient[k] += own[k] - targets[k]
                curvature[0][k] += own[k] * (raw[k] - mean)
                for l in 1..<size {
                    curvature[k][l] += own[k] * ((k == l ? 1 : 0) - own[l])
                }
            }
        }
        for k in 1..<size { curvature[k][0] = curvature[0][k] }
        // Keeps what nothing tells of where it is.
        for k in 0..<size { curvature[k][k] += 1e-9 }
        return Self.solution(of: &curvature, &gradient)
    }

    /// Gauss's elimination with the greatest pivot; nil where there is no one solution.
    private static func solution(
        of matrix: inout [[Double]], _ right: inout [Double]
    ) -> [Double]? {
        let size = right.count
        for column in 0..<size {
            let pivot = (column..<size).reduce(column) {
                matrix[$1][column].magnitude > matrix[$0][column].magnitude ? $1 : $0
            }
            guard matrix[pivot][column].magnitude > 1e-14 else { return nil }
            matrix.swapAt(column, pivot)
            right.swapAt(column, pivot)
            for row in column + 1..<size {
                let factor = matrix[row][column] / matrix[column][column]
                for place in column..<size { matrix[row][place] -= factor * matrix[column][place] }
                right[row] -= factor * right[column]
            }
        }
        var solution = right
        for row in (0..<size).reversed() {
            for place in row + 1..<size { solution[row] -= matrix[row][place] * solution[place] }
            solution[row] /= matrix[row][row]
        }
        return solution
    }
}
