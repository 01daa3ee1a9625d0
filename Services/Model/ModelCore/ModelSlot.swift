import Synchronization
public import TwinCore

/// The place of the model that serves: empty → proving → serving, swapped without a pause.
///
/// One lock guards one value. A reader takes the whole model and keeps it for as long as it needs;
/// what serves next can't mix with it, and the last reader frees it. While a candidate is proved,
/// the one before goes on serving; a candidate that fails leaves everything as it was.
public final class ModelSlot: Sendable {
    private enum State {
        case empty
        case proving(previous: LoadedModel?)
        case serving(LoadedModel)

        var model: LoadedModel? {
            switch self {
            case .empty: nil
            case .proving(let previous): previous
            case .serving(let model): model
            }
        }
    }

    /// What the slot is doing, for people.
    public enum Phase: Hashable, Sendable {
        case empty
        case proving(previous: ArtifactID?)
        case serving(ArtifactID)
    }

    private let state = Mutex(State.empty)

    public init() {}

    #if DEBUG
    /// Mistakes that the slot's tests must find.
    package enum PlantedBug: Sendable {
        /// Serves a candidate before its golden rows are proved.
        case servesUnproved
        /// Swaps the name first and the arithmetic later.
        case tearsModel
    }

    private let plantedBug = Mutex<PlantedBug?>(nil)

    package convenience init(plantedBug bug: PlantedBug) {
        self.init()
        plantedBug.withLock { $0 = bug }
    }

    private func misbehave(_ candidate: LoadedModel, before previous: LoadedModel?) {
        switch plantedBug.withLock({ $0 }) {
        case nil: break
        case .servesUnproved: state.withLock { $0 = .serving(candidate) }
        case .tearsModel:
            let torn = try? LoadedModel(
                id: candidate.id, manifest: candidate.manifest,
                scorer: previous?.scorer ?? candidate.scorer, explainer: candidate.explainer)
            if let torn { state.withLock { $0 = .serving(torn) } }
        }
    }
    #endif

    /// The model that serves; nil before the first.
    public var serving: LoadedModel? { state.withLock { $0.model } }

    public var phase: Phase {
        state.withLock { state in
            switch state {
            case .empty: .empty
            case .proving(let previous): .proving(previous: previous?.id)
            case .serving(let model): .serving(model.id)
            }
        }
    }

    /// Proves the candidate, then lets it serve.
    ///
    /// Throws, and changes nothing, if its golden rows or accounts are wrong or if another
    /// candidate is being proved.
    public func offer(_ candidate: LoadedModel) throws(ModelError) {
        let previous = try begin()
        #if DEBUG
        misbehave(candidate, before: previous)
        #endif
        do {
            // Outside of the lock: readers never wait for a proof.
            try Proof.prove(candidate)
        } catch {
            state.withLock { $0 = previous.map(State.serving) ?? .empty }
            throw error
        }
        state.withLock { $0 = .serving(candidate) }
    }

    private func begin() throws(ModelError) -> LoadedModel? {
        let begun = state.withLock { state -> Result<LoadedModel?, ModelError> in
            if case .proving = state { return .failure(.busy) }
            let previous = state.model
            state = .proving(previous: previous)
            return .success(previous)
        }
        return try begun.get()
    }
}
