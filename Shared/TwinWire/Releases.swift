import CTwinWire
import TwinCore

extension Draft {
    func activation(_ activation: Activation) -> Place<Wire.Activation> {
        make(twinline__v1__activation__init) {
            $0.outcome = text(activation.outcome)
            $0.artifact = text(activation.artifact.hex)
            $0.epoch = activation.epoch
            $0.activated_at_us = activation.activatedAt.microsecondsSinceEpoch
            $0.mode.rawValue = UInt32(activation.mode.rawValue)
            if activation.mode == .canary { $0.share = activation.share }
            $0.ended = activation.isEnded ? 1 : 0
            $0.cause.rawValue = UInt32(activation.cause?.rawValue ?? 0)
            $0.by = text(activation.by)
            $0.reason = text(activation.reason)
        }
    }

    func release(_ order: ReleaseOrder) -> Place<Wire.ReleaseQuery> {
        make(twinline__v1__release_query__init) {
            step(order.step, of: &$0)
            guard let after = order.after else { return }
            $0.place_case = TWINLINE__V1__RELEASE_QUERY__PLACE_AFTER_EPOCH
            $0.after_epoch = after
        }
    }

    private func step(_ step: ReleaseOrder.Step, of message: inout Wire.ReleaseQuery) {
        switch step {
        case .activate(let id):
            message.step = TWINLINE__V1__RELEASE_QUERY__STEP__STEP_ACTIVATE
            message.artifact = text(id.hex)
        case .shadow(let id):
            message.step = TWINLINE__V1__RELEASE_QUERY__STEP__STEP_SHADOW
            message.artifact = text(id.hex)
        case .endShadow(let outcome):
            message.step = TWINLINE__V1__RELEASE_QUERY__STEP__STEP_END_SHADOW
            message.outcome = text(outcome)
        case .canary(let id, let share):
            message.step = TWINLINE__V1__RELEASE_QUERY__STEP__STEP_CANARY
            message.artifact = text(id.hex)
            message.share = share
        case .endCanary(let outcome):
            message.step = TWINLINE__V1__RELEASE_QUERY__STEP__STEP_END_CANARY
            message.outcome = text(outcome)
        case .promote(let id):
            message.step = TWINLINE__V1__RELEASE_QUERY__STEP__STEP_PROMOTE
            message.artifact = text(id.hex)
        }
    }
}

extension Reader {
    func activation(_ message: Wire.Activation) throws(WireError) -> Activation {
        // A mode of tomorrow must not be taken for one that speaks.
        guard let mode = UInt8(exactly: message.mode.rawValue).flatMap(ReleaseMode.init) else {
            throw .invalid("an unknown way to serve")
        }
        return Activation(
            outcome: text(message.outcome), artifact: try Rule.artifact(text(message.artifact)),
            epoch: message.epoch, activatedAt: try Rule.instant(message.activated_at_us),
            mode: mode, share: mode == .canary ? try Rule.canaryShare(message.share) : 1,
            isEnded: message.ended != 0,
            cause: UInt8(exactly: message.cause.rawValue).flatMap(ReleaseCause.init),
            by: try Rule.word(text(message.by)), reason: try Rule.word(text(message.reason)))
    }

    func release(_ message: Wire.ReleaseQuery) throws(WireError) -> Query {
        let isPlaced = message.place_case == TWINLINE__V1__RELEASE_QUERY__PLACE_AFTER_EPOCH
        return .release(
            ReleaseOrder(try step(message), after: isPlaced ? message.after_epoch : nil))
    }

    private func step(_ message: Wire.ReleaseQuery) throws(WireError) -> ReleaseOrder.Step {
        func artifact() throws(WireError) -> ArtifactID {
            try Rule.artifact(text(message.artifact))
        }
        func outcome() throws(WireError) -> String {
            try Rule.name(text(message.outcome), of: "an outcome")
        }
        return switch message.step {
        case TWINLINE__V1__RELEASE_QUERY__STEP__STEP_ACTIVATE: .activate(try artifact())
        case TWINLINE__V1__RELEASE_QUERY__STEP__STEP_SHADOW: .shadow(try artifact())
        case TWINLINE__V1__RELEASE_QUERY__STEP__STEP_END_SHADOW:
            .endShadow(outcome: try outcome())
        case TWINLINE__V1__RELEASE_QUERY__STEP__STEP_CANARY:
            .canary(try artifact(), share: try Rule.canaryShare(message.share))
        case TWINLINE__V1__RELEASE_QUERY__STEP__STEP_END_CANARY:
            .endCanary(outcome: try outcome())
        case TWINLINE__V1__RELEASE_QUERY__STEP__STEP_PROMOTE: .promote(try artifact())
        default: throw .invalid("an unknown step of a release")
        }
    }
}
