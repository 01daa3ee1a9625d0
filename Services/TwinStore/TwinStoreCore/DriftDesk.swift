public import TwinCore

/// How far what serves has gone from its training: one sketch for each artifact that serves.
struct DriftDesk: Sendable {
    /// So many rows a second are looked at; a sample says as much as all of them.
    static let rowCountMaxPerSecond = 100

    private var sketches: [ArtifactID: DriftSketch] = [:]
    private var second: UInt64 = 0
    private var rowCount = 0

    /// Takes note of what serves; what served before goes on where it was.
    mutating func serve(_ infos: [ArtifactInfo]) {
        let known = sketches
        sketches = [:]
        for info in infos {
            guard let reference = info.reference else { continue }
            sketches[info.id] = known[info.id] ?? DriftSketch(reference)
        }
    }

    mutating func note(_ set: FeatureSet, uptimeMs: UInt64) {
        guard !sketches.isEmpty else { return }
        if uptimeMs / 1000 != second { (second, rowCount) = (uptimeMs / 1000, 0) }
        rowCount += 1
        guard rowCount <= DriftDesk.rowCountMaxPerSecond else { return }
        for artifact in sketches.keys { sketches[artifact]?.note(set) }
    }

    mutating func note(_ made: [Assessment]) {
        for one in made { sketches[one.artifact]?.note(one.verdict) }
    }

    func report(_ release: Activation) -> DriftReport? {
        sketches[release.artifact]?.report(release.outcome, release.artifact)
    }
}

extension TwinRoom {
    /// Takes note of which artifacts serve.
    mutating func seeDrift() {
        let serving = releases.speakingArtifacts.union(releases.shadowArtifacts)
        driftDesk.serve(serving.compactMap { releases.artifacts[$0] })
    }

    /// Of what serves one outcome, or any, and has a reference.
    ///
    /// It begins anew with the process: what is recent is soon seen again.
    public func drift(of outcome: String?) -> [DriftReport] {
        (releases.active + releases.trials)
            .filter { outcome == nil || $0.outcome == outcome }
            .sorted { ($0.outcome, $0.mode.rawValue) < ($1.outcome, $1.mode.rawValue) }
            .compactMap { driftDesk.report($0) }
    }
}
