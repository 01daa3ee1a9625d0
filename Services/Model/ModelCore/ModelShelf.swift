import TwinCore

/// The loaded models of a worker, the least recently used of which give way to new ones.
struct ModelShelf {
    enum Place {
        case ready(LoadedModel)
        /// Its bytes were refused before; the same bytes would be refused again.
        case refused(Refusal)
        case unknown
    }

    private static let refusalCountMax = 64

    private let modelCountMax: Int
    private let loader: ModelRoom.Loader
    /// The most recently used last.
    private var models: [LoadedModel] = []
    /// The most recent last.
    private var refusals: [(id: ArtifactID, refusal: Refusal)] = []

    init(modelCountMax: Int, loader: @escaping ModelRoom.Loader) {
        self.modelCountMax = max(1, modelCountMax)
        self.loader = loader
    }

    var ids: [ArtifactID] { models.map(\.id) }

    mutating func lookUp(_ id: ArtifactID) -> Place {
        if let index = models.firstIndex(where: { $0.id == id }) {
            let model = models.remove(at: index)
            models.append(model)
            return .ready(model)
        }
        if let known = refusals.first(where: { $0.id == id }) { return .refused(known.refusal) }
        return .unknown
    }

    /// Loads and proves; a model that fails its golden rows is not kept.
    mutating func load(_ id: ArtifactID, _ bytes: [UInt8]) -> Result<LoadedModel, Refusal> {
        let loaded = loader(id, bytes).flatMap { model -> Result<LoadedModel, Refusal> in
            guard model.id == id else {
                return .failure(Refusal(.malformed, "asked for \(id), loaded \(model.id)"))
            }
            do throws(ModelError) { try Proof.prove(model) } catch {
                return .failure(error.refusal)
            }
            return .success(model)
        }
        switch loaded {
        case .success(let model):
            models.append(model)
            if models.count > modelCountMax { models.removeFirst() }
        case .failure(let refusal):
            refusals.append((id, refusal))
            if refusals.count > ModelShelf.refusalCountMax { refusals.removeFirst() }
        }
        return loaded
    }
}
