public import ModelCore

extension TreeSHAP {
    /// Exact attributions of an ensemble by the rows that took each branch in training.
    public static let account: TreeAttribution = { ensemble throws(ModelError) in
        do throws(ForestError) {
            let explainer = try TreeSHAP(ensemble)
            return ForestAttribution.account(explainer.attributions)
        } catch { throw .notExplainable("\(error)") }
    }
}

extension BackgroundSHAP {
    /// Exact attributions of an ensemble against the rows of a background.
    public static let account: TreeBackgroundAttribution = { ensemble, rows throws(ModelError) in
        do throws(ForestError) {
            let explainer = try BackgroundSHAP(ensemble, background: rows)
            return ForestAttribution.account(explainer.attributions)
        } catch { throw .notExplainable("\(error)") }
    }
}

extension ForestAttribution {
    fileprivate static func account(
        _ attributions: @escaping @Sendable ([Float]) throws(ForestError) -> ForestAttribution
    ) -> RowAttribution {
        { row throws(ModelError) in
            do throws(ForestError) {
                let attribution = try attributions(row)
                return (attribution.baseline, attribution.contributions)
            } catch { throw .notComputable("\(error)") }
        }
    }
}
