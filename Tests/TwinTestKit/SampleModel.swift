public import ModelCore
public import TwinCore

/// Small models with known answers.
public enum SampleModel {
    /// A name made of one repeated digit, 0 to 15.
    public static func id(_ digit: Int) -> ArtifactID {
        guard let id = ArtifactID(hex: String(repeating: String(digit % 16, radix: 16), count: 64))
        else { preconditionFailure("64 digits") }
        return id
    }

    public static let card = ModelCard(
        title: "A sample", intendedUse: "Tests", limits: "Not for patients",
        population: "Nobody", trainedFrom: Instant(rfc3339: "2024-01-01T00:00:00Z"),
        trainedTo: Instant(rfc3339: "2024-06-30T12:00:00.250Z"), trainingRowCount: 100,
        metrics: [.init(name: "auroc", value: 0.8251234567890123)])

    /// Three features: one passed on as it is, one with a median, one with a mean.
    public static func manifest(
        golden: [GoldenRow], calibration: Calibration = .none, conformal: Conformal? = nil
    ) -> Manifest {
        Manifest(
            outcome: "sample_outcome", kind: "linear",
            features: [
                ManifestFeature(
                    name: "heart_rate_last", unit: "/min", missing: .median(80), typical: 80,
                    applicable: 0...300),
                ManifestFeature(name: "lactate_max", unit: "mmol/L", missing: .mean(1.5)),
                ManifestFeature(name: "news2", unit: "", missing: .constant(0), typical: 2),
            ],
            classes: ["survived", "died"], positiveClass: "died", completenessMin: 0.5,
            calibration: calibration, conformal: conformal,
            bands: [
                Band(from: 0, name: "low", advice: []),
                Band(from: 0.5, name: "high", advice: ["Call the physician."]),
            ],
            extractors: [ExtractorVersion(modality: .vitals, version: "1")], golden: golden,
            card: card)
    }

    public static let weights: [Float] = [0.02, 0.5, 0.25]
    public static let intercept: Float = -3

    /// A logistic model of the three features, with golden rows of its own making.
    public static func logistic(
        _ digit: Int, intercept: Float = intercept, calibration: Calibration = .none,
        conformal: Conformal? = nil
    ) throws -> LoadedModel {
        let scorer = LogisticScorer(weights: weights, intercept: intercept)
        let rows: [[Double?]] = [[90, 2, 3], [nil, nil, nil], [140, 9.5, 12]]
        let blank = manifest(golden: [GoldenRow(input: rows[0], output: [0, 1])])
        let probe = try LoadedModel(
            id: id(digit), manifest: blank, scorer: scorer, explainer: explainer(intercept, blank))
        let golden = try rows.map { row in
            let scores = try scorer.score(
                probe.imputed(row.map { $0.map { Float($0) } ?? .nan }), count: 1)
            return GoldenRow(input: row, output: scores.map(Double.init))
        }
        let manifest = manifest(golden: golden, calibration: calibration, conformal: conformal)
        return try LoadedModel(
            id: id(digit), manifest: manifest, scorer: scorer,
            explainer: explainer(intercept, manifest))
    }

    private static func explainer(
        _ intercept: Float, _ manifest: Manifest
    ) throws -> LinearExplainer {
        try LinearExplainer(
            weights: weights, intercept: intercept, preparations: [], link: .logistic,
            background: manifest.background, names: manifest.features.map(\.name))
    }

    /// Features of a twin as the vitals extractor would give them, in order of name.
    public static func features(
        heartRate: Double? = 120, lactate: Double? = 4, news2: Double? = 7, version: String = "1"
    ) -> [FeatureSet] {
        [
            FeatureSet(
                modality: .vitals, version: version, revision: 7, referenceTime: nil,
                features: [
                    Feature(name: "heart_rate_last", value: heartRate, unit: "/min"),
                    Feature(name: "lactate_max", value: lactate, unit: "mmol/L"),
                    Feature(name: "news2", value: news2, unit: "", flags: [.incomplete]),
                ])
        ]
    }
}

/// The logistic function of a weighted sum, for two classes.
public struct LogisticScorer: Scorer {
    let weights: [Float]
    let intercept: Float

    public var featureCount: Int { weights.count }
    public var classCount: Int { 2 }
    public var operationsPerRow: Int { weights.count }

    public func score(_ rows: [Float], count: Int) throws(ModelError) -> [Float] {
        guard rows.count == count * featureCount else {
            throw .width(expected: count * featureCount, got: rows.count)
        }
        return (0..<count).flatMap { row in
            var sum = Double(intercept)
            for column in weights.indices {
                sum += Double(rows[row * weights.count + column] * weights[column])
            }
            let probability = Float(Elementary.logistic(sum))
            return [1 - probability, probability]
        }
    }
}

/// Gives one answer, whatever it is asked.
public struct FixedScorer: Scorer {
    let answer: [Float]

    public init(_ answer: [Float]) { self.answer = answer }

    public var featureCount: Int { 3 }
    public var classCount: Int { 2 }
    public var operationsPerRow: Int { 1 }

    public func score(_ rows: [Float], count: Int) throws(ModelError) -> [Float] {
        (0..<count).flatMap { _ in answer }
    }
}

/// Gives one account, whatever it is asked.
public struct FixedExplainer: Explainer {
    let explanation: Explanation

    public init(_ explanation: Explanation) { self.explanation = explanation }

    public func explain(_ row: [Float]) throws(ModelError) -> Explanation { explanation }
}
