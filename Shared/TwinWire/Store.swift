import CTwinWire
import TwinCore

extension Draft {
    func commit(_ commit: Commit) -> Place<Wire.Commit> {
        make(twinline__v1__commit__init) {
            $0.ingest = text(commit.ingest)
            ($0.n_records, $0.records) = list(commit.records) { record($0) }
        }
    }

    private func record(_ record: OutboxRecord) -> Place<Wire.OutboxRecord> {
        make(twinline__v1__outbox_record__init) {
            $0.offset = record.offset
            $0.batch = batch(record.batch.observations)
        }
    }

    func committed(_ committed: Committed) -> Place<Wire.Committed> {
        make(twinline__v1__committed__init) {
            $0.ingest = text(committed.ingest)
            $0.offset = committed.offset
        }
    }

    func artifact(_ info: ArtifactInfo) -> Place<Wire.ArtifactInfo> {
        make(twinline__v1__artifact_info__init) {
            $0.id = text(info.id.hex)
            $0.outcome = text(info.outcome)
            $0.kind = text(info.kind)
            $0.byte_count = info.byteCount
            $0.pushed_at_us = info.pushedAt.microsecondsSinceEpoch
            $0.signature = info.signature.map { signature($0) }
            $0.pushed_by = text(info.pushedBy)
            $0.reference = info.reference.map { reference($0) }
            $0.bar = info.bar.map { bar($0) }
        }
    }

    private func bar(_ bar: ArtifactBar) -> Place<Wire.ArtifactBar> {
        make(twinline__v1__artifact_bar__init) {
            $0.at_us = bar.at.microsecondsSinceEpoch
            $0.reason = text(bar.reason)
            $0.pardoned_by = text(bar.pardonedBy)
            guard let pardonedAt = bar.pardonedAt else { return }
            $0.pardon_case = TWINLINE__V1__ARTIFACT_BAR__PARDON_PARDONED_AT_US
            $0.pardoned_at_us = pardonedAt.microsecondsSinceEpoch
        }
    }

    func signature(_ signature: ArtifactSignature) -> Place<Wire.ArtifactSignature> {
        make(twinline__v1__artifact_signature__init) {
            $0.key = text(signature.key)
            $0.value = text(signature.value)
        }
    }

    func twin(_ state: TwinState) -> Place<Wire.TwinState> {
        make(twinline__v1__twin_state__init) {
            $0.id = text(state.id.text)
            $0.revision = state.revision
            $0.latest = stored(state.latest)
            ($0.n_features, $0.features) = list(state.features) { features($0) }
            ($0.n_assessments, $0.assessments) = list(state.assessments) { stored($0) }
            $0.amended_revision = state.amendedRevision ?? 0
            ($0.n_links, $0.links) = list(state.links) { link($0) }
        }
    }

    func summary(_ summary: TwinSummary) -> Place<Wire.TwinSummary> {
        make(twinline__v1__twin_summary__init) {
            $0.id = text(summary.id.text)
            $0.revision = summary.revision
            $0.feature_revision = summary.featureRevision
            $0.assessed_revision = summary.assessedRevision
            if let time = summary.lastEventTime {
                $0.last_case = TWINLINE__V1__TWIN_SUMMARY__LAST_LAST_EVENT_TIME_US
                $0.last_event_time_us = time.microsecondsSinceEpoch
            }
        }
    }

    func change(_ change: Change) -> Place<Wire.Change> {
        make(twinline__v1__change__init) {
            $0.cursor = change.cursor
            $0.twin = text(change.twin.text)
            $0.kind.rawValue = UInt32(change.kind.rawValue)
            $0.revision = change.revision
            ($0.n_assessments, $0.assessments) = list(change.assessments) { stored($0) }
        }
    }

    func status(_ status: StoreStatus) -> Place<Wire.StoreStatus> {
        make(twinline__v1__store_status__init) {
            $0.version = text(status.version)
            $0.up_seconds = status.upSeconds
            $0.twin_count = status.twinCount
            $0.observation_count = status.observationCount
            $0.assessment_count = status.assessmentCount
            $0.due_count = status.dueCount
            $0.poisoned_count = status.poisonedCount
            $0.cursor = status.cursor
            ($0.n_activations, $0.activations) = list(status.activations) { activation($0) }
            ($0.n_trials, $0.trials) = list(status.trials) { activation($0) }
            ($0.n_drifted, $0.drifted) = texts(status.drifted, \.self)
            ($0.n_peers, $0.peers) = list(status.peers) { peer($0) }
            $0.link_count = status.linkCount
            $0.silent_link_count = status.silentLinkCount
            ($0.n_silent_links, $0.silent_links) = list(status.silentLinks) { link($0) }
        }
    }

    private func peer(_ peer: PeerStatus) -> Place<Wire.PeerStatus> {
        make(twinline__v1__peer_status__init) {
            $0.name = text(peer.name)
            $0.role = text(peer.role)
            $0.version = text(peer.version)
            $0.credits = peer.credits
            $0.in_flight = peer.inFlight
            $0.completed = peer.completed
        }
    }
}

extension Reader {
    func commit(_ message: Wire.Commit) throws(WireError) -> Commit {
        let records = try list(message.records, message.n_records, record)
        guard !records.isEmpty else { throw .invalid("a commit without records") }
        for (earlier, later) in zip(records, records.dropFirst())
        where later.offset != earlier.offset &+ 1 {
            throw .invalid("outbox records that are not consecutive")
        }
        return Commit(
            ingest: try Rule.name(text(message.ingest), of: "an outbox"), records: records)
    }

    private func record(_ message: Wire.OutboxRecord) throws(WireError) -> OutboxRecord {
        guard message.offset > 0 else { throw .invalid("an outbox record without an offset") }
        return OutboxRecord(
            offset: message.offset,
            batch: try one(message.batch, "an outbox record without a batch", batch))
    }

    func committed(_ message: Wire.Committed) throws(WireError) -> Committed {
        Committed(
            ingest: try Rule.name(text(message.ingest), of: "an outbox"), offset: message.offset)
    }

    func artifact(_ message: Wire.ArtifactInfo) throws(WireError) -> ArtifactInfo {
        ArtifactInfo(
            id: try Rule.artifact(text(message.id)), outcome: text(message.outcome),
            kind: text(message.kind), byteCount: message.byte_count,
            pushedAt: try Rule.instant(message.pushed_at_us),
            signature: try signatureOrNone(message.signature),
            pushedBy: try Rule.word(text(message.pushed_by)),
            reference: try referenceOrNone(message.reference), bar: try barOrNone(message.bar))
    }

    private func barOrNone(
        _ place: Place<Wire.ArtifactBar>?
    ) throws(WireError) -> ArtifactBar? {
        guard let message = place?.pointee else { return nil }
        let isPardoned =
            message.pardon_case == TWINLINE__V1__ARTIFACT_BAR__PARDON_PARDONED_AT_US
        return ArtifactBar(
            at: try Rule.instant(message.at_us), reason: try Rule.word(text(message.reason)),
            pardonedAt: isPardoned ? try Rule.instant(message.pardoned_at_us) : nil,
            pardonedBy: try Rule.word(text(message.pardoned_by)))
    }

    /// As it came: whether it is one is not for the wire to say.
    func signatureOrNone(
        _ place: Place<Wire.ArtifactSignature>?
    ) throws(WireError) -> ArtifactSignature? {
        guard let message = place?.pointee else { return nil }
        return ArtifactSignature(
            key: try Rule.word(text(message.key)), value: try Rule.word(text(message.value)))
    }

    func twin(_ message: Wire.TwinState) throws(WireError) -> TwinState {
        TwinState(
            id: try Rule.twin(text(message.id)), revision: message.revision,
            latest: try one(message.latest, "a twin without observations", stored),
            features: try list(message.features, message.n_features, features),
            assessments: try list(message.assessments, message.n_assessments, stored),
            amendedRevision: message.amended_revision == 0 ? nil : message.amended_revision,
            links: try list(message.links, message.n_links, link))
    }

    func summary(_ message: Wire.TwinSummary) throws(WireError) -> TwinSummary {
        let hasTime = message.last_case == TWINLINE__V1__TWIN_SUMMARY__LAST_LAST_EVENT_TIME_US
        return TwinSummary(
            id: try Rule.twin(text(message.id)), revision: message.revision,
            featureRevision: message.feature_revision,
            assessedRevision: message.assessed_revision,
            lastEventTime: hasTime ? try Rule.instant(message.last_event_time_us) : nil)
    }

    func change(_ message: Wire.Change) throws(WireError) -> Change {
        guard let kind = UInt8(exactly: message.kind.rawValue).flatMap(Change.Kind.init) else {
            throw .invalid("an unknown kind of change")
        }
        return Change(
            cursor: message.cursor, twin: try Rule.twin(text(message.twin)), kind: kind,
            revision: message.revision,
            assessments: try list(message.assessments, message.n_assessments, stored))
    }

    func status(_ message: Wire.StoreStatus) throws(WireError) -> StoreStatus {
        StoreStatus(
            version: text(message.version), upSeconds: message.up_seconds,
            twinCount: message.twin_count, observationCount: message.observation_count,
            assessmentCount: message.assessment_count, dueCount: message.due_count,
            poisonedCount: message.poisoned_count, cursor: message.cursor,
            activations: try list(message.activations, message.n_activations, activation),
            trials: try list(message.trials, message.n_trials, activation),
            drifted: try texts(message.drifted, message.n_drifted, Rule.text),
            peers: try list(message.peers, message.n_peers, peer),
            linkCount: message.link_count, silentLinkCount: message.silent_link_count,
            silentLinks: try list(
                message.silent_links, message.n_silent_links, silentLink))
    }

    private func peer(_ message: Wire.PeerStatus) -> PeerStatus {
        PeerStatus(
            name: text(message.name), role: text(message.role), version: text(message.version),
            credits: message.credits, inFlight: message.in_flight, completed: message.completed)
    }
}
