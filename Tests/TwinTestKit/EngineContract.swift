public import TwinCore
public import TwinStoreCore

/// The promises of ``TwinEngine``, kept by every implementation.
public enum EngineContract {
    /// A place where an engine can be opened, closed and opened again.
    public protocol Place: Sendable {
        func open() throws -> any TwinEngine
    }

    public typealias Rule = ContractRule<any Place>

    public static let all: [Rule] = basics + timelines + wholes
}

extension TwinEngine {
    /// Commits and waits for the answer.
    public func commit(_ records: [StoreRecord]) async throws {
        try await withCheckedThrowingContinuation { continuation in
            commit(records) { continuation.resume(with: $0.mapError { $0 as any Error }) }
        }
    }
}

/// Everything that an engine answers of some twins.
public struct EnginePicture: Hashable, Sendable {
    public var recovery: Recovery
    public var states: [TwinID: TwinState] = [:]
    public var past: [TwinID: TwinState] = [:]
    public var observations: [TwinID: [StoredObservation]] = [:]
    public var assessments: [TwinID: [StoredAssessment]] = [:]
    public var shadows: [TwinID: [StoredAssessment]] = [:]
    public var features: [TwinID: [FeatureSet]] = [:]

    /// `pastRevision` is the revision that the past is asked at; `recovery` may be known already.
    public init(
        of engine: any TwinEngine, _ twins: [TwinID], pastRevision: Revision = 3,
        recovery: Recovery? = nil
    ) throws {
        self.recovery = try recovery ?? engine.recover()
        for twin in twins {
            states[twin] = try engine.twin(twin, asOf: nil)
            past[twin] = try engine.twin(twin, asOf: pastRevision)
            observations[twin] = try engine.observations(
                of: twin, after: 0, through: .max, limit: .max)
            assessments[twin] = try engine.assessments(of: twin, after: 0, limit: .max)
            shadows[twin] = try engine.shadows(of: twin, after: 0, limit: .max)
            features[twin] = try engine.features(of: twin)
        }
    }

    /// What differs first, for people.
    public func difference(_ other: EnginePicture) -> String? {
        if recovery != other.recovery { return "\(recovery) is not \(other.recovery)" }
        for twin in states.keys.sorted() {
            if states[twin] != other.states[twin] { return "the state of \(twin)" }
            if past[twin] != other.past[twin] { return "the past of \(twin)" }
            if observations[twin] != other.observations[twin] { return "the history of \(twin)" }
            if assessments[twin] != other.assessments[twin] { return "assessments of \(twin)" }
            if shadows[twin] != other.shadows[twin] { return "shadows of \(twin)" }
            if features[twin] != other.features[twin] { return "features of \(twin)" }
        }
        return self == other ? nil : "which twins there are"
    }
}

/// Throws unless both engines answer the same of these twins.
///
/// Recovery is compared only where both were opened just now.
package func requireSame(
    _ engine: any TwinEngine, _ oracle: any TwinEngine, _ twins: [TwinID],
    withRecovery: Bool, _ place: String
) throws {
    let recovery = withRecovery ? nil : Recovery()
    for pastRevision: Revision in [0, 1, 5, .max] {
        let found = try EnginePicture(
            of: engine, twins, pastRevision: pastRevision, recovery: recovery)
        let expected = try EnginePicture(
            of: oracle, twins, pastRevision: pastRevision, recovery: recovery)
        let difference = found.difference(expected)
        try require(difference == nil, "\(place): \(difference ?? "")")
    }
}
