import ModelCore
import ModelTraining
import TwinCore

/// What the training rows were like, for those who watch what a model is given later.
enum TrainingReference {
    /// From the columns of the features, with gaps, and the probabilities or estimates that are
    /// shown, of rows that it had not learnt from.
    static func make(
        _ table: TrainingTable, scores: [Double], features: [ManifestFeature]
    ) -> DriftReference {
        DriftReference(
            features: features.enumerated().map { index, feature in
                DriftReference.Feature(
                    name: feature.name, modality: feature.modality,
                    bins: ReferenceBins(of: table.column(index).map { $0.isNaN ? nil : $0 }))
            }, scores: ReferenceBins(of: scores.map { Float($0) }))
    }
}
