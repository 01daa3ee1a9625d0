import CTwinWire
import TwinCore

// What the rules of cleaning say of values.

extension Draft {
    /// `isAlone`: whether it names the rules itself, and not a report around it.
    func reason(_ value: RuleReason, isAlone: Bool = true) -> Place<Wire.RuleReason> {
        make(twinline__v1__rule_reason__init) {
            $0.rule = text(value.rule)
            $0.limit = text(value.limit)
            $0.saw = text(value.saw)
            if isAlone { $0.rules = text(value.rules) }
        }
    }

    func report(_ value: CleaningReport) -> Place<Wire.CleaningReport> {
        make(twinline__v1__cleaning_report__init) {
            $0.rules = text(value.rules)
            ($0.n_findings, $0.findings) = list(value.findings) { finding($0) }
            $0.untold_count = value.untoldCount
            ($0.n_biases, $0.biases) = list(value.biases) { bias($0) }
            ($0.n_quality, $0.quality) = list(value.quality.components) { component($0) }
            ($0.n_validities, $0.validities) = list(value.quality.validities) { validity($0) }
        }
    }

    private func finding(_ value: CleaningFinding) -> Place<Wire.CleaningFinding> {
        make(twinline__v1__cleaning_finding__init) {
            $0.code = code(value.code)
            $0.source = text(value.source)
            $0.from_us = value.from.microsecondsSinceEpoch
            $0.to_us = value.to.microsecondsSinceEpoch
            if let number = value.number {
                $0.which_case = TWINLINE__V1__CLEANING_FINDING__WHICH_NUMBER
                $0.number = number
            }
            $0.flags = value.flags.rawValue
            $0.reason = reason(value.reason, isAlone: false)
        }
    }

    private func bias(_ value: SourceBias) -> Place<Wire.SourceBias> {
        make(twinline__v1__source_bias__init) {
            $0.first = code(value.first)
            $0.first_source = text(value.firstSource)
            $0.second = code(value.second)
            $0.second_source = text(value.secondSource)
            $0.unit = text(value.unit)
            $0.count = value.count
            ($0.median, $0.spread) = (value.median, value.spread)
        }
    }

    private func validity(_ value: QualityValidity) -> Place<Wire.QualityValidity> {
        make(twinline__v1__quality_validity__init) {
            $0.name = text(value.name)
            $0.measured_us = value.measuredAt.microsecondsSinceEpoch
            if let expiresAt = value.expiresAt {
                $0.expiry_case = TWINLINE__V1__QUALITY_VALIDITY__EXPIRY_EXPIRES_US
                $0.expires_us = expiresAt.microsecondsSinceEpoch
            }
        }
    }

    private func component(_ value: QualityComponent) -> Place<Wire.QualityComponent> {
        make(twinline__v1__quality_component__init) {
            $0.kind.rawValue = UInt32(value.kind.rawValue)
            if let known = value.value {
                $0.known_case = TWINLINE__V1__QUALITY_COMPONENT__KNOWN_VALUE
                $0.value = known
            }
            ($0.part, $0.whole) = (value.part, value.whole)
            ($0.n_names, $0.names) = texts(value.names, \.self)
        }
    }
}

extension Reader {
    func reason(_ message: Wire.RuleReason) throws(WireError) -> RuleReason {
        RuleReason(
            rule: try Rule.word(text(message.rule)), limit: try Rule.word(text(message.limit)),
            saw: try Rule.word(text(message.saw)), rules: try Rule.word(text(message.rules)))
    }

    func placedReason(
        _ message: Wire.PlacedReason
    ) throws(WireError) -> (index: UInt32, reason: RuleReason) {
        (message.index, try one(message.reason, "a placed reason without one", reason))
    }

    /// Nil where bytes of old say nothing.
    func reportOrNone(
        _ place: Place<Wire.CleaningReport>?
    ) throws(WireError) -> CleaningReport? {
        guard let message = place?.pointee else { return nil }
        let rules = try Rule.word(text(message.rules))
        var findings = try list(message.findings, message.n_findings, finding)
        for index in findings.indices { findings[index].reason.rules = rules }
        let components = try list(message.quality, message.n_quality, component)
        for (one, next) in zip(components, components.dropFirst())
        where one.kind.rawValue >= next.kind.rawValue {
            throw .invalid("components of quality that are not in order")
        }
        return CleaningReport(
            rules: rules, findings: findings, untoldCount: message.untold_count,
            biases: try list(message.biases, message.n_biases, bias),
            quality: TwinQuality(
                components: components,
                validities: try list(message.validities, message.n_validities, validity)))
    }

    private func finding(_ message: Wire.CleaningFinding) throws(WireError) -> CleaningFinding {
        let isOfNumber = message.which_case == TWINLINE__V1__CLEANING_FINDING__WHICH_NUMBER
        let from = try Rule.instant(message.from_us)
        let to = try Rule.instant(message.to_us)
        guard from <= to else { throw .invalid("a finding that ends before it starts") }
        return CleaningFinding(
            code: try one(message.code, "a finding without a code", code),
            source: try Rule.word(text(message.source)), from: from, to: to,
            number: isOfNumber ? try Rule.finite(message.number) : nil,
            flags: QualityFlags(rawValue: message.flags),
            reason: try one(message.reason, "a finding without a reason", reason))
    }

    private func bias(_ message: Wire.SourceBias) throws(WireError) -> SourceBias {
        SourceBias(
            first: try one(message.first, "a bias without a code", code),
            firstSource: try Rule.word(text(message.first_source)),
            second: try one(message.second, "a bias without a code", code),
            secondSource: try Rule.word(text(message.second_source)),
            unit: try Rule.word(text(message.unit)), count: message.count,
            median: try Rule.finite(message.median), spread: try Rule.size(message.spread))
    }

    private func validity(_ message: Wire.QualityValidity) throws(WireError) -> QualityValidity {
        let expires = message.expiry_case == TWINLINE__V1__QUALITY_VALIDITY__EXPIRY_EXPIRES_US
        return QualityValidity(
            name: try Rule.word(text(message.name)),
            measuredAt: try Rule.instant(message.measured_us),
            expiresAt: expires ? try Rule.instant(message.expires_us) : nil)
    }

    private func component(
        _ message: Wire.QualityComponent
    ) throws(WireError) -> QualityComponent {
        guard let kind = UInt8(exactly: message.kind.rawValue).flatMap(QualityComponent.Kind.init)
        else { throw .invalid("an unknown component of quality") }
        let isKnown = message.known_case == TWINLINE__V1__QUALITY_COMPONENT__KNOWN_VALUE
        return QualityComponent(
            kind: kind, value: isKnown ? try Rule.share(message.value) : nil, part: message.part,
            whole: message.whole, names: try texts(message.names, message.n_names, Rule.word))
    }
}
