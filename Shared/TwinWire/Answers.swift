import CTwinWire
import TwinCore

extension Draft {
    func answer(_ answer: Answer) -> Place<Wire.Answer> {
        make(twinline__v1__answer__init) {
            switch answer {
            case .status(let value):
                $0.answer_case = TWINLINE__V1__ANSWER__ANSWER_STATUS
                $0.status = status(value)
            case .artifact(let info):
                $0.answer_case = TWINLINE__V1__ANSWER__ANSWER_ARTIFACT
                $0.artifact = artifact(info)
            case .activated(let value):
                $0.answer_case = TWINLINE__V1__ANSWER__ANSWER_ACTIVATED
                $0.activated = activation(value)
            case .progress(let id, let byteCount):
                $0.answer_case = TWINLINE__V1__ANSWER__ANSWER_PROGRESS
                $0.progress = make(twinline__v1__artifact_progress__init) {
                    $0.artifact = text(id.hex)
                    $0.byte_count = byteCount
                }
            case .refused(let why):
                $0.answer_case = TWINLINE__V1__ANSWER__ANSWER_REFUSED
                $0.refused = refusal(why)
            case .twin(let state):
                $0.answer_case = TWINLINE__V1__ANSWER__ANSWER_TWIN
                $0.twin = twin(state)
            case .history(let observations):
                $0.answer_case = TWINLINE__V1__ANSWER__ANSWER_HISTORY
                $0.history = stored(observations)
            case .twins, .assessments, .changes, .artifacts, .releases,
                .drift:
                fill(&$0, withList: answer)
            }
        }
    }

    private func fill(_ message: inout Wire.Answer, withList answer: Answer) {
        switch answer {
        case .twins(let summaries):
            message.answer_case = TWINLINE__V1__ANSWER__ANSWER_TWINS
            message.twins = make(twinline__v1__twin_list__init) {
                ($0.n_twins, $0.twins) = list(summaries) { summary($0) }
            }
        case .assessments(let values):
            message.answer_case = TWINLINE__V1__ANSWER__ANSWER_ASSESSMENTS
            message.assessments = make(twinline__v1__stored_assessment_list__init) {
                ($0.n_assessments, $0.assessments) = list(values) { stored($0) }
            }
        case .changes(let changes):
            message.answer_case = TWINLINE__V1__ANSWER__ANSWER_CHANGES
            message.changes = make(twinline__v1__change_list__init) {
                ($0.n_changes, $0.changes) = list(changes) { change($0) }
            }
        case .artifacts(let infos, let active):
            message.answer_case = TWINLINE__V1__ANSWER__ANSWER_ARTIFACTS
            message.artifacts = make(twinline__v1__artifact_list__init) {
                ($0.n_artifacts, $0.artifacts) = list(infos) { artifact($0) }
                ($0.n_active, $0.active) = list(active) { activation($0) }
            }
        case .drift(let reports):
            message.answer_case = TWINLINE__V1__ANSWER__ANSWER_DRIFT
            message.drift = make(twinline__v1__drift_list__init) {
                ($0.n_reports, $0.reports) = list(reports) { drift($0) }
            }
        case .releases(let releases):
            message.answer_case = TWINLINE__V1__ANSWER__ANSWER_RELEASES
            message.releases = make(twinline__v1__release_list__init) {
                ($0.n_releases, $0.releases) = list(releases) { activation($0) }
            }
        default: break
        }
    }
}

extension Reader {
    func answer(_ message: Wire.Answer) throws(WireError) -> Answer {
        let absence: StaticString = "an empty answer"
        return switch message.answer_case {
        case TWINLINE__V1__ANSWER__ANSWER_STATUS: .status(try one(message.status, absence, status))
        case TWINLINE__V1__ANSWER__ANSWER_TWINS: try one(message.twins, absence, twins)
        case TWINLINE__V1__ANSWER__ANSWER_TWIN: .twin(try one(message.twin, absence, twin))
        case TWINLINE__V1__ANSWER__ANSWER_HISTORY:
            .history(try one(message.history, absence, stored))
        case TWINLINE__V1__ANSWER__ANSWER_ASSESSMENTS:
            try one(message.assessments, absence, assessments)
        case TWINLINE__V1__ANSWER__ANSWER_CHANGES: try one(message.changes, absence, changes)
        case TWINLINE__V1__ANSWER__ANSWER_ARTIFACTS: try one(message.artifacts, absence, artifacts)
        case TWINLINE__V1__ANSWER__ANSWER_ARTIFACT:
            .artifact(try one(message.artifact, absence, artifact))
        case TWINLINE__V1__ANSWER__ANSWER_ACTIVATED:
            .activated(try one(message.activated, absence, activation))
        case TWINLINE__V1__ANSWER__ANSWER_PROGRESS:
            try one(message.progress, absence, progress)
        case TWINLINE__V1__ANSWER__ANSWER_RELEASES: try one(message.releases, absence, releases)
        case TWINLINE__V1__ANSWER__ANSWER_DRIFT: try one(message.drift, absence, drifts)
        case TWINLINE__V1__ANSWER__ANSWER_REFUSED:
            .refused(try one(message.refused, absence, refusal))
        default: throw .invalid("an unknown answer")
        }
    }

    private func progress(
        _ message: Twinline__V1__ArtifactProgress
    ) throws(WireError) -> Answer {
        .progress(try Rule.artifact(text(message.artifact)), byteCount: message.byte_count)
    }

    private func releases(_ message: Twinline__V1__ReleaseList) throws(WireError) -> Answer {
        .releases(try list(message.releases, message.n_releases, activation))
    }

    private func drifts(_ message: Twinline__V1__DriftList) throws(WireError) -> Answer {
        .drift(try list(message.reports, message.n_reports, drift))
    }

    private func twins(_ message: Twinline__V1__TwinList) throws(WireError) -> Answer {
        .twins(try list(message.twins, message.n_twins, summary))
    }

    private func assessments(
        _ message: Twinline__V1__StoredAssessmentList
    ) throws(WireError) -> Answer {
        .assessments(try list(message.assessments, message.n_assessments, stored))
    }

    private func changes(_ message: Twinline__V1__ChangeList) throws(WireError) -> Answer {
        .changes(try list(message.changes, message.n_changes, change))
    }

    private func artifacts(_ message: Twinline__V1__ArtifactList) throws(WireError) -> Answer {
        .artifacts(
            try list(message.artifacts, message.n_artifacts, artifact),
            active: try list(message.active, message.n_active, activation))
    }
}
