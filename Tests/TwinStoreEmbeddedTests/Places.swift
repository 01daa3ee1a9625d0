import TwinJournal
import TwinStoreCore
import TwinStoreEmbedded
import TwinTestKit

/// Engines of one folder.
final class FolderPlace: EngineContract.FreshPlace {
    let folder: ScratchFolder
    let limits: EngineLimits
    private let more = Monitor<[FolderPlace]>([])

    init(_ limits: EngineLimits = FolderPlace.limits()) throws {
        folder = try ScratchFolder()
        self.limits = limits
    }

    /// Small segments; `gatherMs` decides how soon the database has what was committed.
    static func limits(gatherMs: Int = 5, tail: Int = 262_144) -> EngineLimits {
        EngineLimits(
            tailObservationCountMax: tail, gatherMs: gatherMs,
            journal: JournalLimits(
                segmentByteCount: 1 << 20, byteCountMax: 64 << 20, queueByteCountMax: 64 << 20))
    }

    static let coding = EngineCoding(
        observations: PlainCodings.observations, featureSet: PlainCodings.featureSet,
        assessments: PlainCodings.assessments, artifactInfo: PlainCodings.artifactInfo,
        activation: PlainCodings.activation, driftTally: PlainCodings.driftTally)

    func open() throws -> any TwinEngine { try engine() }

    func engine() throws -> EmbeddedEngine {
        try EmbeddedEngine(
            directory: folder.path + "/store", coding: FolderPlace.coding, limits: limits)
    }

    func fresh() -> any EngineContract.Place {
        guard let place = try? FolderPlace(limits) else { return self }
        more.withLock { $0.append(place) }
        return place
    }

    func remove() {
        folder.remove()
        for place in more.look({ $0 }) { place.remove() }
    }
}
