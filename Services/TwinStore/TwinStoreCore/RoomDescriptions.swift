import TwinCore

// What a room does, in words: stories compare them.
extension TwinRoom.Departure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .append(let records):
            "append " + records.map(\.description).joined(separator: "; ")
        case .committed(let peer, let request, let committed):
            "tell \(peer) on \(request): \(committed.ingest) is committed to \(committed.offset)"
        case .refuse(let peer, let request, let refusal):
            "refuse \(peer) on \(request): \(refusal)"
        case .order(let peer, let request, let sketch, let deadlineMs):
            "order \(request) to \(peer): \(sketch) within \(deadlineMs) ms"
        case .prepare(let peer, let request, let artifacts, let deadlineMs):
            "order \(request) to \(peer): prepare \(artifacts.shortNames) within \(deadlineMs) ms"
        case .changes(let peer, let request, let changes):
            "tell \(peer) on \(request): "
                + changes.map(\.words).joined(separator: "; ")
        case .stored(let peer, let request, let info):
            "tell \(peer) on \(request): \(info.id.shortName) for \(info.outcome) is stored"
        case .activated(let peer, let request, let activation):
            "tell \(peer) on \(request): \(activation.words)"
        case .alarm(let text): "alarm: \(text)"
        }
    }
}

extension WorkOrderSketch: CustomStringConvertible {
    public var description: String {
        switch self {
        case .features(let twin, let modality, let from, let to):
            "\(modality.name) features of \(twin) from \(from) to \(to)"
        case .assess(let twin, let revision, let epoch, let artifacts):
            "assess \(twin) at \(revision) in epoch \(epoch) with \(artifacts.shortNames)"
        }
    }
}

extension StoreRecord: CustomStringConvertible {
    public var description: String { "\(cursor) \(change)" }
}

extension StoreChange: CustomStringConvertible {
    public var description: String {
        switch self {
        case .observations(let ingest, let offset, let slices):
            "\(ingest)#\(offset)"
                + slices.map { " \($0.twin)@\($0.revision)+\($0.observations.count)" }.joined()
        case .features(let twin, let set):
            "\(set.modality.name) features of \(twin)@\(set.revision) by \(set.version)"
        case .assessments(let twin, let revision, let made):
            "assessments of \(twin)@\(revision): "
                + made.map { "\($0.outcome) by \($0.artifact.shortName)" }
                .joined(separator: ", ")
        case .shadows(let twin, let revision, let made):
            "shadows of \(twin)@\(revision): "
                + made.map { "\($0.outcome) by \($0.artifact.shortName)" }
                .joined(separator: ", ")
        case .artifact(let info): "artifact \(info.id.shortName) for \(info.outcome)"
        case .activation(let activation): activation.words
        case .drift(let tally): "drift of \(tally.artifact.shortName)"
        }
    }
}

extension Change {
    fileprivate var words: String { "\(cursor) \(kind) of \(twin)@\(revision)" }
}

extension Activation {
    fileprivate var words: String {
        let deed =
            switch mode {
            case .speaking: "speaks for"
            case .canary: "speaks for \(share) of"
            case .shadow: "is a shadow of"
            }
        return "\(artifact.shortName) \(isEnded ? "no longer " : "")\(deed) \(outcome) from epoch "
            + "\(epoch)"
    }
}

extension ArtifactID {
    /// Enough of it for people to tell artifacts apart.
    fileprivate var shortName: Substring { hex.prefix(8) }
}

extension [ArtifactID] {
    fileprivate var shortNames: String { map { String($0.shortName) }.joined(separator: ", ") }
}
