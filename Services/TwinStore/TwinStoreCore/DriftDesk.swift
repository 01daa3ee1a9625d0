public import TwinCore

/// How far what serves has gone from its training: one sketch for each artifact that serves.
struct DriftDesk: Sendable {
    /// So many rows a second are looked at; a sample says as much as all of them.
    static let rowCountMaxPerSecond = 100

    private var sketches: [ArtifactID: DriftSketch] = [:]
    /// From before a restart, until something serves.
    private var kept: [ArtifactID: DriftTally]
    /// Those that have gone on since they were kept.
    private var changed: Set<ArtifactID> = []
    private var keptAtMs: UInt64 = 0
    private var second: UInt64 = 0
    private var rowCount = 0

    init(_ kept: [DriftTally]) {
        self.kept = Dictionary(kept.map { ($0.artifact, $0) }, uniquingKeysWith: { $1 })
    }

    /// Takes note of what serves; what served before goes on where it was.
    mutating func serve(_ infos: [ArtifactInfo]) {
        let known = sketches
        sketches = [:]
        for info in infos {
            guard let reference = info.reference else { continue }
            let tally = kept[info.id]
            sketches[info.id] = known[info.id] ?? DriftSketch(reference, from: tally)
            // What begins anew must not go on, after a restart, where it was long ago.
            if known[info.id] == nil, tally == nil { changed.insert(info.id) }
        }
        if !sketches.isEmpty { kept = [:] }
        changed.formIntersection(sketches.keys)
    }

    mutating func note(_ set: FeatureSet, uptimeMs: UInt64) {
        guard !sketches.isEmpty else { return }
        if uptimeMs / 1000 != second { (second, rowCount) = (uptimeMs / 1000, 0) }
        rowCount += 1
        guard rowCount <= DriftDesk.rowCountMaxPerSecond else { return }
        for artifact in Array(sketches.keys) { sketches[artifact]?.note(set) }
        changed.formUnion(sketches.keys)
    }

    mutating func note(_ made: [Assessment]) {
        for one in made where sketches[one.artifact] != nil {
            sketches[one.artifact]?.note(one.verdict)
            changed.insert(one.artifact)
        }
    }

    /// What is to be kept now, at most every so often.
    mutating func takeChanged(uptimeMs: UInt64, everyMs: UInt64) -> [DriftTally] {
        guard !changed.isEmpty, uptimeMs >= keptAtMs &+ everyMs else { return [] }
        keptAtMs = uptimeMs
        defer { changed = [] }
        return changed.sorted().compactMap { sketches[$0]?.tally(of: $0) }
    }

    func report(_ release: Activation) -> DriftReport? {
        sketches[release.artifact]?.report(release.outcome, release.artifact)
    }
}

extension TwinRoom {
    /// Takes note of which artifacts serve.
    mutating func seeDrift() {
        driftDesk.serve(releases.servingArtifacts.compactMap { releases.artifacts[$0] })
    }

    /// Lets what was seen lately survive a restart.
    mutating func keepDrift() {
        guard ledger.failure == nil else { return }
        let tallies = driftDesk.takeChanged(uptimeMs: uptimeMs, everyMs: settings.driftKeepMs)
        for tally in tallies { _ = ledger.append(.drift(tally), at: now) }
    }

    /// Of what serves one outcome, or any, and has a reference.
    ///
    /// It survives a restart, but for what was seen since it was last kept.
    public func drift(of outcome: String?) -> [DriftReport] {
        (releases.active + releases.trials)
            .filter { outcome == nil || $0.outcome == outcome }
            .sorted { ($0.outcome, $0.mode.rawValue) < ($1.outcome, $1.mode.rawValue) }
            .compactMap { driftDesk.report($0) }
    }
}
