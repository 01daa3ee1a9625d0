import ModelCore
import TwinCore

/// What every assessment must say of its own making, whatever the kind of model.
enum AssessmentContract {
    /// What an explanation leaves unsaid of its method.
    static func broken(_ explanation: Explanation) -> [String] {
        let (count, errors) = (explanation.contributions.count, explanation.standardErrors)
        guard let method = explanation.method else { return ["an explanation without a method"] }
        var broken: [String] = []
        if !errors.allSatisfy({ $0.isFinite && $0 >= 0 }) { broken.append("\(errors) as errors") }
        if method.isExact, !errors.isEmpty { broken.append("an exact explanation with errors") }
        if !method.isExact, errors.count != count { broken.append("no error for each feature") }
        if (method == .integratedGradients) != (explanation.gap != nil) {
            broken.append("\(method) with the gap \(explanation.gap ?? .nan)")
        }
        if explanation.gap?.isFinite == false { broken.append("a gap that is no number") }
        return broken
    }

    /// Golden rows assessed: shares are of the whole, and a changed value does what it is said to.
    static func broken(_ model: LoadedModel) throws -> [String] {
        let model = try changeable(model)
        return model.manifest.golden.indices.flatMap { number in
            let row = model.manifest.golden[number].input
            let sets = features(row, model.manifest)
            let assessment = Assessor().assess(sets, revision: 1, with: model)
            var broken: [String] = []
            if Assessor().assess(sets, revision: 1, with: model) != assessment {
                broken.append("the same features give another assessment")
            }
            if assessment.probability != nil || assessment.estimate != nil {
                broken += shares(assessment) + counterfactuals(assessment, row, model)
            }
            return broken.map { "assessed row \(number): \($0)" }
        }
    }

    /// The same model with everything that a manifest may say of its features.
    private static func changeable(_ model: LoadedModel) throws -> LoadedModel {
        var manifest = model.manifest
        for index in manifest.features.indices {
            let values = manifest.golden.compactMap { $0.input[index] } + [0, 1]
            manifest.features[index].applicable = nil
            manifest.features[index].seen = (values.min() ?? 0)...(values.max() ?? 1)
            manifest.features[index].isActionable = true
        }
        manifest.completenessMin = 0
        // A quantity has no bands.
        guard manifest.quantity == nil else {
            return try LoadedModel(
                id: model.id, manifest: manifest, scorer: model.scorer,
                explainer: model.explainer)
        }
        manifest.bands = [0, 0.3, 0.5, 0.7].map { Band(from: $0, name: "from \($0)", advice: []) }
        return try LoadedModel(
            id: model.id, manifest: manifest, scorer: model.scorer, explainer: model.explainer)
    }

    private static func features(_ row: [Double?], _ manifest: Manifest) -> [FeatureSet] {
        let own = manifest.extractors.first
        return [
            FeatureSet(
                modality: own?.modality ?? .vitals, version: own?.version ?? "", revision: 1,
                referenceTime: nil,
                features: zip(manifest.features, row).map {
                    Feature(name: $0.name, value: $1, unit: $0.unit)
                })
        ]
    }

    private static func shares(_ assessment: Assessment) -> [String] {
        let whole = assessment.modalityShares.reduce(0) { $0 + $1.share }
        let isMoved = !assessment.reasons.isEmpty
        guard (whole - (isMoved ? 1 : 0)).magnitude < 1e-9 else {
            return ["the modalities have \(whole) of all"]
        }
        return assessment.band == nil && assessment.estimate == nil ? ["no band"] : []
    }

    private static func counterfactuals(
        _ assessment: Assessment, _ row: [Double?], _ model: LoadedModel
    ) -> [String] {
        assessment.counterfactuals.flatMap { one -> [String] in
            guard let index = model.manifest.features.firstIndex(where: { $0.name == one.feature })
            else { return ["a counterfactual of \(one.feature)"] }
            var changed = row
            changed[index] = one.changedValue
            let again = Assessor().assess(
                features(changed, model.manifest), revision: 1, with: model)
            var broken: [String] = []
            if row[index] != one.value { broken.append("\(one.feature) was not \(one.value)") }
            if again.probability != one.changedProbability || again.band?.name != one.changedBand {
                broken.append("\(one.feature) at \(one.changedValue) does not change the band so")
            }
            if one.changedBand == assessment.band?.name { broken.append("the band is the same") }
            return broken
        }
    }
}
