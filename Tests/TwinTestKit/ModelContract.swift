public import ModelCore
public import TwinCore

/// What every artifact and its loader must keep, whatever the kind of model.
public enum ModelContract {
    /// The broken promises, in words; empty where all are kept.
    public static func broken(
        bytes: [UInt8], id: ArtifactID, loader: ModelRoom.Loader
    ) -> [String] {
        guard case .success(let model) = loader(id, bytes),
            case .success(let again) = loader(id, bytes)
        else { return ["the artifact does not load"] }
        var broken: [String] = []
        do { try Proof.prove(model) } catch { broken.append("golden rows: \(error)") }
        for (number, row) in rows(for: model).enumerated() {
            do {
                broken += try promises(of: model, again, on: row).map { "row \(number): \($0)" }
            } catch { broken.append("row \(number): \(error)") }
        }
        do { broken += try AssessmentContract.broken(model) } catch { broken.append("\(error)") }
        return broken + refusals(bytes: bytes, id: id, loader: loader)
    }

    /// Golden rows, each with every second feature missing, and one with all missing.
    private static func rows(for model: LoadedModel) -> [[Float]] {
        let golden = model.manifest.golden.map { row in
            row.input.map { $0.map { Float($0) } ?? .nan }
        }
        let halves = golden.map { row in
            row.enumerated().map { $0.offset % 2 == 0 ? Float.nan : $0.element }
        }
        let nothing = [Float](repeating: .nan, count: model.scorer.featureCount)
        return (golden + halves + [nothing]).map(model.imputed)
    }

    private static func promises(
        of model: LoadedModel, _ again: LoadedModel, on row: [Float]
    ) throws(ModelError) -> [String] {
        var broken: [String] = []
        let scores = try model.scorer.score(row, count: 1)
        let explanation = try model.explainer.explain(row)
        if scores.count != model.scorer.classCount { broken.append("\(scores.count) scores") }
        let bits = scores.map(\.bitPattern)
        if try again.scorer.score(row, count: 1).map(\.bitPattern) != bits {
            broken.append("the same bytes give another score")
        }
        if try again.explainer.explain(row) != explanation {
            broken.append("the same bytes give another explanation")
        }
        let twice = try model.scorer.score(row + row, count: 2)
        if twice.map(\.bitPattern) != bits + bits { broken.append("a batch changes the score") }
        let score = Double(scores[model.positiveIndex])
        if !Proof.addsUp(explanation, to: score, size: model.manifest.answerSize) {
            broken.append("\(explanation.rawScore) does not account for \(score)")
        }
        broken += AssessmentContract.broken(explanation)
        guard model.manifest.quantity == nil else {
            return broken + (score.isFinite ? [] : ["\(score) is no value"])
        }
        let probability = model.manifest.calibration.probability(ofScore: score)
        if !(0...1).contains(probability) { broken.append("\(probability) is no probability") }
        return broken
    }

    /// Wrong widths and other bytes must be refused.
    private static func refusals(
        bytes: [UInt8], id: ArtifactID, loader: ModelRoom.Loader
    ) -> [String] {
        var broken: [String] = []
        if case .success = loader(id, []) { broken.append("an empty file loads") }
        if case .success = loader(id, Array(bytes.dropLast())) {
            broken.append("a file without its last byte loads")
        }
        if case .success(let model) = loader(id, bytes) {
            let narrow = [Float](repeating: 0, count: model.scorer.featureCount - 1)
            if (try? model.scorer.score(narrow, count: 1)) != nil {
                broken.append("a narrow row is scored")
            }
        }
        return broken
    }
}
