import TwinCore

/// How many answers the output guard of the model workers has held back, of each artifact that serves.
///
/// It counts anew whenever an artifact begins to serve, and after a restart of the store: what is
/// barred by then is on record.
struct GuardDesk: Sendable {
    private var tripCounts: [ArtifactID: Int] = [:]
    /// By outcome, until when the store does not try to go back: a worker could not prove where to.
    private var restUntilMs: [String: UInt64] = [:]
    /// The barred artifacts of which an alarm has said that there is nothing to go back to.
    private var stranded: Set<ArtifactID> = []

    /// One more answer was held back; how many there are.
    mutating func trip(_ artifact: ArtifactID) -> Int {
        tripCounts[artifact, default: 0] += 1
        return tripCounts[artifact, default: 0]
    }

    /// What begins to serve begins anew; of what serves no more nothing is kept.
    mutating func see(_ release: Activation, serving: Set<ArtifactID>) {
        tripCounts[release.artifact] = nil
        tripCounts = tripCounts.filter { serving.contains($0.key) }
        stranded.formIntersection(serving)
        if release.mode == .speaking { restUntilMs[release.outcome] = nil }
    }

    mutating func forget(_ artifact: ArtifactID) {
        tripCounts[artifact] = nil
        stranded.remove(artifact)
    }

    mutating func rest(_ outcome: String, until uptimeMs: UInt64) {
        restUntilMs[outcome] = uptimeMs
    }

    func isResting(_ outcome: String, at uptimeMs: UInt64) -> Bool {
        restUntilMs[outcome].map { uptimeMs < $0 } ?? false
    }

    /// Whether this is the first time that there is nothing to go back to from it.
    mutating func strand(_ artifact: ArtifactID) -> Bool { stranded.insert(artifact).inserted }

    static func refusal(of info: ArtifactInfo) -> Refusal {
        Refusal(
            .conflict,
            "\(info.id) is barred: \(info.bar?.reason ?? ""); `twinctl model pardon "
                + "\(info.id.hex.prefix(12))` lets it serve again")
    }
}
