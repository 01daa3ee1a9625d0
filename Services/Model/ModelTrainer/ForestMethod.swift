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
        let filling: Imputation? =
            switch imputation {
            case .mean: Imputation(.mean, of: table)
            case .median: Imputation(.median, of: table)
            case .none: nil
            case .indicator:
                throw .training("a forest needs no indicators: it can do with gaps")
            }
        let complete = filling?.filling(table) ?? table
        do throws(ForestError) {
            let grown = try await ForestTraining.grow(
                ForestRows(
                    featureCount: complete.columnCount, values: complete.values,
                    labels: complete.labels), options, progress: progress)
            return ForestMachine(
                grown: grown, scorer: try ForestScorer(grown.ensemble),
                fills: filling?.fill, hasOutOfBag: hasOutOfBag,
                missing: (filling?.fill ?? []).map {
                    imputation == .mean ? .mean(Double($0)) : .median(Double($0))
                })
        } catch {
            throw error == .stopped ? .stopped : .training(error.description)
        }
    }
}

/// A grown forest; its raw score is the mean of its leaves.
private struct ForestMachine: Machine {
    let grown: GrownForest
    let scorer: ForestScorer
    let fills: [Float]?
    let hasOutOfBag: Bool
    private let treatments: [MissingTreatment]

    init(
        grown: GrownForest, scorer: ForestScorer, fills: [Float]?, hasOutOfBag: Bool,
        missing: [MissingTreatment]
    ) {
        self.grown = grown
        self.scorer = scorer
        self.fills = fills
        self.hasOutOfBag = hasOutOfBag
        treatments = missing
    }

    var link: ScoreLink { .identity }
    var missing: [MissingTreatment] {
        fills == nil ? [MissingTreatment](repeating: .none, count: scorer.featureCount) : treatments
    }
    var outOfBag: [Double]? { hasOutOfBag ? grown.outOfBag : nil }
    var importances: [Double]? { grown.importances }
    var wasStopped: Bool { grown.wasStopped }

    func rawScores(_ table: TrainingTable) throws(TrainerError) -> [Double] {
        let rows = table.labels.indices.flatMap { complete(Array(table.row($0))) }
        do throws(ForestError) { return try scorer.scores(rows) } catch {
            throw .training(error.description)
        }
    }

    func complete(_ row: [Float]) -> [Float] {
        guard let fills else { return row }
        return zip(row, fills).map { $0.isNaN ? $1 : $0 }
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
            let score = try machine.scorer.score(machine.complete(row))
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
