public import TwinCore

/// What an artifact says of itself: what goes in, what comes out, and what it is for.
///
/// It travels inside the artifact, so that a model and its meaning can't be parted.
public struct Manifest: Hashable, Sendable {
    /// The version of the manifest's own form.
    public static let formatVersion = 1
    /// Where it is kept in the artifact's metadata.
    public static let metadataKey = "twinline.manifest"

    /// The name of the predicted outcome or quantity: `in_hospital_death`.
    public var outcome: String
    /// `forest`, `linear`, `svm` or `network`.
    public var kind: String
    /// In the order of the model's input columns.
    public var features: [ManifestFeature]
    /// In the order of the model's output columns; none where it tells a quantity.
    public var classes: [String]
    /// The class whose probability is shown; empty where the model tells a quantity.
    public var positiveClass: String
    /// What a model of a quantity tells; nil for one of classes.
    public var quantity: PredictedQuantity?
    /// Below this share of present features, 0 to 1, the model abstains.
    public var completenessMin: Double
    public var calibration: Calibration
    /// Which classes can't be ruled out; nil rules none out.
    public var conformal: Conformal?
    /// In ascending order of their lower bounds; the first starts at 0.
    public var bands: [Band]
    /// The extractors that made the training features; another version's features are refused.
    public var extractors: [ExtractorVersion]
    /// Rows and answers from the library that trained the model.
    public var golden: [GoldenRow]
    /// Above this share of present features outside of ``ManifestFeature/seen``, 0 to 1, the model
    /// abstains; nil where no share is too great.
    public var outsideShareMax: Double?
    /// Below this quality of the twin's data, 0 to 1, the model abstains, and where it is not known;
    /// nil where any will do.
    public var qualityMin: Double?
    /// Patients that exact explanations of trees without covers compare with; at most
    /// ``backgroundRowCountMax``, nil in a row where the feature is missing.
    public var backgroundRows: [[Double?]]
    /// How far an answer may be from its golden one, times the answer's size where that is above
    /// ``answerSize``, else times that.
    public var goldenTolerance: Double
    public var card: ModelCard
    /// What the training rows and the answers for them were like; nil where it is not known.
    public var reference: DriftReference?

    public init(
        outcome: String, kind: String, features: [ManifestFeature], classes: [String],
        positiveClass: String, quantity: PredictedQuantity? = nil, completenessMin: Double,
        calibration: Calibration = .none,
        conformal: Conformal? = nil, bands: [Band] = [], extractors: [ExtractorVersion] = [],
        golden: [GoldenRow], goldenTolerance: Double = 1e-4, outsideShareMax: Double? = nil,
        qualityMin: Double? = nil, backgroundRows: [[Double?]] = [],
        reference: DriftReference? = nil, card: ModelCard
    ) {
        self.outcome = outcome
        self.kind = kind
        self.features = features
        self.classes = classes
        self.positiveClass = positiveClass
        self.quantity = quantity
        self.completenessMin = completenessMin
        self.calibration = calibration
        self.conformal = conformal
        self.bands = bands
        self.extractors = extractors
        self.golden = golden
        self.goldenTolerance = goldenTolerance
        self.outsideShareMax = outsideShareMax
        self.qualityMin = qualityMin
        self.backgroundRows = backgroundRows
        self.card = card
        self.reference = reference
    }

    /// The place of the positive class; nil in a manifest that does not pass ``validate()``.
    public var positiveIndex: Int? { classes.firstIndex(of: positiveClass) }

    /// The background rows with what is put in for missing values.
    public var filledBackgroundRows: [[Float]] {
        backgroundRows.map { row in
            zip(row, features).map { Float($0 ?? $1.missing.value ?? .nan) }
        }
    }

    /// Where explanations start from: typical values, else what is put in, else NaN.
    public var background: [Float] {
        features.map { Float($0.typical ?? $0.missing.value ?? .nan) }
    }
}

/// What is done where a feature is missing.
public enum MissingTreatment: Hashable, Sendable {
    /// The model is given NaN and knows what to do.
    case none
    case mean(Double)
    case median(Double)
    case constant(Double)

    /// What is put in; nil where nothing is.
    public var value: Double? {
        switch self {
        case .none: nil
        case .mean(let value), .median(let value), .constant(let value): value
        }
    }
}

/// One input column of a model.
public struct ManifestFeature: Hashable, Sendable {
    public var name: String
    /// UCUM, as the extractor writes it; empty where the feature has none.
    public var unit: String
    public var missing: MissingTreatment
    /// The mean or median of the training rows, where explanations start from.
    public var typical: Double?
    /// Outside of it the model does not apply to the patient; nil where there is no such limit.
    public var applicable: ClosedRange<Double>?
    /// What nearly all training rows had: their 0.5th to 99.5th percentile, say.
    public var seen: ClosedRange<Double>?
    /// Whether the value is one that care can change: age, sex and what is past are not.
    public var isActionable: Bool
    /// Whose feature it is; nil where the manifest does not say.
    public var modality: Modality?

    public init(
        name: String, unit: String, missing: MissingTreatment, typical: Double? = nil,
        applicable: ClosedRange<Double>? = nil, seen: ClosedRange<Double>? = nil,
        isActionable: Bool = false, modality: Modality? = nil
    ) {
        self.name = name
        self.unit = unit
        self.missing = missing
        self.typical = typical
        self.applicable = applicable
        self.seen = seen
        self.isActionable = isActionable
        self.modality = modality
    }
}

/// A band of probabilities and what is advised there.
public struct Band: Hashable, Sendable {
    /// The lowest probability of the band.
    public var from: Double
    /// `low`, `high`.
    public var name: String
    public var advice: [String]

    public init(from: Double, name: String, advice: [String]) {
        self.from = from
        self.name = name
        self.advice = advice
    }
}

/// A class stays in the set where one minus its probability is at most its threshold, so that the
/// set holds the true class with the stated coverage.
public struct Conformal: Hashable, Sendable {
    /// With one threshold the coverage holds over all patients; with one a class it holds for the
    /// patients of each class by themselves, however rare they are.
    public enum Threshold: Hashable, Sendable {
        case one(Double)
        /// In the order of the manifest's classes.
        case each([Double])
    }

    public var coverage: Double
    public var scoreMax: Threshold

    public init(coverage: Double, scoreMax: Threshold) {
        self.coverage = coverage
        self.scoreMax = scoreMax
    }

    /// One threshold for all classes.
    public init(coverage: Double, scoreMax: Double) {
        self.init(coverage: coverage, scoreMax: .one(scoreMax))
    }

    /// The threshold of one class.
    func scoreMax(of index: Int) -> Double {
        switch scoreMax {
        case .one(let threshold): threshold
        case .each(let thresholds): thresholds[index]
        }
    }
}

/// Which extractor made the features of one modality.
public struct ExtractorVersion: Hashable, Sendable {
    public var modality: Modality
    public var version: String

    public init(modality: Modality, version: String) {
        self.modality = modality
        self.version = version
    }
}

/// An input row and the answers that the training library gave for it: a score for each class, or
/// the quantity.
public struct GoldenRow: Hashable, Sendable {
    /// Nil where the feature is missing: treated as the manifest says.
    public var input: [Double?]
    public var output: [Double]

    public init(input: [Double?], output: [Double]) {
        self.input = input
        self.output = output
    }
}

/// What people must know of a model before they rely on it.
public struct ModelCard: Hashable, Sendable {
    public var title: String
    public var intendedUse: String
    /// Where it must not be relied on.
    public var limits: String
    /// The patients that it was trained on.
    public var population: String
    public var trainedFrom: Instant?
    public var trainedTo: Instant?
    public var trainingRowCount: Int
    /// How good it was, and on what: `auroc_5fold`.
    public var metrics: [Metric]

    public struct Metric: Hashable, Sendable {
        public var name: String
        public var value: Double

        public init(name: String, value: Double) {
            self.name = name
            self.value = value
        }
    }

    public init(
        title: String, intendedUse: String, limits: String, population: String,
        trainedFrom: Instant? = nil, trainedTo: Instant? = nil, trainingRowCount: Int,
        metrics: [Metric] = []
    ) {
        self.title = title
        self.intendedUse = intendedUse
        self.limits = limits
        self.population = population
        self.trainedFrom = trainedFrom
        self.trainedTo = trainedTo
        self.trainingRowCount = trainingRowCount
        self.metrics = metrics
    }
}
