public import TwinCore
import TwinStoreCore

/// Who may speak for which twin, told from the releases on record alone.
public struct ReleaseOracle: Sendable {
    private var bases: [String: ArtifactID] = [:]
    private var canaries: [String: Activation] = [:]
    private var shadows: [String: ArtifactID] = [:]

    public init(_ releases: [Activation] = []) {
        for release in releases { note(release) }
    }

    public mutating func note(_ release: Activation) {
        let outcome = release.outcome
        if release.mode == .shadow {
            shadows[outcome] = release.isEnded ? nil : release.artifact
            return
        }
        if shadows[outcome] == release.artifact { shadows[outcome] = nil }
        canaries[outcome] = release.mode == .canary && !release.isEnded ? release : nil
        if release.mode == .speaking { bases[outcome] = release.artifact }
    }

    public var outcomes: [String] { bases.keys.sorted() }

    public func speaker(for twin: TwinID, of outcome: String) -> ArtifactID? {
        guard let base = bases[outcome] else { return nil }
        guard let canary = canaries[outcome] else { return base }
        return Voices.place(of: twin) < canary.share ? canary.artifact : base
    }

    /// Those that speak for the twin, in ascending order of outcome.
    public func speakers(for twin: TwinID) -> [ArtifactID] {
        outcomes.compactMap { speaker(for: twin, of: $0) }
    }

    public func shadow(of outcome: String) -> ArtifactID? { shadows[outcome] }

    public var shadowedOutcomes: [String] { shadows.keys.sorted() }

    /// What of these was said without being asked for.
    public func strangers(among made: [Assessment], of twin: TwinID) -> [Assessment] {
        made.filter { speaker(for: twin, of: $0.outcome) != $0.artifact }
    }
}
