import ModelCore

/// Probabilities of several classes beside the class that each row really has.
public struct ScoredClasses: Hashable, Sendable {
    public let classCount: Int
    /// One row of probabilities a row.
    public let probabilities: [[Double]]
    /// Numbered from 0.
    public let classes: [Int]

    public init(
        probabilities: [[Double]], classes: [Int], classCount: Int
    ) throws(TrainingError) {
        guard probabilities.count == classes.count else {
            throw .counts("\(probabilities.count) scores, \(classes.count) classes")
        }
        guard !classes.isEmpty else { throw .noRows }
        guard classCount >= 2, probabilities.allSatisfy({ $0.count == classCount }),
            classes.allSatisfy({ (0..<classCount).contains($0) })
        else { throw .counts("not \(classCount) classes") }
        if let row = probabilities.firstIndex(where: { !$0.allSatisfy(\.isFinite) }) {
            throw .notFinite(row: row)
        }
        self.init(proven: probabilities, classes, classCount)
    }

    private init(proven probabilities: [[Double]], _ classes: [Int], _ classCount: Int) {
        self.classCount = classCount
        self.probabilities = probabilities
        self.classes = classes
    }

    /// The class of the greatest probability of each row, of equal ones the first.
    public var called: [Int] {
        probabilities.map { row in row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 } }
    }

    /// The share of rows that are called right.
    public var accuracy: Double {
        Double(zip(called, classes).count { $0 == $1 }) / Double(count)
    }

    /// The mean of minus the logarithm of the probability of what is true.
    public var logLoss: Double {
        zip(probabilities, classes).reduce(0) {
            $0 - Elementary.log(min(max($1.0[$1.1], 0x1p-52), 1))
        } / Double(count)
    }

    /// The mean over rows of the squared distances of all probabilities.
    public var brierScore: Double {
        zip(probabilities, classes).reduce(0) { sum, row in
            sum
                + row.0.indices.reduce(0) { own, index in
                    let distance = row.0[index] - (index == row.1 ? 1 : 0)
                    return own + distance * distance
                }
        } / Double(count)
    }

    /// How many rows of each class (first) were called each class (second).
    public var confusion: [[Int]] {
        var counts = [[Int]](
            repeating: [Int](repeating: 0, count: classCount), count: classCount)
        for (own, called) in zip(classes, called) { counts[own][called] += 1 }
        return counts
    }

    /// Each class against all others.
    public func alone(_ index: Int) throws(TrainingError) -> ScoredRows {
        try ScoredRows(
            scores: probabilities.map { $0[index] }, labels: classes.map { $0 == index })
    }

    /// The mean area under the ROC curve of each class against all others; nil where no class can
    /// be told from others.
    public var meanAUROC: Double? {
        let areas = (0..<classCount).compactMap { (try? alone($0))?.auroc }
        return areas.isEmpty ? nil : areas.reduce(0, +) / Double(areas.count)
    }

    /// How the probability of what is called compares with how often that is right, over ten bins.
    public var expectedCalibrationError: Double {
        let called = called
        let rows = try? ScoredRows(
            scores: zip(probabilities, called).map { $0[$1] },
            labels: zip(called, classes).map { $0 == $1 })
        return rows?.expectedCalibrationError() ?? 0
    }

    /// For each class how unlike it a row may be, so that of the rows of each class by themselves
    /// the coverage stay within: 1, which rules nothing out, where a class has too few rows.
    public func misfitMax(coverage: Double) -> [Double] {
        (0..<classCount).map { index in
            let misfits = zip(probabilities, classes).filter { $0.1 == index }
                .map { 1 - $0.0[index] }
            return ClassConditionalConformal.bound(misfits, coverage)
        }
    }
}

extension ScoredClasses: Judged {
    public var count: Int { classes.count }

    public func drawing(_ rows: [Int]) -> ScoredClasses {
        ScoredClasses(
            proven: rows.map { probabilities[$0] }, rows.map { classes[$0] }, classCount)
    }
}
