public import ModelCore
public import ModelTraining

/// A way of learning, with everything that is to be chosen of it: a value.
public protocol Method: Sendable {
    /// As the manifest names it.
    var kind: String { get }
    /// As people name it.
    var title: String { get }
    /// The same rows, choices and seed give the same model.
    var seed: UInt64 { get set }
    /// How many steps one learning takes: trees, machines or epochs.
    var stepCount: Int { get }
    /// How many steps one learning of several classes takes.
    func stepCount(classCount: Int) -> Int
    /// Whether the model knows scores of its own rows by parts that have not seen them.
    var hasOutOfBag: Bool { get }
    /// The settings that a search tries.
    var space: [String: SearchSpace.Values] { get }

    /// The method with the choices of one setting.
    func choosing(_ setting: Setting) -> Self

    /// Learns from rows with gaps.
    ///
    /// `progress` hears how many steps are done, and says whether to go on; when it says no, the
    /// best so far is kept.
    func learn(
        _ table: TrainingTable, _ imputation: ImputationRule, progress: (Int) -> Bool
    ) async throws(TrainerError) -> any Machine

    /// Learns several classes from rows with gaps.
    ///
    /// When `progress` says no, what there is is kept, if it knows every class.
    func learnClasses(
        _ table: TrainingTable, _ imputation: ImputationRule, progress: (Int) -> Bool
    ) async throws(TrainerError) -> any ClassMachine

    /// Learns a quantity from rows with gaps.
    ///
    /// When `progress` says no, the best so far is kept.
    func learnQuantity(
        _ table: TrainingTable, _ imputation: ImputationRule, progress: (Int) -> Bool
    ) async throws(TrainerError) -> any QuantityMachine
}

extension Method {
    public func stepCount(classCount: Int) -> Int { stepCount }
}

/// What was learnt from rows; it takes rows with gaps.
public protocol Machine: Sendable {
    /// How a raw score reads as a probability before it is calibrated.
    var link: ScoreLink { get }
    /// What is put in for each column that is missing.
    var missing: [MissingTreatment] { get }
    /// Each training row's raw score by the parts that have not seen it; nil where there are none.
    var outOfBag: [Double]? { get }
    /// Each column's share of what was learnt; nil where that is not known.
    var importances: [Double]? { get }
    /// Whether it was stopped, and is the best so far.
    var wasStopped: Bool { get }

    /// The raw score of each row, the higher the more it speaks for the outcome.
    func rawScores(_ table: TrainingTable) throws(TrainerError) -> [Double]

    /// The machine as it is written, its probabilities on a line of the raw scores; nil where no
    /// such line is known.
    func calibrated(by line: LogisticLine?) throws(TrainerError) -> any CalibratedMachine
}

/// A machine as it is written.
public protocol CalibratedMachine: Sendable {
    /// What is left for the manifest to do.
    var calibration: Calibration { get }

    /// The scores of the classes, or the quantity, for one row with gaps, as the file gives them.
    func scores(_ row: [Float]) throws(TrainerError) -> [Double]
    func bytes(_ manifest: Manifest) throws(TrainerError) -> [UInt8]
}
