import ArgumentParser
import Foundation
import ModelCore
import ModelForest
import ModelTrainer
import ModelTraining
import Synchronization
import TwinCore

/// What training and cross-validation ask for alike.
struct TrainingOptions: ParsableArguments {
    @OptionGroup var store: StoreOptions
    @OptionGroup var common: OutputOptions
    @Option(help: "The name of what is predicted.") var outcome: String
    @Option(help: "A CSV table with one row a patient.") var outcomes: String
    @Option(help: "Its column with the patient's identifier; the first where none is given.")
    var idColumn: String?
    @Option(help: "Its column with 1 or 0; the outcome's name where none is given.")
    var labelColumn: String?
    @Option(help: "Only features whose names begin so; may be given again.")
    var features: [String] = []
    @Option(help: "How many trees.") var trees = 500
    @Option(help: "How deep a tree may grow.") var depth = 12
    @Option(help: "How many rows a leaf must have.") var leaf = 3
    @Option(
        help: "Which share of the features is tried at a split, in percent; 0: their square root.")
    var tries = 0
    @Option(help: "Where a feature is missing: mean, median or none.") var missing = "median"
    @Option(help: "The same seed gives the same model.") var seed: UInt64 = 1
    @Option(help: "How many threads.") var threads = 2

    func dataset(_ client: StoreClient) async throws -> (TwinDataset, Outcomes) {
        let table = try Outcomes(path: outcomes, idColumn: idColumn)
        let dataset = try await TwinDataset.read(
            client, table, label: labelColumn ?? outcome, matching: features)
        Output.note(
            "\(dataset.table.rowCount) twins, \(dataset.table.positiveCount) with the outcome, "
                + "\(dataset.table.columnCount) features")
        return (dataset, table)
    }

    func recipe(_ dataset: TwinDataset) throws -> ForestRecipe {
        guard let imputation = ForestRecipe.ImputationRule(rawValue: missing) else {
            throw CommandFailure("--missing takes mean, median or none", status: 2)
        }
        let tried = max(1, dataset.table.columnCount * tries / 100)
        return ForestRecipe(
            outcome: outcome, classes: ["no_\(outcome)", outcome],
            options: ForestOptions(
                treeCount: trees, depthMax: depth, leafRowsMin: leaf,
                featuresPerNode: tries == 0 ? .squareRoot : .count(tried), seed: seed,
                threadsMax: threads), imputation: imputation,
            extractors: dataset.extractors.sorted { $0.key.rawValue < $1.key.rawValue }
                .map { ExtractorVersion(modality: $0.key, version: $0.value) },
            card: ModelCard(
                title: "\(outcome), random forest",
                intendedUse: "supports clinicians who watch for \(outcome); never decides alone",
                limits: "not validated outside the patients it was trained on",
                population: "\(dataset.table.rowCount) twins of this store with known outcome",
                trainedFrom: dataset.from, trainedTo: dataset.to,
                trainingRowCount: dataset.table.rowCount))
    }
}

struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract:
            "Trains a random forest from the store's own twins; Ctrl-C keeps the trees so far.")

    @OptionGroup var options: TrainingOptions
    @Option(help: "The artifact file to write.") var out: String
    @Flag(help: "Push it to the store.") var push = false
    @Flag(help: "Push and activate it.") var activate = false

    struct Document: Encodable {
        let artifact: String
        let file: String
        let rows: Int
        let features: Int
        let outOfBag: EvaluationDocument
        let importances: [String: Double]
        let epoch: UInt64?
    }

    func run() async throws {
        try await StoreClient.use(options.store) { client in
            let (dataset, _) = try await options.dataset(client)
            let interrupt = Interrupt()
            var progress = Progress("growing trees", total: options.trees)
            let trained = try await ForestTrainer.train(
                dataset.table, try options.recipe(dataset)
            ) { done in
                progress.update(done)
                return !interrupt.isAsked
            }
            try Data(trained.bytes).write(to: URL(filePath: out))
            var epoch: UInt64?
            if push || activate {
                let info = try await client.push(try ArtifactFile(path: out))
                if activate { epoch = try await client.activate(info.id).epoch }
            }
            try tell(trained, dataset, epoch)
        }
    }

    private func tell(_ trained: TrainedArtifact, _ dataset: TwinDataset, _ epoch: UInt64?) throws {
        let top = trained.importances.prefix(10)
        if options.common.json {
            return try Output.json(
                Document(
                    artifact: trained.id.hex, file: out, rows: dataset.table.rowCount,
                    features: trained.manifest.features.count,
                    outOfBag: EvaluationDocument(trained.outOfBag),
                    importances: Dictionary(
                        uniqueKeysWithValues: top.map { ($0.feature, $0.share) }), epoch: epoch))
        }
        Output.line(
            "artifact \(trained.id.hex.prefix(12)) in \(out)"
                + (trained.wasStopped ? " (stopped early)" : ""))
        Output.line("out of bag: " + EvaluationDocument(trained.outOfBag).text)
        Output.line("strongest: " + top.prefix(5).map(\.feature).joined(separator: ", "))
        if let epoch { Output.line("active since epoch \(epoch)") }
    }
}

struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Cross-validates a random forest on the store's own twins.")

    @OptionGroup var options: TrainingOptions
    @Option(help: "How many folds.") var folds = 5
    @Option(
        help: "A column of the outcomes with another score, to compare with; may be given again.")
    var beside: [String] = []

    struct Document: Encodable {
        let folds: Int
        let features: Int
        let forest: EvaluationDocument
        let beside: [String: EvaluationDocument]
    }

    func run() async throws {
        let (dataset, outcomes) = try await StoreClient.use(options.store) {
            try await options.dataset($0)
        }
        var progress = Progress("growing trees", total: folds * options.trees)
        let scored = try await ForestTrainer.crossValidate(
            dataset.table, try options.recipe(dataset),
            folds: try Folds(dataset.table, count: folds, seed: options.seed)
        ) { done in
            progress.update(done)
            return true
        }
        let evaluation = try Evaluation(scored, seed: options.seed)
        var others: [String: EvaluationDocument] = [:]
        for column in beside {
            // A score that is empty or below zero was not made.
            let scores = dataset.twins.map { twin in
                Double(outcomes.value(column, of: twin) ?? "").flatMap { $0 < 0 ? nil : $0 } ?? .nan
            }
            others[column] = EvaluationDocument(
                try Evaluation(
                    try ScoredRows(known: scores, labels: dataset.table.labels),
                    seed: options.seed), isProbability: false)
        }
        let document = Document(
            folds: folds, features: dataset.table.columnCount,
            forest: EvaluationDocument(evaluation), beside: others)
        if options.common.json { return try Output.json(document) }
        Output.line("forest, \(folds)-fold: " + document.forest.text)
        for (name, other) in others.sorted(by: { $0.key < $1.key }) {
            Output.line("\(name): " + other.text)
        }
        ReliabilityPicture(bins: evaluation.reliability).draw()
    }
}

/// Ctrl-C as a question that long work asks now and then.
final class Interrupt: Sendable {
    private let asked = Mutex(false)

    init() {
        signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        // The source lives as long as what handles it: the whole command.
        source.setEventHandler { [self] in
            withExtendedLifetime(source) { asked.withLock { $0 = true } }
        }
        source.resume()
    }

    var isAsked: Bool { asked.withLock { $0 } }
}
