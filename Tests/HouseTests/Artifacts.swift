import ModelCore
import ModelForest
import TwinCore

/// The artifacts of the simulated house: small forests that are told apart by their name.
///
/// The bytes of an artifact are its name. `broken` does not give its golden answers.
enum Artifacts {
    static let deterioration = "deterioration"
    static let sepsis = "sepsis"
    static let outcomes = [
        "calm": deterioration, "strict": deterioration, "broken": deterioration,
        "early": sepsis, "late": sepsis,
    ]

    static func bytes(_ name: String) -> [UInt8] { Array(name.utf8) }

    static func identify(_ bytes: [UInt8]) -> ArtifactID {
        let digits = Array("0123456789abcdef")
        let hex = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        let text = String(hex.prefix(64)) + String(repeating: "0", count: max(0, 64 - hex.count))
        guard let id = ArtifactID(hex: text) else { preconditionFailure("64 digits are a name") }
        return id
    }

    static func id(_ name: String) -> ArtifactID { identify(bytes(name)) }

    static func name(_ id: ArtifactID) -> String {
        outcomes.keys.first { Artifacts.id($0) == id } ?? "an unknown model"
    }

    static let loader: ModelRoom.Loader = { id, bytes in
        guard identify(bytes) == id else {
            return .failure(Refusal(.malformed, "the bytes are those of another artifact"))
        }
        do {
            return .success(try model(String(decoding: bytes, as: UTF8.self), id))
        } catch {
            return .failure(Refusal(.failed, "\(error)"))
        }
    }

    private static func model(_ name: String, _ id: ArtifactID) throws -> LoadedModel {
        guard let outcome = outcomes[name] else { throw Refusal(.malformed, "no such artifact") }
        let isSepsis = outcome == sepsis
        let ensemble = TreeEnsemble(
            featureCount: 3,
            trees: [
                tree(0, at: name == "strict" || name == "early" ? 3 : 5, low: -1.5, high: 1),
                tree(1, at: isSepsis ? 100 : 110, low: -0.5, high: 0.75),
                tree(2, at: 92, low: 1, high: -0.25),
            ], baseValue: 0.125)
        let scorer = try ForestProbability(ensemble)
        let sample: [Double?] = [4, 80, nil]
        let scores = try scorer.score([4, 80, .nan], count: 1).map(Double.init)
        let manifest = Manifest(
            outcome: outcome, kind: "forest",
            features: [
                ManifestFeature(name: "news2.min", unit: "{score}", missing: .none),
                ManifestFeature(name: "heart_rate.last", unit: "/min", missing: .none),
                ManifestFeature(name: "spo2.last", unit: "%", missing: .none),
            ], classes: ["no", "yes"], positiveClass: "yes", completenessMin: 0.5,
            bands: [
                Band(from: 0, name: "low", advice: ["Go on observing."]),
                Band(from: 0.5, name: "high", advice: ["See the patient now."]),
            ],
            golden: [
                GoldenRow(input: sample, output: name == "broken" ? scores.reversed() : scores)
            ],
            card: ModelCard(
                title: name, intendedUse: "Simulation.", limits: "Nothing learnt from data.",
                population: "Made up.", trainingRowCount: 0))
        let explainer = try TreeExplainer(
            ensemble, preparations: [], link: .logistic, attribution: attribution)
        return try LoadedModel(
            id: id, manifest: manifest, scorer: scorer, explainer: explainer)
    }

    private static func tree(
        _ feature: Int32, at threshold: Float, low: Float, high: Float
    ) -> [TreeEnsemble.Node] {
        func leaf(_ value: Float) -> TreeEnsemble.Node {
            TreeEnsemble.Node(
                feature: -1, threshold: 0, trueBranch: 0, falseBranch: 0, missingGoesTrue: false,
                value: value, cover: 50)
        }
        let root = TreeEnsemble.Node(
            feature: feature, threshold: threshold, trueBranch: 1, falseBranch: 2,
            missingGoesTrue: true, value: 0, cover: 100)
        return [root, leaf(low), leaf(high)]
    }

    private static let attribution: TreeAttribution = { ensemble throws(ModelError) in
        let explainer: TreeSHAP
        do { explainer = try TreeSHAP(ensemble) } catch { throw .notExplainable("\(error)") }
        return { row throws(ModelError) in
            do {
                let explained = try explainer.attributions(row)
                return (explained.baseline, explained.contributions)
            } catch { throw .notComputable("\(error)") }
        }
    }
}

/// A forest whose raw score is the log odds of the second of two classes.
private struct ForestProbability: Scorer {
    let forest: ForestScorer
    let featureCount = 3
    let classCount = 2
    let operationsPerRow = 16

    init(_ ensemble: TreeEnsemble) throws { forest = try ForestScorer(ensemble) }

    func score(_ rows: [Float], count: Int) throws(ModelError) -> [Float] {
        guard rows.count == count * featureCount else {
            throw .width(expected: count * featureCount, got: rows.count)
        }
        do {
            return try forest.scores(rows).flatMap { raw in
                let probability = Float(ScoreLink.logistic.score(ofRaw: raw))
                return [1 - probability, probability]
            }
        } catch {
            throw .notComputable("\(error)")
        }
    }
}
