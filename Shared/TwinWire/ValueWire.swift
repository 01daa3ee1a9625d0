import CTwinWire
public import TwinCore
public import TwinLink

/// Single values as bytes, for those who store them.
///
/// The bytes say neither what they are nor that they are whole: who stores them frames them.
public enum ValueWire {
    public static func encode(_ batch: ObservationBatch) -> [UInt8] { encode(batch.observations) }

    public static func batch(
        _ bytes: [UInt8], limits: WireLimits = .standard
    ) throws(WireError) -> ObservationBatch {
        let frames = try StoredForm.frames(bytes)
        return try Reader.value(
            of: frames.body, with: frames.waveforms, as: twinline__v1__observation_batch__init,
            within: limits, Reader.batch)
    }

    public static func encode(_ observations: [Observation]) -> [UInt8] {
        StoredForm.bytes(Draft.frames { $0.batch(observations) })
    }

    /// As many as the limits allow, which may be more than a batch may hold.
    public static func observations(
        _ bytes: [UInt8], limits: WireLimits = .standard
    ) throws(WireError) -> [Observation] {
        let frames = try StoredForm.frames(bytes)
        return try Reader.value(
            of: frames.body, with: frames.waveforms, as: twinline__v1__observation_batch__init,
            within: limits, Reader.observations)
    }

    public static func encode(_ features: FeatureSet) -> [UInt8] {
        Draft.bytes { $0.features(features) }
    }

    public static func featureSet(
        _ bytes: [UInt8], limits: WireLimits = .standard
    ) throws(WireError) -> FeatureSet {
        try Reader.value(
            of: bytes, as: twinline__v1__feature_set__init, within: limits, Reader.features)
    }

    public static func encode(_ assessments: [Assessment]) -> [UInt8] {
        Draft.bytes { $0.assessments(assessments) }
    }

    public static func assessments(
        _ bytes: [UInt8], limits: WireLimits = .standard
    ) throws(WireError) -> [Assessment] {
        try Reader.value(
            of: bytes, as: twinline__v1__assessment_list__init, within: limits, Reader.assessments)
    }

    public static func encode(_ artifact: ArtifactInfo) -> [UInt8] {
        Draft.bytes { $0.artifact(artifact) }
    }

    public static func artifactInfo(
        _ bytes: [UInt8], limits: WireLimits = .standard
    ) throws(WireError) -> ArtifactInfo {
        try Reader.value(
            of: bytes, as: twinline__v1__artifact_info__init, within: limits, Reader.artifact)
    }

    public static func encode(_ activation: Activation) -> [UInt8] {
        Draft.bytes { $0.activation(activation) }
    }

    public static func activation(
        _ bytes: [UInt8], limits: WireLimits = .standard
    ) throws(WireError) -> Activation {
        try Reader.value(
            of: bytes, as: twinline__v1__activation__init, within: limits, Reader.activation)
    }

    public static func encode(_ tally: DriftTally) -> [UInt8] {
        Draft.bytes { $0.tally(tally) }
    }

    public static func driftTally(
        _ bytes: [UInt8], limits: WireLimits = .standard
    ) throws(WireError) -> DriftTally {
        try Reader.value(
            of: bytes, as: twinline__v1__drift_tally__init, within: limits, Reader.tally)
    }

    /// Throws what the other end would throw of this observation.
    ///
    /// Encoding never fails, decoding does: who must not be stuck with what nobody takes (an outbox)
    /// proves its values before it keeps them.
    public static func prove(_ observation: Observation) throws(WireError) {
        _ = try Rule.code(system: observation.code.system, value: observation.code.value)
        _ = try Rule.word(observation.unit)
        _ = try Rule.word(observation.source)
        for reason in observation.reasons {
            for word in [reason.rule, reason.limit, reason.saw, reason.rules] {
                _ = try Rule.word(word)
            }
        }
        _ = try Rule.instant(observation.eventTime.microsecondsSinceEpoch)
        _ = try Rule.instant(observation.receiveTime.microsecondsSinceEpoch)
        switch observation.value {
        case .number(let number): _ = try Rule.finite(number)
        case .text(let text): _ = try Rule.text(text)
        case .waveform(let block): _ = try Rule.waveform(block.bytes)
        case .absent: break
        }
    }

    /// What came and can't be read, as it is kept: the message and what was attached to it.
    public static func record(_ payload: Payload) -> [UInt8] {
        StoredForm.bytes((payload.body, Array(payload.attachments.joined())))
    }
}
