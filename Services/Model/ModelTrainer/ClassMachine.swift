public import ModelCore
public import ModelTraining

/// What was learnt of several classes from rows; it takes rows with gaps.
public protocol ClassMachine: Sendable {
    /// What is put in for each column that is missing.
    var missing: [MissingTreatment] { get }
    /// Each training row's raw scores by the parts that have not seen it, nil where all have; nil
    /// where there are no such parts.
    var outOfBag: [[Double]?]? { get }
    /// Each column's share of what was learnt; nil where that is not known.
    var importances: [Double]? { get }
    /// Whether it was stopped, and is the best so far.
    var wasStopped: Bool { get }
    /// Whether a line may move its raw scores; else they are probabilities, and stay.
    var hasLogits: Bool { get }

    /// The raw score of each class for each row.
    func rawScores(_ table: TrainingTable) throws(TrainerError) -> [[Double]]

    /// The machine as it is written; without a line its scores are as they come.
    func calibrated(by line: SoftmaxLine?) throws(TrainerError) -> any CalibratedMachine
}

extension ClassMachine {
    /// What the raw scores of one row say by themselves.
    func plain(_ raw: [Double]) -> [Double] {
        guard hasLogits else { return raw }
        let shifts = [Double](repeating: 0, count: raw.count)
        return SoftmaxLine(slope: 1, shifts: shifts).probabilities(raw)
    }
}

/// What a model says of rows that it has not seen, beside the classes that they have.
public struct ClassForecast: Hashable, Sendable {
    public let calibrated: ScoredClasses
    /// What the scores say by themselves.
    public let uncalibrated: ScoredClasses

    init(
        _ raw: [[Double]], _ table: TrainingTable, _ machine: any ClassMachine,
        _ line: SoftmaxLine?
    ) throws(TrainingError) {
        let plain = raw.map(machine.plain)
        uncalibrated = try ScoredClasses(
            probabilities: plain, classes: table.classes, classCount: table.classCount)
        calibrated =
            try line.map { line throws(TrainingError) in
                try ScoredClasses(
                    probabilities: raw.map(line.probabilities), classes: table.classes,
                    classCount: table.classCount)
            } ?? uncalibrated
    }

    init(calibrated: ScoredClasses, uncalibrated: ScoredClasses) {
        self.calibrated = calibrated
        self.uncalibrated = uncalibrated
    }
}
