import ModelCore

/// Class probabilities from those of each pair of classes (Wu, Lin and Weng, 2004, second method).
enum PairwiseCoupling {
    private static let roundCountMax = 100
    private static let lowest = 1e-7

    static func probabilities(
        margins: [Double], a: [Float], b: [Float], classCount: Int
    ) -> [Float] {
        // Bounding would make a number of NaN.
        guard !margins.contains(where: \.isNaN) else {
            return [Float](repeating: .nan, count: classCount)
        }
        // pair[i][j]: the probability of class i where it can only be i or j.
        var pair = [[Double]](
            repeating: [Double](repeating: 0, count: classCount), count: classCount)
        var index = 0
        for first in 0..<classCount {
            for second in first + 1..<max(first + 1, classCount) {
                let logit = margins[index] * Double(a[index]) + Double(b[index])
                let own = min(max(Elementary.logistic(-logit), lowest), 1 - lowest)
                pair[first][second] = own
                pair[second][first] = 1 - own
                index += 1
            }
        }
        return couple(pair).map { Float($0) }
    }

    /// Minimises the sum of (pair[j][i] p[i] - pair[i][j] p[j])² by turns over the classes.
    private static func couple(_ pair: [[Double]]) -> [Double] {
        let classes = pair.indices
        let count = Double(pair.count)
        let quadratic = classes.map { t in
            classes.map { j in
                t == j
                    ? classes.reduce(0) { $1 == t ? $0 : $0 + pair[$1][t] * pair[$1][t] }
                    : -pair[j][t] * pair[t][j]
            }
        }
        var p = [Double](repeating: 1 / count, count: pair.count)
        for _ in 0..<max(roundCountMax, pair.count) {
            var gradient = classes.map { t in classes.reduce(0) { $0 + quadratic[t][$1] * p[$1] } }
            var value = classes.reduce(0) { $0 + p[$1] * gradient[$1] }
            let error = classes.reduce(0) { max($0, (gradient[$1] - value).magnitude) }
            if error < 0.005 / count { break }
            for t in classes {
                let step = (value - gradient[t]) / quadratic[t][t]
                p[t] += step
                value =
                    (value + step * (step * quadratic[t][t] + 2 * gradient[t]))
                    / ((1 + step) * (1 + step))
                for j in classes {
                    gradient[j] = (gradient[j] + step * quadratic[t][j]) / (1 + step)
                    p[j] /= 1 + step
                }
            }
        }
        return p
    }
}
