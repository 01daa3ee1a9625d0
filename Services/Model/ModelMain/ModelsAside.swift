import ModelCell
import ModelCore
import Synchronization
import TwinCore

/// Models that were loaded beside the worker's thread, each until the room takes it.
final class ModelsAside: Sendable {
    private let cell: Cell
    private let loader: ModelRoom.Loader
    private let models = Mutex<[ArtifactID: LoadedModel]>([:])

    init(cell: Cell, _ loader: @escaping ModelRoom.Loader) {
        self.cell = cell
        self.loader = loader
    }

    /// Loads an artifact in a cell, and only what came well out of that, here.
    func load(_ id: ArtifactID, _ bytes: [UInt8]) throws(Refusal) {
        try cell.prove(id, bytes)
        let model = try loader(id, bytes).get()
        models.withLock { $0[id] = model }
    }

    func take(_ id: ArtifactID, _ bytes: [UInt8]) -> Result<LoadedModel, Refusal> {
        if let model = models.withLock({ $0.removeValue(forKey: id) }) { return .success(model) }
        return loader(id, bytes)
    }
}
