public import TwinCore
public import TwinStoreCore

/// Store records by chance, in order, as a room could have decided them.
public struct EngineScript: Sendable {
    public private(set) var cursor: UInt64
    private var revisions: [TwinID: Revision] = [:]
    private var offset: UInt64 = 0
    private var epoch: UInt64 = 0
    private var random: SplitMix64
    public let twins: [TwinID]
    private let observationCountMax: Int

    public init(seed: UInt64, twinCount: Int = 5, observationCountMax: Int = 12) {
        random = SplitMix64(seed: seed)
        cursor = 0
        twins = (0..<twinCount).compactMap { TwinID("WARD\($0 % 3)|\($0 / 2)") }
        self.observationCountMax = observationCountMax
    }

    /// So many records.
    public mutating func next(_ count: Int) -> [StoreRecord] { (0..<count).map { _ in next() } }

    public mutating func next() -> StoreRecord {
        cursor += 1
        let commitTime = Instant(microsecondsSinceEpoch: Int64(cursor) * 1_000_003)
        return StoreRecord(cursor: cursor, commitTime: commitTime, change: change())
    }

    private mutating func change() -> StoreChange {
        let known = revisions.keys.sorted()
        let kind = Int.random(in: 0..<23, using: &random)
        guard kind >= 14, let twin = known.randomElement(using: &random) else {
            return observations()
        }
        let revision = Revision.random(in: 1...(revisions[twin] ?? 1), using: &random)
        switch kind {
        case 14, 15: return .features(twin, features(revision))
        case 16, 17:
            let count = Int.random(in: 1...2, using: &random)
            let made = (0..<count).map { assessment($0, revision) }
            return .assessments(twin, revision: revision, made)
        case 20, 21:
            return .shadows(twin, revision: revision, [assessment(Int(cursor % 2), revision)])
        case 22:
            // The same artifact again and again: what is kept of it is the newest.
            let bins = RecentBins(counts: [Double(cursor), 0.5], missingCount: Double(cursor) / 3)
            return .drift(
                DriftTally(
                    artifact: artifact(cursor % 3), features: [bins],
                    scores: cursor % 2 == 0 ? nil : bins))
        case 18:
            return .artifact(
                ArtifactInfo(
                    id: artifact(cursor), outcome: "sepsis", kind: "forest", byteCount: cursor,
                    pushedAt: Instant(microsecondsSinceEpoch: 5)))
        default:
            epoch += 1
            return .activation(
                Activation(
                    outcome: "sepsis", artifact: artifact(cursor), epoch: epoch,
                    activatedAt: Instant(microsecondsSinceEpoch: 6),
                    mode: ReleaseMode.allCases[Int(epoch % 3)], share: epoch % 3 == 1 ? 0.25 : 1,
                    isEnded: epoch % 6 > 3, cause: ReleaseCause(rawValue: UInt8(epoch % 5)),
                    by: "operator \(epoch % 2)"))
        }
    }

    private mutating func observations() -> StoreChange {
        let chosen = twins.shuffled(using: &random)
            .prefix(Int.random(in: 1...min(3, twins.count), using: &random))
        let slices = chosen.map { twin in
            revisions[twin, default: 0] += 1
            let count = Int.random(in: 1...observationCountMax, using: &random)
            return TwinSlice(
                twin: twin, revision: revisions[twin] ?? 1,
                observations: (0..<count).map { _ in .sample(of: twin, &random) })
        }
        offset += 1
        return .observations(ingest: "ingest-\(offset % 2)", offset: offset, slices: slices)
    }

    private mutating func features(_ revision: Revision) -> FeatureSet {
        let modality = Modality.allCases.randomElement(using: &random) ?? .vitals
        return FeatureSet(
            modality: modality, version: "v\(cursor % 3)", revision: revision,
            referenceTime: Bool.random(using: &random) ? nil : Instant(microsecondsSinceEpoch: 9),
            features: [
                Feature(name: "a", value: Double(cursor), unit: "/min"),
                Feature(name: "b", value: nil, unit: "", flags: [.incomplete]),
            ])
    }

    private func artifact(_ number: UInt64) -> ArtifactID {
        let digits = String(number, radix: 16)
        let hex = String(repeating: "0", count: 64 - digits.count) + digits
        guard let id = ArtifactID(hex: hex) else { preconditionFailure("64 digits") }
        return id
    }

    private func assessment(_ number: Int, _ revision: Revision) -> Assessment {
        Assessment(
            outcome: ["sepsis", "death"][number], artifact: artifact(cursor), revision: revision,
            featureVersion: "v1",
            verdict: cursor % 2 == 0
                ? .prediction(probability: 0.25, classes: ["yes", "no"])
                : .indeterminate(reason: "too few values"),
            baseline: -1.5,
            reasons: [
                Attribution(
                    feature: "a", value: nil, unit: "/min", flags: [.imputed], contribution: 0.5)
            ],
            remainder: 0.125,
            recommendations: [Recommendation(text: "look again", basis: "rule 7")],
            quality: InputQuality(featureCount: 3, missingCount: 1, flaggedCount: 1))
    }
}
