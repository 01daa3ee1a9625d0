public import ModelCore
import ModelForest
import ModelNetwork
import ModelONNX
import TwinCore

/// The kinds of models that this service serves: the only file that names them all.
public enum ModelRoster {
    public static let kinds = ["forest", "linear", "svm", "network"]

    /// Makes a model of an artifact's bytes, with exact explanations where its kind has them.
    public static func loader() -> ModelRoom.Loader {
        loader(attribution: TreeSHAP.account, background: BackgroundSHAP.account)
    }

    /// The same with other accounts of trees.
    ///
    /// `attribution` is the room that knows TreeSHAP. `background` is asked where a forest has no
    /// covers and its manifest has a background; without it such a forest is explained by sampling.
    public static func loader(
        attribution: @escaping TreeAttribution, background: TreeBackgroundAttribution? = nil
    ) -> ModelRoom.Loader {
        let accounts = Accounts(trees: attribution, background: background)
        return { id, bytes in
            do throws(Refusal) {
                return .success(try load(id, bytes, accounts))
            } catch {
                return .failure(error)
            }
        }
    }

    /// What the room that knows trees gives.
    private struct Accounts {
        var trees: TreeAttribution
        var background: TreeBackgroundAttribution?
    }

    private static func load(
        _ id: ArtifactID, _ bytes: [UInt8], _ accounts: Accounts
    ) throws(Refusal) -> LoadedModel {
        do {
            let own = ONNXArtifact.identity(of: bytes)
            guard own == id else {
                throw Refusal(.malformed, "the bytes of \(id) are those of \(own)")
            }
            let artifact = try ONNXArtifact(bytes: bytes)
            let manifest = try artifact.manifest()
            guard kinds.contains(manifest.kind) else {
                throw Refusal(.unsupported, "models of kind \(manifest.kind)")
            }
            let scorer = try ONNXScorer(
                artifact, featureCount: manifest.features.count,
                answers: manifest.quantity == nil ? .classes : .quantity)
            guard scorer.classNames == nil || scorer.classNames == manifest.classes else {
                throw ManifestError.disagrees("the file's classes are \(scorer.classNames ?? [])")
            }
            let fastest = try fastest(scorer)
            // Explanations count on it.
            let positive = try manifest.shownIndex(of: fastest)
            return try LoadedModel(
                id: id, manifest: manifest, scorer: fastest,
                explainer: try explainer(scorer, fastest, bytes, manifest, positive, accounts))
        } catch let error as ONNXError {
            throw error.refusal
        } catch let error as ManifestError {
            throw error.refusal
        } catch let error as ModelError {
            throw error.refusal
        } catch let error as Refusal {
            throw error
        } catch {
            throw Refusal(.failed, "\(error)")
        }
    }

    /// What scores a file's rows fastest, with or without a manifest.
    public static func scorer(
        _ bytes: [UInt8], featureCount: Int
    ) throws -> any Scorer {
        try fastest(try ONNXScorer(try ONNXArtifact(bytes: bytes), featureCount: featureCount))
    }

    /// What scores the same and knows nothing but the one kind of model, where there is such.
    private static func fastest(_ scorer: ONNXScorer) throws(ModelError) -> any Scorer {
        do throws(ForestError) {
            switch scorer.complementaryTrees {
            case .trees(let ensemble, let preparations, let link),
                .coverless(let ensemble, let preparations, let link):
                return try TreeScorer(ensemble, preparations: preparations, link: link)
            default: break
            }
            switch scorer.quantityTrees {
            case .trees(let ensemble, let preparations, _),
                .coverless(let ensemble, let preparations, _):
                return try TreeScorer(quantityOf: ensemble, preparations: preparations)
            default: break
            }
            return scorer.direct ?? scorer
        } catch {
            throw .notComputable("\(error)")
        }
    }

    private static func explainer(
        _ scorer: ONNXScorer, _ fastest: any Scorer, _ bytes: [UInt8], _ manifest: Manifest,
        _ positive: Int, _ accounts: Accounts
    ) throws(ModelError) -> any Explainer {
        let names = manifest.features.map(\.name)
        do throws(ModelError) {
            switch scorer.exactForm(positive: positive) {
            case .trees(let ensemble, let preparations, let link):
                return try TreeExplainer(
                    ensemble, preparations: preparations, link: link,
                    attribution: accounts.trees)
            case .coverless(let ensemble, let preparations, let link):
                let rows = manifest.filledBackgroundRows
                if let background = accounts.background, !rows.isEmpty {
                    return try TreeExplainer(
                        ensemble, preparations: preparations, link: link, background: rows,
                        attribution: background)
                }
            case .linear(let weights, let intercept, let preparations, let link):
                return try LinearExplainer(
                    weights: weights, intercept: intercept, preparations: preparations,
                    link: link, background: manifest.background, names: names)
            case nil:
                if let network = try network(bytes) {
                    guard manifest.quantity == nil else {
                        return try IntegratedGradients(
                            quantityOf: network, answerSize: manifest.answerSize,
                            background: manifest.background, names: names)
                    }
                    return try IntegratedGradients(
                        network, positiveIndex: positive, background: manifest.background,
                        names: names)
                }
            }
        } catch {
            guard case .notExplainable = error else { throw error }
        }
        return try SampledExplainer(
            fastest, positiveIndex: positive, background: manifest.background, names: names)
    }

    /// The network of a file that holds a plain one.
    private static func network(_ bytes: [UInt8]) throws(ModelError) -> DenseNetwork? {
        do throws(ONNXError) { return try NetworkReader.network(bytes) } catch {
            throw .notExplainable("\(error)")
        }
    }
}
