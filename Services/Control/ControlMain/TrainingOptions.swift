public import ArgumentParser
import ModelCore
import ModelForest
import ModelNetwork
import ModelSVM
public import ModelTrainer
import ModelTraining

/// What training and cross-validation ask for alike.
struct TrainingOptions: ParsableArguments {
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case forest, svm, network
    }

    enum Kernel: String, ExpressibleByArgument, CaseIterable {
        case rbf, linear, polynomial, sigmoid
    }

    enum Weights: String, ExpressibleByArgument, CaseIterable {
        case equal, balanced
    }

    @OptionGroup var store: StoreOptions
    @OptionGroup var common: OutputOptions
    @Option(help: "What is trained.") var kind = Kind.forest
    @OptionGroup var rows: RowOptions
    @Option(help: "What is put in for a missing feature; nothing: for forests only.")
    var missing = ImputationRule.median
    @Option(help: "Only so many features, those that say most of the outcome.") var select: Int?
    @Option(help: "By what they are chosen.")
    var selectBy = Recipe.Selection.Score.mutualInformation
    @Option(help: "Whether both classes weigh the same in sum.")
    var weights = Weights.equal
    @Option(help: "The same seed gives the same model.") var seed: UInt64 = 1
    @Option(help: "How many threads (forests).") var threads = 2

    @Option(help: "Forest: how many trees.") var trees = 500
    @Option(help: "Forest: how deep a tree may grow.") var depth = 12
    @Option(help: "Forest: how many rows a leaf must have.") var leaf = 3
    @Option(
        help:
            "Forest: which share of the features is tried at a split, in percent; 0: their square root, of a quantity a third."
    )
    var tries = 0
    @Flag(help: "Forest: extra trees, one random cut of each feature that is tried.")
    var extra = false

    @Option(
        help: ArgumentHelp(
            "SVM and network: so many percent of a feature's values at each end are drawn in to "
                + "the others."))
    var tails = 0.0

    @Option(help: "SVM: what a row on the wrong side costs.") var cost = 1.0
    @Option(
        help: ArgumentHelp(
            "SVM: nu instead of a cost: at most this share of rows on the wrong side."))
    var nu: Double?
    @Option(
        help: ArgumentHelp(
            "SVM: errors of a quantity up to so many of its standard deviations cost nothing."))
    var epsilon = 0.1
    @Option(help: "SVM: the kernel.") var kernel = Kernel.rbf
    @Option(help: "SVM: the kernel's gamma; 1 / (features x variance) where none is given.")
    var gamma: Double?
    @Option(help: "SVM: the power of a polynomial kernel.") var degree = 3
    @Option(help: "SVM: the offset of a polynomial or sigmoid kernel.") var offset = 0.0

    @Option(help: "Network: the widths of its hidden layers.") var hidden = "32,16"
    @Option(help: "Network: the share of hidden outputs that a step leaves out.")
    var dropout = 0.2
    @Flag(help: "Network: batch normalisation of the hidden layers.") var batchNorm = false
    @Option(help: "Network: the learning rate.") var rate = 2e-3
    @Option(help: "Network: the share of a weight that decays.") var decay = 1e-3
    @Option(help: "Network: rows of a step.") var batch = 32
    @Option(help: "Network: passes over the rows at most.") var epochs = 200
    @Option(help: "Network: passes without a better loss until it stops.") var patience = 20

    func recipe(_ source: TrainingSource) throws -> Recipe {
        let method = try method(isOfQuantity: source.unit != nil)
        return Recipe(
            outcome: source.outcome, classes: source.classes, unit: source.unit, method: method,
            imputation: missing,
            selection: select.map { Recipe.Selection(count: $0, score: selectBy) },
            extractors: source.extractors,
            card: ModelCard(
                title: "\(source.outcome), \(method.title)",
                intendedUse:
                    "supports clinicians who watch for \(source.outcome); never decides alone",
                limits: "not validated outside the patients it was trained on",
                population: source.population, trainedFrom: source.from, trainedTo: source.to,
                trainingRowCount: source.table.rowCount))
    }

    private func method(isOfQuantity: Bool) throws -> any Method {
        switch kind {
        case .forest:
            ForestMethod(
                ForestOptions(
                    treeCount: trees, depthMax: depth, leafRowsMin: leaf,
                    featuresPerNode: tries > 0
                        ? .share(Double(tries) / 100)
                        : isOfQuantity ? .share(1.0 / 3) : .squareRoot,
                    bootstrap: !extra, randomCuts: extra,
                    classWeights: weights == .balanced ? .balanced : .equal, seed: seed,
                    threadsMax: threads))
        case .svm:
            SVMMethod(
                cost: cost, nu: nu, kernel: svmKernel, gamma: gamma.map { .given($0) } ?? .scale,
                offset: offset, classWeights: weights == .balanced ? .balanced : .equal,
                epsilon: epsilon, tail: tails / 100, seed: seed)
        case .network:
            NetworkMethod(
                NetworkOptions(
                    hiddenWidths: try hiddenWidths(), dropout: dropout, batchNorm: batchNorm,
                    batchSize: batch,
                    epochsMax: epochs, learningRate: rate, weightDecay: decay, patience: patience,
                    classWeights: weights == .balanced ? .balanced : .equal, seed: seed),
                tail: tails / 100)
        }
    }

    private var svmKernel: SVMMethod.Kernel {
        switch kernel {
        case .rbf: .radial
        case .linear: .linear
        case .polynomial: .polynomial(degree: degree)
        case .sigmoid: .sigmoid
        }
    }

    private func hiddenWidths() throws -> [Int] {
        try hidden.split(separator: ",").map { text in
            guard let width = Int(text) else {
                throw CommandFailure("--hidden takes widths as in 64,32", status: 2)
            }
            return width
        }
    }

    /// What the steps of a training are, for the progress bar.
    var stepTitle: String {
        switch kind {
        case .forest: "growing trees"
        case .svm: "fitting machines"
        case .network: "passing over the rows"
        }
    }
}

extension ImputationRule: ExpressibleByArgument {}
extension Recipe.Selection.Score: ExpressibleByArgument {}
