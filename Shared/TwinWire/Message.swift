import CTwinWire
public import TwinCore
public import TwinLink

/// Everything that one side of a link tells the other.
public enum Message: Hashable, Sendable {
    case submit(ObservationBatch)
    case accepted(count: UInt32)
    case commit(Commit)
    case committed(Committed)
    case ready(Ready)
    case order(WorkOrder)
    case result(WorkResult)
    case query(Query)
    case answer(Answer)
    case refused(Refusal)

    /// What `Payload.subject` and `LinkHeader.subject` say of it; listed in `proto/link.proto`.
    public var subject: UInt32 {
        let subject =
            switch self {
            case .refused: TWINLINE__V1__SUBJECT__SUBJECT_REFUSED
            case .submit: TWINLINE__V1__SUBJECT__SUBJECT_SUBMIT
            case .accepted: TWINLINE__V1__SUBJECT__SUBJECT_ACCEPTED
            case .commit: TWINLINE__V1__SUBJECT__SUBJECT_COMMIT
            case .committed: TWINLINE__V1__SUBJECT__SUBJECT_COMMITTED
            case .ready: TWINLINE__V1__SUBJECT__SUBJECT_READY
            case .order: TWINLINE__V1__SUBJECT__SUBJECT_ORDER
            case .result: TWINLINE__V1__SUBJECT__SUBJECT_RESULT
            case .query: TWINLINE__V1__SUBJECT__SUBJECT_QUERY
            case .answer: TWINLINE__V1__SUBJECT__SUBJECT_ANSWER
            }
        return subject.rawValue
    }
}

extension Message {
    /// The message as it travels.
    public func payload(attachments: [[UInt8]] = []) -> Payload {
        let (body, waveforms) = frames
        return Payload(
            subject: subject, body: body,
            attachments: waveforms.isEmpty ? attachments : [waveforms] + attachments)
    }

    private var frames: (body: [UInt8], waveforms: [UInt8]) {
        switch self {
        case .refused(let why): Draft.frames { $0.refusal(why) }
        case .submit(let batch): Draft.frames { $0.batch(batch.observations) }
        case .accepted(let count): Draft.frames { $0.accepted(count) }
        case .commit(let commit): Draft.frames { $0.commit(commit) }
        case .committed(let committed): Draft.frames { $0.committed(committed) }
        case .ready(let ready): Draft.frames { $0.ready(ready) }
        case .order(let order): Draft.frames { $0.order(order) }
        case .result(let result): Draft.frames { $0.result(result) }
        case .query(let query): Draft.frames { $0.query(query) }
        case .answer(let answer): Draft.frames { $0.answer(answer) }
        }
    }

    /// Reads and proves what a payload says; its attachments stay with the payload.
    public init(_ payload: Payload, limits: WireLimits = .standard) throws(WireError) {
        let body = payload.body
        let waveforms = payload.attachments.first ?? []
        switch Twinline__V1__Subject(rawValue: payload.subject) {
        case TWINLINE__V1__SUBJECT__SUBJECT_REFUSED:
            self = .refused(
                try Reader.value(
                    of: body, as: twinline__v1__refusal__init, within: limits, Reader.refusal))
        case TWINLINE__V1__SUBJECT__SUBJECT_SUBMIT:
            let batch = try Reader.value(
                of: body, with: waveforms, as: twinline__v1__observation_batch__init,
                within: limits, Reader.batch)
            guard !batch.observations.isEmpty else { throw .invalid("a batch of nothing") }
            self = .submit(batch)
        case TWINLINE__V1__SUBJECT__SUBJECT_ACCEPTED:
            self = try Reader.value(
                of: body, as: twinline__v1__accepted__init, within: limits, Reader.accepted)
        case TWINLINE__V1__SUBJECT__SUBJECT_COMMIT:
            self = .commit(
                try Reader.value(
                    of: body, with: waveforms, as: twinline__v1__commit__init, within: limits,
                    Reader.commit))
        case TWINLINE__V1__SUBJECT__SUBJECT_COMMITTED:
            self = .committed(
                try Reader.value(
                    of: body, as: twinline__v1__committed__init, within: limits, Reader.committed))
        default: self = try Message(ofStore: payload, limits)
        }
    }

    /// What workers and clients say to the store, and the store to them.
    private init(ofStore payload: Payload, _ limits: WireLimits) throws(WireError) {
        let body = payload.body
        let waveforms = payload.attachments.first ?? []
        switch Twinline__V1__Subject(rawValue: payload.subject) {
        case TWINLINE__V1__SUBJECT__SUBJECT_READY:
            self = .ready(
                try Reader.value(
                    of: body, as: twinline__v1__ready__init, within: limits, Reader.ready))
        case TWINLINE__V1__SUBJECT__SUBJECT_ORDER:
            self = .order(
                try Reader.value(
                    of: body, with: waveforms, as: twinline__v1__work_order__init,
                    within: limits, Reader.order))
        case TWINLINE__V1__SUBJECT__SUBJECT_RESULT:
            self = .result(
                try Reader.value(
                    of: body, as: twinline__v1__work_result__init, within: limits, Reader.result))
        case TWINLINE__V1__SUBJECT__SUBJECT_QUERY:
            self = .query(
                try Reader.value(
                    of: body, as: twinline__v1__query__init, within: limits, Reader.query))
        case TWINLINE__V1__SUBJECT__SUBJECT_ANSWER:
            self = .answer(
                try Reader.value(
                    of: body, with: waveforms, as: twinline__v1__answer__init, within: limits,
                    Reader.answer))
        default: throw .invalid("an unknown subject: \(payload.subject)")
        }
    }
}

extension Draft {
    fileprivate func accepted(_ count: UInt32) -> Place<Wire.Accepted> {
        make(twinline__v1__accepted__init) { $0.count = count }
    }
}

extension Reader {
    fileprivate func accepted(_ message: Wire.Accepted) -> Message {
        .accepted(count: message.count)
    }
}
