public import TwinCore
public import TwinJournal

/// Codings that need no wire: what a test of a journal, an outbox or an engine puts values through.
public enum PlainCodings {
    public static let observations = coding { (observations: [Observation], writer) in
        writer.append(UInt32(observations.count))
        for observation in observations { writer.append(observation) }
    } decode: { reader in
        let count: UInt32 = try reader.number()
        guard count <= reader.leftByteCount else { throw ContractViolation("too many") }
        return try (0..<count).map { _ in try reader.observation() }
    }

    public static let batch = ByteCoding<ObservationBatch>(
        encode: { observations.encode($0.observations) },
        decode: { ObservationBatch(try observations.decode($0)) })

    public static let featureSet = coding { (set: FeatureSet, writer) in
        writer.append(set.modality.rawValue)
        writer.append(text: set.version)
        writer.append(set.revision)
        writer.append(set.referenceTime?.microsecondsSinceEpoch ?? .min)
        writer.append(UInt32(set.features.count))
        for feature in set.features {
            writer.append(text: feature.name)
            writer.append(optional: feature.value)
            writer.append(text: feature.unit)
            writer.append(feature.flags.rawValue)
        }
    } decode: { reader in
        guard let modality = Modality(rawValue: try reader.number()) else {
            throw ContractViolation("modality")
        }
        let version = try reader.text()
        let revision: UInt64 = try reader.number()
        let time: Int64 = try reader.number()
        let features = try (0..<(try reader.number(UInt32.self))).map { _ in
            Feature(
                name: try reader.text(), value: try reader.optionalDouble(),
                unit: try reader.text(), flags: QualityFlags(rawValue: try reader.number()))
        }
        return FeatureSet(
            modality: modality, version: version, revision: revision,
            referenceTime: time == .min ? nil : Instant(microsecondsSinceEpoch: time),
            features: features)
    }

    public static let assessments = coding { (assessments: [Assessment], writer) in
        writer.append(UInt32(assessments.count))
        for assessment in assessments { writer.append(assessment) }
    } decode: { reader in
        try (0..<(try reader.number(UInt32.self))).map { _ in try reader.assessment() }
    }

    public static let artifactInfo = coding { (info: ArtifactInfo, writer) in
        writer.append(text: info.id.hex)
        writer.append(text: info.outcome)
        writer.append(text: info.kind)
        writer.append(info.byteCount)
        writer.append(info.pushedAt.microsecondsSinceEpoch)
        writer.append(UInt8(info.bar == nil ? 0 : 1))
        guard let bar = info.bar else { return }
        writer.append(bar.at.microsecondsSinceEpoch)
        writer.append(text: bar.reason)
        writer.append(bar.pardonedAt?.microsecondsSinceEpoch ?? 0)
        writer.append(text: bar.pardonedBy)
    } decode: { reader in
        var info = ArtifactInfo(
            id: try reader.artifact(), outcome: try reader.text(), kind: try reader.text(),
            byteCount: try reader.number(),
            pushedAt: Instant(microsecondsSinceEpoch: try reader.number()))
        guard try reader.number(UInt8.self) == 1 else { return info }
        let (at, reason) = (try reader.number(Int64.self), try reader.text())
        let pardonedAt = try reader.number(Int64.self)
        info.bar = ArtifactBar(
            at: Instant(microsecondsSinceEpoch: at), reason: reason,
            pardonedAt: pardonedAt == 0 ? nil : Instant(microsecondsSinceEpoch: pardonedAt),
            pardonedBy: try reader.text())
        return info
    }

    public static let activation = coding { (activation: Activation, writer) in
        writer.append(text: activation.outcome)
        writer.append(text: activation.artifact.hex)
        writer.append(activation.epoch)
        writer.append(activation.activatedAt.microsecondsSinceEpoch)
        writer.append(activation.mode.rawValue)
        writer.append(optional: activation.share)
        writer.append(UInt8(activation.isEnded ? 1 : 0))
        writer.append(activation.cause?.rawValue ?? 0)
        writer.append(text: activation.by)
        writer.append(text: activation.reason)
    } decode: { reader in
        Activation(
            outcome: try reader.text(), artifact: try reader.artifact(),
            epoch: try reader.number(),
            activatedAt: Instant(microsecondsSinceEpoch: try reader.number()),
            mode: ReleaseMode(rawValue: try reader.number()) ?? .speaking,
            share: try reader.optionalDouble() ?? 0, isEnded: try reader.number(UInt8.self) == 1,
            cause: ReleaseCause(rawValue: try reader.number()), by: try reader.text(),
            reason: try reader.text())
    }

    public static let driftTally = coding { (tally: DriftTally, writer) in
        writer.append(text: tally.artifact.hex)
        writer.append(UInt32(tally.features.count))
        for bins in tally.features { writer.append(bins) }
        writer.append(UInt8(tally.scores == nil ? 0 : 1))
        if let scores = tally.scores { writer.append(scores) }
    } decode: { reader in
        let artifact = try reader.artifact()
        let features = try (0..<(try reader.number(UInt32.self))).map { _ in try reader.bins() }
        let hasScores = try reader.number(UInt8.self) == 1
        return DriftTally(
            artifact: artifact, features: features, scores: hasScores ? try reader.bins() : nil)
    }

    private static func coding<Value>(
        _ encode: @escaping @Sendable (Value, inout ByteWriter) -> Void,
        decode: @escaping @Sendable (inout ByteReader) throws -> Value
    ) -> ByteCoding<Value> {
        ByteCoding {
            var writer = ByteWriter()
            encode($0, &writer)
            return writer.bytes
        } decode: {
            var reader = ByteReader($0)
            let value = try decode(&reader)
            guard reader.isAtEnd else { throw ContractViolation("bytes left") }
            return value
        }
    }
}

extension ByteWriter {
    fileprivate mutating func append(_ bins: RecentBins) {
        append(UInt32(bins.counts.count))
        for count in bins.counts { append(count.bitPattern) }
        append(bins.missingCount.bitPattern)
    }

    fileprivate mutating func append(optional number: Double?) {
        append(UInt8(number == nil ? 0 : 1))
        append((number ?? 0).bitPattern)
    }

    fileprivate mutating func append(_ observation: Observation) {
        append(text: observation.twin.text)
        append(text: observation.code.system)
        append(text: observation.code.value)
        switch observation.value {
        case .absent: append(UInt8(0))
        case .text(let text):
            append(UInt8(1))
            append(text: text)
        case .number(let number):
            append(UInt8(2))
            append(number.bitPattern)
        case .waveform(let block):
            append(UInt8(3))
            append(blob: block.bytes)
        }
        append(observation.comparator.rawValue)
        append(text: observation.unit)
        append(observation.eventTime.microsecondsSinceEpoch)
        append(observation.receiveTime.microsecondsSinceEpoch)
        append(text: observation.source)
        append(observation.flags.rawValue)
    }

    fileprivate mutating func append(_ assessment: Assessment) {
        append(text: assessment.outcome)
        append(text: assessment.artifact.hex)
        append(assessment.revision)
        append(text: assessment.featureVersion)
        switch assessment.verdict {
        case .prediction(let probability, let classes):
            append(UInt8(0))
            append(probability.bitPattern)
            append(UInt32(classes.count))
            for name in classes { append(text: name) }
        case .indeterminate(let reason):
            append(UInt8(1))
            append(text: reason)
        case .estimate(let estimate):
            append(UInt8(2))
            append(estimate.value.bitPattern)
            append(text: estimate.unit)
            append(optional: estimate.interval?.low)
            append(optional: estimate.interval?.high)
            append(optional: estimate.interval?.coverage)
        case .notAvailable(let reason):
            append(UInt8(3))
            append(text: reason)
        }
        append(assessment.baseline.bitPattern)
        append(UInt32(assessment.reasons.count))
        for reason in assessment.reasons {
            append(text: reason.feature)
            append(optional: reason.value)
            append(text: reason.unit)
            append(reason.flags.rawValue)
            append(reason.contribution.bitPattern)
        }
        append(assessment.remainder.bitPattern)
        append(UInt32(assessment.recommendations.count))
        for recommendation in assessment.recommendations {
            append(text: recommendation.text)
            append(text: recommendation.basis)
        }
        append(assessment.quality.featureCount)
        append(assessment.quality.missingCount)
        append(assessment.quality.flaggedCount)
    }
}

extension ByteReader {
    fileprivate mutating func double() throws -> Double {
        Double(bitPattern: try number())
    }

    fileprivate mutating func bins() throws -> RecentBins {
        let counts = try (0..<(try number(UInt32.self))).map { _ in try double() }
        return RecentBins(counts: counts, missingCount: try double())
    }

    fileprivate mutating func optionalDouble() throws -> Double? {
        let isThere: UInt8 = try number()
        let value = try double()
        return isThere == 1 ? value : nil
    }

    fileprivate mutating func artifact() throws -> ArtifactID {
        guard let id = ArtifactID(hex: try text()) else { throw ContractViolation("artifact") }
        return id
    }

    fileprivate mutating func observation() throws -> Observation {
        guard let twin = TwinID(try text()) else { throw ContractViolation("twin") }
        let code = Code(system: try text(), value: try text())
        let value: ObservedValue
        switch try number(UInt8.self) {
        case 0: value = .absent
        case 1: value = .text(try text())
        case 2: value = .number(try double())
        case 3:
            guard let block = WaveformBlock(try blob()) else { throw ContractViolation("block") }
            value = .waveform(block)
        default: throw ContractViolation("value")
        }
        guard let comparator = Comparator(rawValue: try number()) else {
            throw ContractViolation("comparator")
        }
        return Observation(
            twin: twin, code: code, value: value, comparator: comparator, unit: try text(),
            eventTime: Instant(microsecondsSinceEpoch: try number()),
            receiveTime: Instant(microsecondsSinceEpoch: try number()), source: try text(),
            flags: QualityFlags(rawValue: try number()))
    }

    private mutating func verdict() throws -> Verdict {
        switch try number(UInt8.self) {
        case 0:
            return .prediction(
                probability: try double(),
                classes: try (0..<(try number(UInt32.self))).map { _ in try text() })
        case 1: return .indeterminate(reason: try text())
        case 2:
            let (value, unit) = (try double(), try text())
            let (low, high) = (try optionalDouble(), try optionalDouble())
            let coverage = try optionalDouble()
            guard let low, let high, let coverage else {
                return .estimate(QuantityEstimate(value: value, unit: unit))
            }
            let interval = EstimateInterval(low: low, high: high, coverage: coverage)
            return .estimate(QuantityEstimate(value: value, unit: unit, interval: interval))
        case 3: return .notAvailable(reason: try text())
        default: throw ContractViolation("verdict")
        }
    }

    fileprivate mutating func assessment() throws -> Assessment {
        let outcome = try text()
        let artifact = try artifact()
        let revision: UInt64 = try number()
        let version = try text()
        let verdict = try verdict()
        return Assessment(
            outcome: outcome, artifact: artifact, revision: revision, featureVersion: version,
            verdict: verdict, baseline: try double(),
            reasons: try (0..<(try number(UInt32.self))).map { _ in
                Attribution(
                    feature: try text(), value: try optionalDouble(), unit: try text(),
                    flags: QualityFlags(rawValue: try number()), contribution: try double())
            },
            remainder: try double(),
            recommendations: try (0..<(try number(UInt32.self))).map { _ in
                Recommendation(text: try text(), basis: try text())
            },
            quality: InputQuality(
                featureCount: try number(), missingCount: try number(),
                flaggedCount: try number()))
    }
}
