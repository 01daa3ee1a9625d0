import TwinCore
import TwinLink
import TwinWire

extension Samples {
    mutating func batch() -> ObservationBatch {
        ObservationBatch((0...count(40)).map { _ in observation() })
    }

    mutating func commit() -> Commit {
        let first = UInt64.random(in: 1...1 << 60, using: &self)
        return Commit(
            ingest: "ward-7",
            records: (0...UInt64(count(3))).map { OutboxRecord(offset: first + $0, batch: batch()) }
        )
    }

    mutating func order() -> WorkOrder {
        switch count(2) {
        case 0:
            .features(
                FeatureTask(
                    twin: twin(), modality: one(of: Modality.allCases), fromRevision: large(),
                    toRevision: large(), observations: list(30) { $0.observation() }))
        case 1:
            .assess(
                ModelTask(
                    twin: twin(), revision: large(), epoch: large(),
                    artifacts: list(3) { $0.artifact() }, features: list(3) { $0.features() }))
        default: .prepare(PrepareTask(artifacts: list(3) { $0.artifact() }))
        }
    }

    mutating func result() -> WorkResult {
        switch count(3) {
        case 0: .features(twin(), features())
        case 1:
            .assessments(
                twin(), revision: large(), epoch: large(), list(3) { $0.assessment() })
        case 2: .prepared(list(3) { $0.artifact() })
        default: .failed(refusal())
        }
    }

    mutating func query() -> Query {
        switch count(16) {
        case 0: .status
        case 1: .twins(after: maybe(twin()), limit: small())
        case 2: .twin(id: twin(), asOf: maybe(large()))
        case 3:
            .history(
                id: twin(), code: maybe(.loinc("8867-4")), afterRevision: large(), limit: small())
        case 4: .assessments(id: twin(), afterRevision: large(), limit: small())
        case 5: .watch(cursor: large(), twin: maybe(twin()))
        case 6: .artifacts
        case 7: .artifact(artifact(), maybe(ArtifactRange(offset: large(), byteCountMax: 7)))
        case 8:
            .push(
                outcome: name(), kind: text(), signature: maybe(artifactSignature()),
                part: maybe(artifactPart()),
                reference: maybe(driftReference()))
        case 9: .activate(artifact())
        case 10: .release(ReleaseOrder(releaseStep(), after: maybe(large())))
        case 11: .releases(outcome: maybe(name()))
        case 12: .shadows(id: twin(), afterRevision: large(), limit: small())
        case 13: .pardon(twin())
        case 14: .drift(outcome: maybe(name()))
        case 15: .pardonArtifact(artifact())
        default: .rollback(outcome: name(), undoing: maybe(large() | 1))
        }
    }

    private mutating func releaseStep() -> ReleaseOrder.Step {
        switch count(5) {
        case 0: .activate(artifact())
        case 1: .shadow(artifact())
        case 2: .endShadow(outcome: name())
        case 3: .canary(artifact(), share: one(of: [0.1, 1, 0x1p-40]))
        case 4: .endCanary(outcome: name())
        default: .promote(artifact())
        }
    }

    mutating func answer() -> Answer {
        switch count(12) {
        case 0: .status(status())
        case 1: .twins(list(5) { $0.summary() })
        case 2: .twin(twinState())
        case 3: .history(list(30) { $0.stored() })
        case 4: .assessments(list(4) { $0.storedAssessment() })
        case 5: .changes(list(4) { $0.change() })
        case 6: .artifacts(list(3) { $0.artifactInfo() }, active: list(3) { $0.activation() })
        case 7: .artifact(artifactInfo())
        case 8: .activated(activation())
        case 11: .drift(list(3) { $0.driftReport() })
        case 10: .releases(list(4) { $0.activation() })
        case 9: .progress(artifact(), byteCount: large())
        default: .refused(refusal())
        }
    }

    mutating func message() -> Message {
        switch count(9) {
        case 0: .submit(batch())
        case 1: .accepted(count: small())
        case 2: .commit(commit())
        case 3: .committed(Committed(ingest: "ward-7", offset: large()))
        case 4:
            .ready(
                Ready(
                    role: one(of: [.model, .feature(.vitals), .feature(.genome)]),
                    version: text(), credits: small()))
        case 5: .order(order())
        case 6: .result(result())
        case 7: .query(query())
        case 8: .answer(answer())
        default: .refused(refusal())
        }
    }

    private mutating func twinState() -> TwinState {
        TwinState(
            id: twin(), revision: large(), latest: list(20) { $0.stored() },
            features: list(3) { $0.features() }, assessments: list(3) { $0.storedAssessment() },
            links: list(3) { $0.link() })
    }

    private mutating func summary() -> TwinSummary {
        TwinSummary(
            id: twin(), revision: large(), featureRevision: large(), assessedRevision: large(),
            lastEventTime: maybe(instant()))
    }

    mutating func change() -> Change {
        Change(
            cursor: large(), twin: twin(), kind: one(of: Change.Kind.allCases), revision: large(),
            assessments: list(2) { $0.storedAssessment() })
    }

    private mutating func status() -> StoreStatus {
        StoreStatus(
            version: text(), upSeconds: large(), twinCount: large(), observationCount: large(),
            assessmentCount: large(), dueCount: large(), poisonedCount: large(), cursor: large(),
            activations: list(3) { $0.activation() }, trials: list(2) { $0.activation() },
            drifted: list(2) { $0.name() },
            peers: list(3) {
                PeerStatus(
                    name: $0.text(), role: $0.text(), version: $0.text(), credits: $0.small(),
                    inFlight: $0.small(), completed: $0.large())
            }, linkCount: large(), silentLinkCount: large(),
            silentLinks: list(3) { SilentLink(twin: $0.twin(), link: $0.link()) })
    }
}
