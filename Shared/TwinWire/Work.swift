import CTwinWire
import TwinCore

extension Draft {
    func ready(_ ready: Ready) -> Place<Wire.Ready> {
        make(twinline__v1__ready__init) {
            $0.role = role(ready.role)
            $0.version = text(ready.version)
            $0.credits = ready.credits
        }
    }

    private func role(_ role: Role) -> Place<Wire.Role> {
        make(twinline__v1__role__init) {
            switch role {
            case .feature(let modality):
                $0.role_case = TWINLINE__V1__ROLE__ROLE_FEATURE
                $0.feature.rawValue = UInt32(modality.rawValue)
            case .model:
                $0.role_case = TWINLINE__V1__ROLE__ROLE_MODEL
                $0.model = make(twinline__v1__model_role__init)
            }
        }
    }

    func order(_ order: WorkOrder) -> Place<Wire.WorkOrder> {
        make(twinline__v1__work_order__init) {
            switch order {
            case .features(let task):
                $0.order_case = TWINLINE__V1__WORK_ORDER__ORDER_FEATURES
                $0.features = featureTask(task)
            case .assess(let task):
                $0.order_case = TWINLINE__V1__WORK_ORDER__ORDER_ASSESS
                $0.assess = modelTask(task)
            case .prepare(let task):
                $0.order_case = TWINLINE__V1__WORK_ORDER__ORDER_PREPARE
                $0.prepare = make(twinline__v1__prepare_task__init) {
                    ($0.n_artifacts, $0.artifacts) = texts(task.artifacts, \.hex)
                }
            }
        }
    }

    private func featureTask(_ task: FeatureTask) -> Place<Wire.FeatureTask> {
        make(twinline__v1__feature_task__init) {
            $0.twin = text(task.twin.text)
            $0.modality.rawValue = UInt32(task.modality.rawValue)
            $0.from_revision = task.fromRevision
            $0.to_revision = task.toRevision
            $0.observations = batch(task.observations)
        }
    }

    private func modelTask(_ task: ModelTask) -> Place<Wire.ModelTask> {
        make(twinline__v1__model_task__init) {
            $0.twin = text(task.twin.text)
            $0.revision = task.revision
            $0.epoch = task.epoch
            ($0.n_artifacts, $0.artifacts) = texts(task.artifacts, \.hex)
            ($0.n_features, $0.features) = list(task.features) { features($0) }
        }
    }

    func result(_ result: WorkResult) -> Place<Wire.WorkResult> {
        make(twinline__v1__work_result__init) {
            switch result {
            case .features(let twin, let set):
                $0.result_case = TWINLINE__V1__WORK_RESULT__RESULT_FEATURES
                $0.features = make(twinline__v1__feature_result__init) {
                    $0.twin = text(twin.text)
                    $0.features = features(set)
                }
            case .assessments(let twin, let revision, let epoch, let values):
                $0.result_case = TWINLINE__V1__WORK_RESULT__RESULT_ASSESSMENTS
                $0.assessments = make(twinline__v1__assessment_result__init) {
                    $0.twin = text(twin.text)
                    $0.revision = revision
                    $0.epoch = epoch
                    ($0.n_assessments, $0.assessments) = list(values) { assessment($0) }
                }
            case .prepared(let artifacts):
                $0.result_case = TWINLINE__V1__WORK_RESULT__RESULT_PREPARED
                $0.prepared = make(twinline__v1__prepare_result__init) {
                    ($0.n_artifacts, $0.artifacts) = texts(artifacts, \.hex)
                }
            case .failed(let why):
                $0.result_case = TWINLINE__V1__WORK_RESULT__RESULT_FAILED
                $0.failed = refusal(why)
            }
        }
    }
}

extension Reader {
    func ready(_ message: Wire.Ready) throws(WireError) -> Ready {
        Ready(
            role: try one(message.role, "a worker without a role", role),
            version: text(message.version), credits: message.credits)
    }

    private func role(_ message: Wire.Role) throws(WireError) -> Role {
        switch message.role_case {
        case TWINLINE__V1__ROLE__ROLE_FEATURE: .feature(try modality(message.feature))
        case TWINLINE__V1__ROLE__ROLE_MODEL: .model
        default: throw .invalid("an unknown role")
        }
    }

    func order(_ message: Wire.WorkOrder) throws(WireError) -> WorkOrder {
        switch message.order_case {
        case TWINLINE__V1__WORK_ORDER__ORDER_FEATURES:
            .features(try one(message.features, "an empty order", featureTask))
        case TWINLINE__V1__WORK_ORDER__ORDER_ASSESS:
            .assess(try one(message.assess, "an empty order", modelTask))
        case TWINLINE__V1__WORK_ORDER__ORDER_PREPARE:
            .prepare(try one(message.prepare, "an empty order", prepareTask))
        default: throw .invalid("an unknown order")
        }
    }

    private func featureTask(_ message: Wire.FeatureTask) throws(WireError) -> FeatureTask {
        FeatureTask(
            twin: try Rule.twin(text(message.twin)), modality: try modality(message.modality),
            fromRevision: message.from_revision, toRevision: message.to_revision,
            observations: try one(
                message.observations, "a task without observations", observations))
    }

    private func modelTask(_ message: Wire.ModelTask) throws(WireError) -> ModelTask {
        ModelTask(
            twin: try Rule.twin(text(message.twin)), revision: message.revision,
            epoch: message.epoch,
            artifacts: try texts(message.artifacts, message.n_artifacts, Rule.artifact),
            features: try list(message.features, message.n_features, features))
    }

    private func prepareTask(_ message: Wire.PrepareTask) throws(WireError) -> PrepareTask {
        PrepareTask(artifacts: try texts(message.artifacts, message.n_artifacts, Rule.artifact))
    }

    func result(_ message: Wire.WorkResult) throws(WireError) -> WorkResult {
        switch message.result_case {
        case TWINLINE__V1__WORK_RESULT__RESULT_FEATURES:
            try one(message.features, "an empty result", featureResult)
        case TWINLINE__V1__WORK_RESULT__RESULT_ASSESSMENTS:
            try one(message.assessments, "an empty result", assessmentResult)
        case TWINLINE__V1__WORK_RESULT__RESULT_PREPARED:
            try one(message.prepared, "an empty result", prepareResult)
        case TWINLINE__V1__WORK_RESULT__RESULT_FAILED:
            .failed(try one(message.failed, "an empty result", refusal))
        default: throw .invalid("an unknown result")
        }
    }

    private func featureResult(_ message: Wire.FeatureResult) throws(WireError) -> WorkResult {
        .features(
            try Rule.twin(text(message.twin)),
            try one(message.features, "a result without features", features))
    }

    private func assessmentResult(
        _ message: Wire.AssessmentResult
    ) throws(WireError) -> WorkResult {
        .assessments(
            try Rule.twin(text(message.twin)), revision: message.revision, epoch: message.epoch,
            try list(message.assessments, message.n_assessments, assessment))
    }

    private func prepareResult(_ message: Wire.PrepareResult) throws(WireError) -> WorkResult {
        .prepared(try texts(message.artifacts, message.n_artifacts, Rule.artifact))
    }
}
