public import ModelCore
import ModelTraining

/// What a model is to be trained for and how.
public struct Recipe: Sendable {
    public var outcome: String
    /// The name of the class where the outcome did not happen, then of that where it did; of
    /// several classes all names, and of a quantity none.
    public var classes: [String]
    /// The unit of the quantity that is told, in UCUM; nil for classes.
    public var unit: String?
    public var method: any Method
    public var imputation: ImputationRule
    /// Which features are chosen; nil for all that tell anything apart.
    public var selection: Selection?
    /// Below this share of present features the model abstains.
    public var completenessMin: Double
    public var extractors: [ExtractorVersion]
    /// Title, use, limits and population; its counts and metrics are filled in.
    public var card: ModelCard

    /// The features that say most of the outcome, each by itself.
    ///
    /// They are chosen anew wherever rows are left out, from the other rows alone.
    public struct Selection: Hashable, Sendable {
        public var count: Int
        public var score: Score

        public enum Score: String, Sendable, CaseIterable {
            case mutualInformation = "information"
            /// ANOVA's F.
            case varianceRatio = "anova"
        }

        public init(count: Int, score: Score) {
            self.count = count
            self.score = score
        }
    }

    public init(
        outcome: String, classes: [String], unit: String? = nil, method: any Method,
        imputation: ImputationRule = .median, selection: Selection? = nil,
        completenessMin: Double = 0.2, extractors: [ExtractorVersion], card: ModelCard
    ) {
        self.outcome = outcome
        self.classes = classes
        self.unit = unit
        self.method = method
        self.imputation = imputation
        self.selection = selection
        self.completenessMin = completenessMin
        self.extractors = extractors
        self.card = card
    }

    /// Whether the unseen scores come with the model; where features are chosen by all rows, none
    /// of them is unseen.
    var hasOutOfBag: Bool { method.hasOutOfBag && selection == nil }

    /// What unseen scores are, as metrics name it.
    var wayOfUnseen: String { hasOutOfBag ? "out_of_bag" : "out_of_fold" }

    /// The columns that are learnt from, and the table that has no others.
    func chosen(
        from table: TrainingTable
    ) throws(TrainerError) -> (columns: [Int], table: TrainingTable) {
        let columns = try columns(of: table)
        do throws(TrainingError) { return (columns, try table.selecting(columns: columns)) } catch {
            throw .table("no feature differs between the rows: \(error)")
        }
    }

    /// The columns that are learnt from.
    func columns(of table: TrainingTable) throws(TrainerError) -> [Int] {
        let informative = FeatureSelection.informative(table)
        guard let selection else { return informative }
        guard selection.count > 0 else { throw .training("a selection of no features") }
        do throws(TrainingError) {
            let candidates = try table.selecting(columns: informative)
            let scores =
                switch selection.score {
                case .mutualInformation: try FeatureSelection.mutualInformation(candidates)
                case .varianceRatio: FeatureSelection.varianceRatios(candidates)
                }
            return FeatureSelection.top(selection.count, byImportance: scores)
                .map { informative[$0] }
        } catch { throw .table("no feature differs between the rows: \(error)") }
    }
}

/// What is put in where a feature is missing.
public enum ImputationRule: String, Sendable, CaseIterable {
    case mean
    case median
    /// What most rows have: for codes and classes.
    case frequent
    /// The median, and an input of its own that says where it was put in.
    case indicator
    /// Nothing: the trees learn where a missing value goes.
    case none
}

extension ImputationRule {
    /// What is put in; nil for nothing.
    var statistic: Imputation.Statistic? {
        switch self {
        case .mean: .mean
        case .median, .indicator: .median
        case .frequent: .mostFrequent
        case .none: nil
        }
    }

    /// What the manifest says of a value that is put in.
    func treatment(_ fill: Float) -> MissingTreatment {
        switch self {
        case .mean: .mean(Double(fill))
        case .median, .indicator: .median(Double(fill))
        case .frequent: .constant(Double(fill))
        case .none: .none
        }
    }
}
