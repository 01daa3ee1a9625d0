public import TwinCore

/// Turns a twin's features into an assessment: the same features and artifact, the same bits.
public struct Assessor: Sendable {
    /// How many reasons are named; the others are summed.
    public let reasonCountMax: Int
    /// How much is spent on looking for values that would have changed the band.
    public let counterfactualLimits: CounterfactualLimits

    public init(
        reasonCountMax: Int = 10,
        counterfactualLimits: CounterfactualLimits = CounterfactualLimits()
    ) {
        self.reasonCountMax = max(0, reasonCountMax)
        self.counterfactualLimits = counterfactualLimits
    }

    /// What the model says of the features; it abstains, with its reason, rather than guess.
    public func assess(
        _ sets: [FeatureSet], revision: Revision, with model: LoadedModel
    ) -> Assessment {
        let row = FeatureRow(sets, for: model.manifest)
        var assessment = Assessment(
            outcome: model.manifest.outcome, artifact: model.id, revision: revision,
            featureVersion: Assessor.version(of: sets), verdict: .indeterminate(reason: ""),
            baseline: 0, reasons: [], remainder: 0, recommendations: [], quality: row.quality)
        do {
            try conclude(&assessment, row, model)
        } catch {
            assessment.verdict =
                error.isOfModel
                ? .notAvailable(reason: error.reason) : .indeterminate(reason: error.reason)
        }
        return assessment
    }

    /// Why there is no prediction.
    private struct Abstention: Error {
        var reason: String
        /// Whether the model is at fault: it gave no valid answer.
        var isOfModel = false
    }

    private func conclude(
        _ assessment: inout Assessment, _ row: FeatureRow, _ model: LoadedModel
    ) throws(Abstention) {
        let manifest = model.manifest
        if let problem = row.problem { throw Abstention(reason: problem) }
        let quality = assessment.quality
        guard quality.completeness >= manifest.completenessMin else {
            let present = quality.featureCount - quality.missingCount
            let least = Int((manifest.completenessMin * Double(quality.featureCount)).rounded(.up))
            throw Abstention(
                reason:
                    "\(present) of \(quality.featureCount) features are present, \(least) are needed"
            )
        }
        if let qualityMin = manifest.qualityMin {
            try Assessor.check(quality.cleaning?.quality, atLeast: qualityMin)
        }
        guard !quality.isOutOfDistribution else {
            throw Abstention(reason: Assessor.strangeness(of: row, manifest))
        }
        let (scores, explanation) = try answer(row.values, model)
        let score = scores[model.positiveIndex]
        let verdict =
            if let quantity = manifest.quantity {
                Verdict.estimate(try Assessor.estimate(score, of: quantity))
            } else { try Assessor.prediction(scores, model) }
        // A class without a number must not pass for one that is ruled out.
        guard scores.allSatisfy(\.isFinite) else {
            throw Abstention(reason: "the model's answer is no number", isOfModel: true)
        }
        guard Proof.addsUp(explanation, to: score, size: manifest.answerSize) else {
            throw Abstention(
                reason: "the explanation does not add up to the model's answer", isOfModel: true)
        }
        if case .prediction(_, let classes) = verdict, classes.isEmpty {
            throw Abstention(reason: "the features are unlike those of every class")
        }
        assessment.verdict = verdict
        let ranked = explanation.ranked
        explain(&assessment, row, explanation, ranked, manifest)
        guard case .prediction(let probability, _) = verdict else { return }
        let policy = AdvicePolicy(manifest)
        assessment.band = policy.band(at: probability)
        assessment.recommendations = policy.recommendations(at: probability)
        assessment.counterfactuals = CounterfactualSearch(model, limits: counterfactualLimits)
            .counterfactuals(of: row, ranked: ranked, probability: probability)
    }

    /// Abstains where the twin's data are not good enough, or nobody knows how good they are.
    private static func check(
        _ quality: TwinQuality?, atLeast least: Double
    ) throws(Abstention) {
        guard let quality, let combined = quality.combined else {
            throw Abstention(
                reason: "the quality of the twin's data is not known, \(least) is needed")
        }
        guard combined < least else { return }
        let rounded = (combined * 100).rounded() / 100
        let weakest = quality.weakest.map { ", mostly for \($0.kind.name): \($0.account)" } ?? ""
        throw Abstention(
            reason: "the quality of the twin's data is \(rounded), \(least) is needed\(weakest)")
    }

    /// A number that is no probability is never shown.
    private static func prediction(
        _ scores: [Double], _ model: LoadedModel
    ) throws(Abstention) -> Verdict {
        let probability = model.manifest.calibration.probability(
            ofScore: scores[model.positiveIndex])
        guard (0...1).contains(probability) else {
            throw Abstention(
                reason: "the model's answer \(probability) is no probability", isOfModel: true)
        }
        return .prediction(
            probability: probability,
            classes: classes(
                probability, scores: scores, manifest: model.manifest,
                positive: model.positiveIndex))
    }

    /// A number that is no value of the quantity is never shown.
    private static func estimate(
        _ answer: Double, of quantity: PredictedQuantity
    ) throws(Abstention) -> QuantityEstimate {
        guard answer.isFinite, quantity.range?.contains(answer) ?? true else {
            let bounds = quantity.range.map { " from \($0.lowerBound) to \($0.upperBound)" } ?? ""
            throw Abstention(
                reason: "the model's answer \(answer) \(quantity.unit) is no value\(bounds)",
                // A sound model may go too far on a patient whom it has never seen.
                isOfModel: !answer.isFinite)
        }
        return quantity.estimate(of: answer)
    }

    /// Why a row is out of distribution, with up to three of the features that make it so.
    private static func strangeness(of row: FeatureRow, _ manifest: Manifest) -> String {
        let present = row.cells.count - Int(row.missingCount)
        let named = row.outside.prefix(3).compactMap { index in
            row.cells[index].value.map { "\(manifest.features[index].name) \($0)" }
        }
        let allowed = Int(((manifest.outsideShareMax ?? 1) * Double(present)).rounded(.down))
        let more = row.outside.count > named.count ? ", ..." : ""
        return "the patient is unlike those that the model learnt from: \(row.outside.count) of "
            + "\(present) present features are outside of what they had "
            + "(\(named.joined(separator: ", "))\(more)), \(allowed) may be"
    }

    private func answer(
        _ values: [Float], _ model: LoadedModel
    ) throws(Abstention) -> (scores: [Double], explanation: Explanation) {
        do {
            let scores = try model.scorer.score(values, count: 1)
            let explanation = try model.explainer.explain(values)
            guard scores.count == model.scorer.classCount,
                explanation.contributions.count == values.count
            else { throw ModelError.width(expected: model.scorer.classCount, got: scores.count) }
            return (scores.map(Double.init), explanation)
        } catch {
            throw Abstention(reason: "the model gives no answer: \(error)", isOfModel: true)
        }
    }

    /// Names the strongest contributions and sums the others.
    private func explain(
        _ assessment: inout Assessment, _ row: FeatureRow, _ explanation: Explanation,
        _ ranked: [Int], _ manifest: Manifest
    ) {
        let contributions = explanation.contributions
        let named = ranked.prefix(reasonCountMax).filter { contributions[$0] != 0 }
        // What is left of an integral's gap is not a standard error.
        let errors = explanation.method == .sampled ? explanation.standardErrors : []
        assessment.baseline = explanation.baseline
        assessment.method = explanation.method
        assessment.gap = explanation.gap
        assessment.reasons = named.map { index in
            Attribution(
                feature: manifest.features[index].name, value: row.cells[index].value,
                unit: manifest.features[index].unit, flags: row.cells[index].flags,
                contribution: contributions[index],
                standardError: errors.indices.contains(index) ? errors[index] : nil)
        }
        assessment.remainder = ranked.dropFirst(named.count).reduce(0) { $0 + contributions[$1] }
        assessment.modalityShares = Assessor.shares(row, contributions)
    }

    /// What each modality has of all contributions; nothing where nothing moved.
    private static func shares(_ row: FeatureRow, _ contributions: [Double]) -> [ModalityShare] {
        let whole = contributions.reduce(0) { $0 + $1.magnitude }
        guard whole > 0 else { return [] }
        let kinds: [Modality?] = Modality.allCases + [nil]
        return kinds.compactMap { kind in
            let places = contributions.indices.filter { row.cells[$0].modality == kind }
            guard !places.isEmpty else { return nil }
            let own = places.reduce(0) { $0 + contributions[$1].magnitude }
            return ModalityShare(modality: kind, share: min(1, own / whole))
        }
    }

    /// The classes that can't be ruled out; all of them where the manifest has no way to rule.
    private static func classes(
        _ probability: Double, scores: [Double], manifest: Manifest, positive: Int
    ) -> [String] {
        guard let conformal = manifest.conformal else { return manifest.classes }
        let others = scores.indices.reduce(0) { $1 == positive ? $0 : $0 + scores[$1] }
        return manifest.classes.indices.filter { index in
            // Calibration moves the positive class; the others share what is left.
            let share =
                scores.count == 2 ? 1 : others > 0 ? scores[index] / others : 0
            let own = index == positive ? probability : (1 - probability) * share
            return 1 - own <= conformal.scoreMax(of: index)
        }.map { manifest.classes[$0] }
    }

    /// The versions of the extractors, in order of modality.
    private static func version(of sets: [FeatureSet]) -> String {
        sets.sorted { $0.modality.rawValue < $1.modality.rawValue }.map(\.version)
            .joined(separator: "+")
    }
}

extension Explanation {
    /// The features' places, the strongest contribution first.
    fileprivate var ranked: [Int] {
        contributions.indices.sorted {
            let (left, right) = (contributions[$0].magnitude, contributions[$1].magnitude)
            return left == right ? $0 < $1 : left > right
        }
    }
}
