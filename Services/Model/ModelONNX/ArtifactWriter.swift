public import ModelCore

/// Why an artifact can't be written.
public enum ArtifactWriteError: Error, Hashable, Sendable {
    case manifest(ManifestError)
    /// The ensemble is not one, or not the manifest's: what is wrong.
    case ensemble(String)
}

/// Writes tree ensembles as ONNX files that any runtime of ONNX opens.
public enum ArtifactWriter {
    /// The file of an ensemble whose raw score, through `link`, is the second class's probability.
    ///
    /// Inputs `features` [N, n]; outputs `label` and `probabilities` [N, 2], or `estimate` [N, 1]
    /// where the raw score is the manifest's quantity. What the manifest puts in for missing values
    /// becomes the file's first node.
    public static func bytes(
        _ ensemble: TreeEnsemble, link: ScoreLink, manifest: Manifest
    ) throws(ArtifactWriteError) -> [UInt8] {
        do throws(ManifestError) { try manifest.validate() } catch { throw .manifest(error) }
        try check(ensemble, link, manifest)
        return file(TreeTables(ensemble, link: link), link, manifest)
    }

    /// The file of a forest of several classes, whose leaves hold a probability for each.
    ///
    /// Inputs `features` [N, n]; outputs `label` and `probabilities` [N, classes].
    public static func bytes(
        _ leaves: LeafVectors, manifest: Manifest
    ) throws(ArtifactWriteError) -> [UInt8] {
        do throws(ManifestError) { try manifest.validate() } catch { throw .manifest(error) }
        guard leaves.classCount > 2, leaves.classCount == manifest.classes.count else {
            throw .ensemble("\(leaves.classCount) classes")
        }
        guard leaves.values.count == leaves.trees.count,
            zip(leaves.trees, leaves.values).allSatisfy({
                $1.count == $0.count * leaves.classCount
                    && $1.allSatisfy { $0.isFinite && $0 >= 0 }
            })
        else { throw .ensemble("leaves without a probability of each class") }
        try check(leaves.ensemble(of: 0), manifest)
        return file(TreeTables(leaves), .identity, manifest)
    }

    private static func file(
        _ tables: TreeTables, _ link: ScoreLink, _ manifest: Manifest
    ) -> [UInt8] {
        file(manifest) { graph in
            let imputes = manifest.features.contains { $0.missing != .none }
            if imputes { graph.message(1) { imputer(&$0, manifest) } }
            graph.message(1) {
                trees(&$0, tables, manifest, link, input: imputes ? "complete" : "features")
            }
        }
    }

    private static func check(
        _ ensemble: TreeEnsemble, _ link: ScoreLink, _ manifest: Manifest
    ) throws(ArtifactWriteError) {
        if manifest.quantity != nil {
            guard link == .identity, ensemble.baseValue.isFinite else {
                throw .ensemble("a quantity that is no sum of numbers")
            }
            return try check(ensemble, manifest)
        }
        guard manifest.classes.count == 2, manifest.positiveIndex == 1 else {
            throw .ensemble("the positive class must be the second of two")
        }
        guard ensemble.baseValue.isFinite, link == .logistic || ensemble.baseValue >= 0 else {
            throw .ensemble("a base that is no number or no probability")
        }
        for (index, tree) in ensemble.trees.enumerated() {
            guard link == .logistic || tree.allSatisfy({ $0.feature >= 0 || $0.value >= 0 }) else {
                throw .ensemble("a negative probability in tree \(index)")
            }
        }
        try check(ensemble, manifest)
    }

    private static func check(
        _ ensemble: TreeEnsemble, _ manifest: Manifest
    ) throws(ArtifactWriteError) {
        guard ensemble.featureCount == manifest.features.count else {
            throw .ensemble("\(ensemble.featureCount) features")
        }
        guard !ensemble.trees.isEmpty else { throw .ensemble("no trees") }
        for (index, tree) in ensemble.trees.enumerated() {
            guard !tree.isEmpty else { throw .ensemble("tree \(index) is empty") }
            for (place, node) in tree.enumerated() {
                let isLeaf = node.feature < 0
                let branches = [Int(node.trueBranch), Int(node.falseBranch)]
                guard
                    isLeaf
                        || (Int(node.feature) < ensemble.featureCount
                            && branches.allSatisfy { $0 > place && $0 < tree.count }),
                    node.threshold.isFinite, node.value.isFinite, node.cover.isFinite,
                    node.cover >= 0
                else { throw .ensemble("node \(place) of tree \(index)") }
            }
        }
    }

    private static func imputer(_ node: inout WireWriter, _ manifest: Manifest) {
        node.text(1, "features")
        node.text(2, "complete")
        node.text(3, "impute")
        node.text(4, "Imputer")
        node.text(7, "ai.onnx.ml")
        node.attribute(
            "imputed_value_floats",
            floats: manifest.features.map { Float($0.missing.value ?? .nan) })
        node.attribute("replaced_value_float", float: .nan)
    }

    private static func trees(
        _ node: inout WireWriter, _ tables: TreeTables, _ manifest: Manifest, _ link: ScoreLink,
        input: String
    ) {
        let isQuantity = manifest.quantity != nil
        node.text(1, input)
        if isQuantity {
            node.text(2, "estimate")
        } else {
            node.text(2, "label")
            node.text(2, "probabilities")
        }
        node.text(3, "trees")
        node.text(4, isQuantity ? "TreeEnsembleRegressor" : "TreeEnsembleClassifier")
        node.text(7, "ai.onnx.ml")
        if isQuantity {
            node.attribute("n_targets", int: 1)
            node.attribute("aggregate_function", text: "SUM")
        } else {
            node.attribute("classlabels_strings", texts: manifest.classes)
        }
        node.attribute("post_transform", text: link == .logistic ? "LOGISTIC" : "NONE")
        node.attribute("nodes_treeids", ints: tables.trees)
        node.attribute("nodes_nodeids", ints: tables.nodes)
        node.attribute("nodes_featureids", ints: tables.features)
        node.attribute("nodes_values", floats: tables.thresholds)
        node.attribute("nodes_modes", texts: tables.modes)
        node.attribute("nodes_truenodeids", ints: tables.trueBranches)
        node.attribute("nodes_falsenodeids", ints: tables.falseBranches)
        node.attribute("nodes_hitrates", floats: tables.covers)
        node.attribute("nodes_missing_value_tracks_true", ints: tables.missing)
        let leaves = isQuantity ? "target" : "class"
        node.attribute("\(leaves)_treeids", ints: tables.leafTrees)
        node.attribute("\(leaves)_nodeids", ints: tables.leafNodes)
        node.attribute("\(leaves)_ids", ints: tables.leafClasses)
        node.attribute("\(leaves)_weights", floats: tables.leafValues)
    }
}
