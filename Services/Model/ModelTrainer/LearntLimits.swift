import ModelCore
import ModelTraining
import TwinCore

/// What the training rows say of the patients that a model may speak of: the parts of a manifest
/// that are the same for every kind.
struct LearntLimits {
    /// The share of a feature's values that its seen range leaves out at each end.
    private static let tail = 0.005
    /// The share of unseen training rows that may be called out of distribution.
    private static let flagged = 0.01
    private static let foldCount = 5

    /// A threshold for each class; nil where one class has no row.
    let conformal: Conformal?
    /// One a column; nil where no row had it.
    let seen: [ClosedRange<Double>?]
    /// Nil where the rows are too few to say.
    let outsideShareMax: Double?

    /// From the columns that the model takes, with gaps, and the calibrated probabilities of rows
    /// that it had not learnt from.
    init(_ table: TrainingTable, calibrated: ScoredRows, coverage: Double, seed: UInt64) {
        let conformal = (try? ClassConditionalConformal(calibrated, coverage: coverage)).map {
            Conformal(
                coverage: $0.coverage,
                scoreMax: .each([$0.negativeMisfitMax, $0.positiveMisfitMax]))
        }
        self.init(table, conformal: conformal, seed: seed)
    }

    init(_ table: TrainingTable, conformal: Conformal?, seed: UInt64) {
        self.conformal = conformal
        let range = try? TrainingRange(
            table, folds: Folds(table, count: Self.foldCount, seed: seed), flagged: Self.flagged,
            tail: Self.tail)
        seen = table.columns.indices.map { index in
            range?.ranges[index].map { Double($0.lowerBound)...Double($0.upperBound) }
        }
        outsideShareMax = range?.outsideShareMax
    }

    /// The features with what is known of them; they must be those of the table, in order.
    func features(_ plain: [ManifestFeature], extractors: [ExtractorVersion]) -> [ManifestFeature] {
        precondition(plain.count == seen.count)
        return zip(plain, seen).map { feature, range in
            var feature = feature
            feature.seen = range
            feature.isActionable = LearntLimits.isActionable(feature.name)
            feature.modality = extractors.count == 1 ? extractors[0].modality : nil
            return feature
        }
    }

    /// Whether care can change a feature: the last value of a quantity of the body, and not of one
    /// that a stay does not change.
    ///
    /// A spread, a slope or an extreme of the past hours is past. A treatment is given because of
    /// the risk: to say that less of it would lower the risk would mislead. Of a column that no
    /// extractor made nothing is known, and nothing is promised.
    static func isActionable(_ name: String) -> Bool {
        guard name.hasSuffix(".last") else { return false }
        let others: Set<Substring> = [
            "age", "sex", "icu_type", "body_height", "body_weight", "hba1c", "mech_vent", "fio2",
            "o2_flow",
        ]
        return !others.contains(name.dropLast(".last".count))
    }
}
