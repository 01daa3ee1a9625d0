import FeatureCore
import ModelCore
import TwinCore
import TwinLink
import TwinStoreCore

/// A mistake put in on purpose, to prove that a run would find it.
enum PlantedMistake: CaseIterable {
    /// Ingest acknowledges before the outbox has it.
    case acknowledgesEarly
    /// Ingest takes a repeated message for a new one.
    case forgetsMessages
    /// The store acknowledges before its engine has it.
    case commitsEarly
    /// The store takes a repeated record for a new one.
    case forgetsOffsets
    /// The store takes assessments by artifacts that have been replaced.
    case mixesEpochs
    /// A link sends every request once only.
    case sendsOnce

    /// A word of what an inspection says of it.
    var symptom: String {
        switch self {
        case .acknowledgesEarly, .commitsEarly: "is lost"
        case .forgetsMessages, .forgetsOffsets: "times"
        case .mixesEpochs: "without being active"
        case .sendsOnce: "not rid"
        }
    }
}

/// How large the house is, and how much each part of it holds: little, so that limits are reached.
struct HousePlan {
    var ingestCount = 2
    var featureWorkerCount = 2
    var modelWorkerCount = 2
    var pendingByteCountMax = 5 << 10
    var outboxByteCountMax = 1200
    var featureLimits = FeatureRoom.Limits(twinCountMax: 3)
    var bug: PlantedMistake?

    var modelLimits: ModelRoom.Limits {
        var limits = ModelRoom.Limits()
        limits.modelCountMax = 2
        return limits
    }

    var linkLimits: LinkLimits {
        var limits = LinkLimits(
            windowCount: 8, heartbeatMs: 250, silenceMsMax: 1000, stallMsMax: 2000,
            resendMsFirst: 200, resendMsMax: 1000)
        #if DEBUG
        if bug == .sendsOnce { limits.plantedBug = .noResend }
        #endif
        return limits
    }

    var roomSettings: RoomSettings {
        var settings = RoomSettings()
        settings.version = "house"
        settings.taskDeadlineMs = 1500
        settings.prepareDeadlineMs = 3000
        settings.failureCountMax = 2
        return settings
    }

    func hello(_ name: String, _ role: String) -> Hello {
        Hello(name: name, role: role, version: "house", windowCount: 0, windowByteCount: 0)
    }
}
