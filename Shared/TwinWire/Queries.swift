import CTwinWire
import TwinCore

extension Draft {
    func query(_ query: Query) -> Place<Wire.Query> {
        make(twinline__v1__query__init) {
            switch query {
            case .status:
                $0.query_case = TWINLINE__V1__QUERY__QUERY_STATUS
                $0.status = make(twinline__v1__status_query__init)
            case .twins, .twin, .history, .assessments, .watch: fill(&$0, aboutTwins: query)
            case .artifacts, .artifact, .push, .activate, .rollback:
                fill(&$0, aboutArtifacts: query)
            case .release, .releases, .shadows, .pardon, .pardonArtifact, .drift:
                fill(&$0, aboutReleases: query)
            }
        }
    }

    private func fill(_ message: inout Wire.Query, aboutTwins query: Query) {
        switch query {
        case .twins(let after, let limit):
            message.query_case = TWINLINE__V1__QUERY__QUERY_TWINS
            message.twins = make(twinline__v1__twin_list_query__init) {
                $0.after = text(after?.text ?? "")
                $0.limit = limit
            }
        case .twin(let id, let revision):
            message.query_case = TWINLINE__V1__QUERY__QUERY_TWIN
            message.twin = make(twinline__v1__twin_query__init) {
                $0.id = text(id.text)
                guard let revision else { return }
                $0.moment_case = TWINLINE__V1__TWIN_QUERY__MOMENT_AS_OF_REVISION
                $0.as_of_revision = revision
            }
        case .history(let id, let only, let afterRevision, let limit):
            message.query_case = TWINLINE__V1__QUERY__QUERY_HISTORY
            message.history = make(twinline__v1__history_query__init) {
                $0.id = text(id.text)
                $0.code = only.map { code($0) }
                $0.after_revision = afterRevision
                $0.limit = limit
            }
        case .assessments(let id, let afterRevision, let limit):
            message.query_case = TWINLINE__V1__QUERY__QUERY_ASSESSMENTS
            message.assessments = assessments(id, afterRevision, limit)
        case .watch(let cursor, let twin):
            message.query_case = TWINLINE__V1__QUERY__QUERY_WATCH
            message.watch = make(twinline__v1__watch_query__init) {
                $0.cursor = cursor
                $0.twin = text(twin?.text ?? "")
            }
        default: break
        }
    }

    private func assessments(
        _ id: TwinID, _ afterRevision: Revision, _ limit: UInt32
    ) -> Place<Twinline__V1__AssessmentQuery> {
        make(twinline__v1__assessment_query__init) {
            $0.id = text(id.text)
            $0.after_revision = afterRevision
            $0.limit = limit
        }
    }

    private func fill(_ message: inout Wire.Query, aboutReleases query: Query) {
        switch query {
        case .release(let order):
            message.query_case = TWINLINE__V1__QUERY__QUERY_RELEASE
            message.release = release(order)
        case .releases(let outcome):
            message.query_case = TWINLINE__V1__QUERY__QUERY_RELEASES
            message.releases = make(twinline__v1__release_list_query__init) {
                $0.outcome = text(outcome ?? "")
            }
        case .shadows(let id, let afterRevision, let limit):
            message.query_case = TWINLINE__V1__QUERY__QUERY_SHADOWS
            message.shadows = assessments(id, afterRevision, limit)
        case .drift(let outcome):
            message.query_case = TWINLINE__V1__QUERY__QUERY_DRIFT
            message.drift = make(twinline__v1__drift_query__init) {
                $0.outcome = text(outcome ?? "")
            }
        case .pardon(let id):
            message.query_case = TWINLINE__V1__QUERY__QUERY_PARDON
            message.pardon = make(twinline__v1__pardon_query__init) { $0.id = text(id.text) }
        case .pardonArtifact(let id):
            message.query_case = TWINLINE__V1__QUERY__QUERY_PARDON_ARTIFACT
            message.pardon_artifact = make(twinline__v1__artifact_pardon_query__init) {
                $0.artifact = text(id.hex)
            }
        default: break
        }
    }

    private func fill(_ message: inout Wire.Query, aboutArtifacts query: Query) {
        switch query {
        case .artifacts:
            message.query_case = TWINLINE__V1__QUERY__QUERY_ARTIFACTS
            message.artifacts = make(twinline__v1__artifact_list_query__init)
        case .artifact(let id, let range):
            message.query_case = TWINLINE__V1__QUERY__QUERY_ARTIFACT
            message.artifact = make(twinline__v1__artifact_query__init) {
                $0.id = text(id.hex)
                $0.offset = range?.offset ?? 0
                $0.byte_count_max = range?.byteCountMax ?? 0
            }
        case .push(let outcome, let kind, let signed, let part, let known):
            message.query_case = TWINLINE__V1__QUERY__QUERY_PUSH
            message.push = make(twinline__v1__push_query__init) {
                $0.outcome = text(outcome)
                $0.kind = text(kind)
                $0.signature = signed.map { signature($0) }
                $0.reference = known.map { reference($0) }
                $0.part = part.map { part in
                    make(twinline__v1__artifact_part__init) {
                        $0.artifact = text(part.artifact.hex)
                        $0.byte_count = part.byteCount
                        $0.offset = part.offset
                    }
                }
            }
        case .activate(let id):
            message.query_case = TWINLINE__V1__QUERY__QUERY_ACTIVATE
            message.activate = make(twinline__v1__activate_query__init) { $0.id = text(id.hex) }
        case .rollback(let outcome, let epoch):
            message.query_case = TWINLINE__V1__QUERY__QUERY_ROLLBACK
            message.rollback = make(twinline__v1__rollback_query__init) {
                $0.outcome = text(outcome)
                $0.epoch = epoch ?? 0
            }
        default: break
        }
    }
}

extension Reader {
    func query(_ message: Wire.Query) throws(WireError) -> Query {
        let absence: StaticString = "an empty query"
        return switch message.query_case {
        case TWINLINE__V1__QUERY__QUERY_STATUS: .status
        case TWINLINE__V1__QUERY__QUERY_TWINS: try one(message.twins, absence, twinList)
        case TWINLINE__V1__QUERY__QUERY_TWIN: try one(message.twin, absence, twin)
        case TWINLINE__V1__QUERY__QUERY_HISTORY: try one(message.history, absence, history)
        case TWINLINE__V1__QUERY__QUERY_ASSESSMENTS:
            try one(message.assessments, absence, assessments)
        case TWINLINE__V1__QUERY__QUERY_WATCH: try one(message.watch, absence, watch)
        case TWINLINE__V1__QUERY__QUERY_ARTIFACTS: .artifacts
        case TWINLINE__V1__QUERY__QUERY_ARTIFACT: try one(message.artifact, absence, artifact)
        case TWINLINE__V1__QUERY__QUERY_PUSH: try one(message.push, absence, push)
        case TWINLINE__V1__QUERY__QUERY_ACTIVATE:
            .activate(try Rule.artifact(text(message.activate?.pointee.id)))
        case TWINLINE__V1__QUERY__QUERY_ROLLBACK: try one(message.rollback, absence, rollback)
        case TWINLINE__V1__QUERY__QUERY_RELEASE: try one(message.release, absence, release)
        case TWINLINE__V1__QUERY__QUERY_RELEASES: try one(message.releases, absence, releases)
        case TWINLINE__V1__QUERY__QUERY_SHADOWS: try one(message.shadows, absence, shadows)
        case TWINLINE__V1__QUERY__QUERY_DRIFT:
            .drift(outcome: wordOrNone(message.drift?.pointee.outcome))
        case TWINLINE__V1__QUERY__QUERY_PARDON:
            .pardon(try Rule.twin(text(message.pardon?.pointee.id)))
        case TWINLINE__V1__QUERY__QUERY_PARDON_ARTIFACT:
            .pardonArtifact(try Rule.artifact(text(message.pardon_artifact?.pointee.artifact)))
        default: throw .invalid("an unknown query")
        }
    }

    private func twinOrNone(_ place: Text?) throws(WireError) -> TwinID? {
        let id = text(place)
        return id.isEmpty ? nil : try Rule.twin(id)
    }

    private func twinList(_ message: Twinline__V1__TwinListQuery) throws(WireError) -> Query {
        .twins(after: try twinOrNone(message.after), limit: message.limit)
    }

    private func twin(_ message: Twinline__V1__TwinQuery) throws(WireError) -> Query {
        let isPast = message.moment_case == TWINLINE__V1__TWIN_QUERY__MOMENT_AS_OF_REVISION
        return .twin(
            id: try Rule.twin(text(message.id)), asOf: isPast ? message.as_of_revision : nil)
    }

    private func history(_ message: Twinline__V1__HistoryQuery) throws(WireError) -> Query {
        .history(
            id: try Rule.twin(text(message.id)),
            code: message.code == nil
                ? nil : try one(message.code, "a history without a code", code),
            afterRevision: message.after_revision, limit: message.limit)
    }

    private func assessments(_ message: Twinline__V1__AssessmentQuery) throws(WireError) -> Query {
        .assessments(
            id: try Rule.twin(text(message.id)), afterRevision: message.after_revision,
            limit: message.limit)
    }

    private func shadows(_ message: Twinline__V1__AssessmentQuery) throws(WireError) -> Query {
        .shadows(
            id: try Rule.twin(text(message.id)), afterRevision: message.after_revision,
            limit: message.limit)
    }

    private func releases(_ message: Twinline__V1__ReleaseListQuery) throws(WireError) -> Query {
        .releases(outcome: wordOrNone(message.outcome))
    }

    private func wordOrNone(_ place: Text?) -> String? {
        let word = text(place)
        return word.isEmpty ? nil : word
    }

    private func watch(_ message: Twinline__V1__WatchQuery) throws(WireError) -> Query {
        .watch(cursor: message.cursor, twin: try twinOrNone(message.twin))
    }

    private func artifact(_ message: Twinline__V1__ArtifactQuery) throws(WireError) -> Query {
        let isWhole = message.byte_count_max == 0 && message.offset == 0
        return .artifact(
            try Rule.artifact(text(message.id)),
            isWhole
                ? nil
                : ArtifactRange(offset: message.offset, byteCountMax: message.byte_count_max))
    }

    private func push(_ message: Twinline__V1__PushQuery) throws(WireError) -> Query {
        .push(
            outcome: try Rule.name(text(message.outcome), of: "an outcome"),
            kind: text(message.kind), signature: try signatureOrNone(message.signature),
            part: message.part == nil
                ? nil : try one(message.part, "a part of nothing", part),
            reference: try referenceOrNone(message.reference))
    }

    private func part(_ message: Twinline__V1__ArtifactPart) throws(WireError) -> ArtifactPart {
        ArtifactPart(
            artifact: try Rule.artifact(text(message.artifact)), byteCount: message.byte_count,
            offset: message.offset)
    }

    private func rollback(_ message: Twinline__V1__RollbackQuery) throws(WireError) -> Query {
        .rollback(
            outcome: try Rule.name(text(message.outcome), of: "an outcome"),
            undoing: message.epoch == 0 ? nil : message.epoch)
    }
}
