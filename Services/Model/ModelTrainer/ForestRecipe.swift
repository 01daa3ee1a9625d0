public import ModelCore
public import ModelForest
import ModelTraining

/// What a forest is to be trained for and how.
public struct ForestRecipe: Sendable {
    public var outcome: String
    /// The name of the class where the outcome did not happen, then of that where it did.
    public var classes: [String]
    public var options: ForestOptions
    public var imputation: ImputationRule
    /// Below this share of present features the model abstains.
    public var completenessMin: Double
    public var extractors: [ExtractorVersion]
    /// Title, use, limits and population; its counts and metrics are filled in.
    public var card: ModelCard

    /// What is put in where a feature is missing.
    public enum ImputationRule: String, Sendable, CaseIterable {
        case mean
        case median
        /// Nothing: the trees have learnt where a missing value goes.
        case none
    }

    public init(
        outcome: String, classes: [String], options: ForestOptions,
        imputation: ImputationRule = .median, completenessMin: Double = 0.2,
        extractors: [ExtractorVersion], card: ModelCard
    ) {
        self.outcome = outcome
        self.classes = classes
        self.options = options
        self.imputation = imputation
        self.completenessMin = completenessMin
        self.extractors = extractors
        self.card = card
    }
}

/// Why no forest came of it.
public enum TrainerError: Error, Sendable, CustomStringConvertible {
    case table(String)
    case forest(ForestError)
    case artifact(String)

    public var description: String {
        switch self {
        case .table(let reason): reason
        case .forest(let error): error.description
        case .artifact(let reason): "the artifact can't be written: \(reason)"
        }
    }
}
