import ModelCore
public import ModelForest
import ModelONNX
public import ModelTraining

/// Random forests, and extra trees.
public struct ForestMethod: Method {
    public var options: ForestOptions

    public init(_ options: ForestOptions) { self.options = options }

    public var kind: String { "forest" }
    public var title: String { options.randomCuts ? "extra trees" : "random forest" }
    public var seed: UInt64 {
        get { options.seed }
        set { options.seed = newValue }
    }
    public var stepCount: Int { options.treeCount }
    public var hasOutOfBag: Bool { options.bootstrap }

    public var space: [String: SearchSpace.Values] {
        [
            "depth": .choices([4, 6, 8, 12, 20]), "leaf": .choices([1, 2, 3, 5, 8, 12, 20]),
            "tries": .range(0.05...0.6),
        ]
    }

    public func choosing(_ setting: Setting) -> ForestMethod {
        var chosen = self
        if let depth = setting["depth"] { chosen.options.depthMax = Int(depth) }
        if let leaf = setting["leaf"] { chosen.options.leafRowsMin = Int(leaf) }
        if let tries = setting["tries"] { chosen.options.featuresPerNode = .share(tries) }
        return chosen
    }

    public func learn(
        _ table: TrainingTable, _ imputation: ImputationRule, progress: (Int) -> Bool
    ) async throws(TrainerError) -> any Machine {
        let filling = try imputation.filling(table)
        let complete = filling?.filling(table) ?? table
        do throws(ForestError) {
            let grown = try await ForestTraining.grow(
                ForestRows(
                    featureCount: complete.columnCount, values: complete.values,
                    labels: complete.labels), options, progress: progress)
            return ForestMachine(
                grown: grown, scorer: try ForestScorer(grown.ensemble), filling: filling,
                missing: imputation.treatments(filling, of: table),
                outOfBag: hasOutOfBag ? grown.outOfBag : nil)
        } catch {
            throw error == .stopped ? .stopped : .training(error.description)
        }
    }
}

/// A grown forest; its raw score is the mean of its leaves.
private struct ForestMachine: Machine {
    let grown: GrownForest
    let scorer: ForestScorer
    /// Nil where nothing is put in.
    let filling: Imputation?
    let missing: [MissingTreatment]
    let outOfBag: [Double]?

    var link: ScoreLink { .identity }
    var importances: [Double]? { grown.importances }
    var wasStopped: Bool { grown.wasStopped }

    func rawScores(_ table: TrainingTable) throws(TrainerError) -> [Double] {
        do throws(ForestError) {
            return try scorer.scores((filling?.filling(table) ?? table).values)
        } catch { throw .training(error.description) }
    }

    func calibrated(by line: LogisticLine?) throws(TrainerError) -> any CalibratedMachine {
        CalibratedForest(
            machine: self,
            calibration: line.map { .platt(a: -$0.slope, b: -$0.intercept) } ?? .none)
    }
}

private struct CalibratedForest: CalibratedMachine {
    let machine: ForestMachine
    let calibration: Calibration

    func scores(_ row: [Float]) throws(TrainerError) -> [Double] {
        do throws(ForestError) {
            let score = try machine.scorer.score(machine.filling?.filling(row) ?? row)
            return [1 - score, score]
        } catch { throw .training(error.description) }
    }

    func bytes(_ manifest: Manifest) throws(TrainerError) -> [UInt8] {
        do throws(ArtifactWriteError) {
            return try ArtifactWriter.bytes(
                machine.grown.ensemble, link: .identity, manifest: manifest)
        } catch { throw .artifact("\(error)") }
    }
}
