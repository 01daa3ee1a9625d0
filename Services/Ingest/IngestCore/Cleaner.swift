public import TwinCleaning
public import TwinCore

/// Brings observations to canonical code and unit, and flags what is wrong with them.
///
/// Nothing is deleted: a value that must not enter a score is kept with the reason.
public struct Cleaner: Sendable {
    /// How far a sender's clock may be ahead.
    public static let clockAheadSecondsMax: Int64 = 120
    /// Times before this are no times of measurement.
    static let earliest = Instant(microsecondsSinceEpoch: -2_177_452_800_000_000)  // 1901-01-01
    /// A local time without zone may be this much ahead of UTC without being in the future.
    static let zoneSecondsMax: Int64 = 14 * 3600
    public static let codeByteCountMax = 256
    public static let textByteCountMax = 4096

    let vocabulary: Vocabulary
    /// As reasons name the rules.
    private let rules: String

    /// `localCodes` are what a site's own codes mean, beside the published ones.
    public init(localCodes: [LocalCode] = [], rules: CleaningRules = .standard) {
        vocabulary = Vocabulary(localCodes: localCodes + LocalCode.published, rules: rules)
        self.rules = rules.identity.description
    }

    /// The observation that a raw one is; refused if it can't be kept.
    public func clean(
        _ raw: RawObservation, of message: RawMessage, twin: TwinID, channel: Channel,
        receivedAt: Instant
    ) throws(Refusal) -> Observation {
        try Cleaner.checkSizes(raw)
        let text = message.text
        if case .waveform(let waveform) = raw.value {
            return try clean(
                waveform, raw, of: message, twin: twin, channel: channel, receivedAt: receivedAt)
        }
        let resolution = vocabulary.resolve(raw.code, raw.alternateCode, in: text.span)
        var flags = raw.flags
        if resolution.isConflict { flags.insert(.codeConflict) }
        let eventTime = Cleaner.eventTime(raw.time, channel, receivedAt, &flags)
        let source = raw.source.isEmpty ? message.source : Cleaner.string(text, raw.source)
        let analyte = resolution.alias.map { vocabulary.analytes[$0.analyte] }
        var observation = Observation(
            twin: twin, code: analyte?.concept.code ?? unknownCode(raw, text), value: .absent,
            unit: analyte?.concept.unit ?? "", eventTime: eventTime, receiveTime: receivedAt,
            source: source, flags: flags)
        if flags.contains(.futureTime) { explainFuture(&observation, receivedAt) }
        guard let alias = resolution.alias, let analyte else {
            Cleaner.keepUnknown(raw, text, &observation)
            return observation
        }
        guard let (number, comparator) = Cleaner.number(raw.value, analyte, text, &observation)
        else { return observation }
        observation.comparator = comparator
        let conversion = vocabulary.conversion(of: raw.unit, in: text.span, for: alias)
        finish(&observation, number, conversion, alias.analyte) {
            Cleaner.string(text, raw.unit.value.isEmpty ? raw.unit.text : raw.unit.value)
        }
        return observation
    }

    /// An observation that came decoded, cleaned in the same way.
    public func clean(_ sent: Observation, receivedAt: Instant) -> Observation {
        var observation = sent
        observation.receiveTime = receivedAt
        // Whatever the sender's rules said: the reasons are those of the rules in force here.
        if !sent.reasons.isEmpty { observation.reasons = [] }
        Cleaner.judge(
            sent.eventTime, ahead: Cleaner.clockAheadSecondsMax, receivedAt, &observation.flags)
        if observation.flags.contains(.futureTime) { explainFuture(&observation, receivedAt) }
        if case .waveform(let block) = sent.value {
            Cleaner.judge(block, &observation)
            return observation
        }
        guard let alias = vocabulary.alias(of: sent.code) else {
            if !sent.code.isOwn { observation.flags.insert(.codeUnknown) }
            return observation
        }
        let analyte = vocabulary.analytes[alias.analyte]
        observation.code = analyte.concept.code
        switch sent.value {
        case .absent, .waveform:
            observation.flags.insert(.empty)
        case .number(let number) where number.isFinite:
            // A unit that is canonical already needs no table.
            let conversion =
                sent.unit == analyte.concept.unit && !sent.unit.isEmpty
                ? .known(.identity) : vocabulary.conversion(of: sent.unit, for: alias)
            observation.unit = analyte.concept.unit
            finish(&observation, number, conversion, alias.analyte) { sent.unit }
        case .number:
            observation.value = .absent
            observation.flags.insert(.notNumeric)
        case .text(let words):
            guard let coded = analyte.coding.number(of: Array(words.utf8).span) else {
                observation.flags.insert(.notNumeric)
                break
            }
            observation.value = .number(coded)
        }
        return observation
    }

    /// The number that was sent; without one, the observation says why there is none.
    private static func number(
        _ value: RawValue, _ analyte: Analyte, _ text: [UInt8], _ observation: inout Observation
    ) -> (Double, Comparator)? {
        switch value {
        case .empty, .waveform:
            observation.flags.insert(.empty)
            return nil
        case .number(let number, let comparator):
            return (number, comparator)
        case .text(let place):
            let words = text.span.extracting(place.range)
            if let coded = analyte.coding.number(of: words) { return (coded, .equal) }
            if let number = Decimal.comparison(words) { return number }
            observation.value = .text(string(text, place))
            observation.flags.insert(.notNumeric)
            return nil
        }
    }

    /// Puts in the number: sentinel, unit, range.
    private func finish(
        _ observation: inout Observation, _ number: Double, _ conversion: UnitConversion,
        _ analyte: Int, unitAsSent: () -> String
    ) {
        observation.value = .number(number)
        if observation.comparator != .equal { observation.flags.insert(.bound) }
        let isSentinel = vocabulary.isSentinel(number, of: analyte)
        if isSentinel {
            observation.flags.insert(.sentinel)
            let known = vocabulary.sentinels[analyte].map { $0.words(in: "") }.joined(
                separator: " ")
            explain(
                &observation, "sentinel", limit: "\(known) stand for no value",
                saw: number.words(in: ""))
        }
        switch conversion {
        case .missing:
            observation.unit = ""
            observation.flags.insert(.unitMissing)
        case .unknown:
            observation.unit = unitAsSent()
            observation.flags.insert(.unitUnknown)
        case .known(let conversion):
            var canonical = number
            if !conversion.isIdentity {
                canonical = conversion.apply(to: number)
                observation.flags.insert(.converted)
                observation.value = .number(canonical)
            }
            if !isSentinel, let plausible = vocabulary.analytes[analyte].plausible,
                !plausible.contains(canonical)
            {
                observation.flags.insert(.outOfRange)
                let unit = observation.unit
                explain(
                    &observation, "range",
                    limit: "\(plausible.lowerBound.words(in: "")) to "
                        + plausible.upperBound.words(in: unit), saw: canonical.words(in: unit))
            }
        }
    }

    private func explain(
        _ observation: inout Observation, _ rule: String, limit: String, saw: String
    ) {
        observation.reasons.append(
            RuleReason(rule: rule, limit: limit, saw: saw, rules: rules))
        observation.reasons.sort()
    }

    private func explainFuture(_ observation: inout Observation, _ receivedAt: Instant) {
        let isLocal = observation.flags.contains(.zoneUnknown)
        let allowed =
            Cleaner.clockAheadSecondsMax + (isLocal ? Cleaner.zoneSecondsMax : 0)
        explain(
            &observation, "future", limit: "\(allowed) s ahead of receipt",
            saw: "\(observation.eventTime.seconds(since: receivedAt).words(in: "s")) ahead")
    }

    private func unknownCode(_ raw: RawObservation, _ text: [UInt8]) -> Code {
        let system = vocabulary.system(of: text.span.extracting(raw.code.system.range))
        return Code(
            system: Cleaner.canonicalSystem(system) ?? Cleaner.string(text, raw.code.system),
            value: Cleaner.string(text, raw.code.value.isEmpty ? raw.code.text : raw.code.value))
    }

    private static func keepUnknown(
        _ raw: RawObservation, _ text: [UInt8], _ observation: inout Observation
    ) {
        if !observation.code.isOwn { observation.flags.insert(.codeUnknown) }
        observation.unit = string(text, raw.unit.value.isEmpty ? raw.unit.text : raw.unit.value)
        switch raw.value {
        case .empty, .waveform: observation.flags.insert(.empty)
        case .text(let place): observation.value = .text(string(text, place))
        case .number(let number, let comparator):
            observation.value = .number(number)
            observation.comparator = comparator
            if comparator != .equal { observation.flags.insert(.bound) }
        }
    }

    static func canonicalSystem(_ system: Vocabulary.System) -> String? {
        switch system {
        case .loinc: Code.loincSystem
        case .mdc: Code.mdcSystem
        case .twinline: Code.twinlineSystem
        case .local, .other: nil
        }
    }

    static func eventTime(
        _ time: RawTime, _ channel: Channel, _ receivedAt: Instant, _ flags: inout QualityFlags
    ) -> Instant {
        switch time {
        case .missing:
            flags.insert(.timeMissing)
            return receivedAt
        case .at(let instant):
            judge(instant, ahead: clockAheadSecondsMax, receivedAt, &flags)
            return instant
        case .local(let local):
            guard let offset = channel.zoneOffsetMinutes else {
                flags.insert(.zoneUnknown)
                judge(local, ahead: clockAheadSecondsMax + zoneSecondsMax, receivedAt, &flags)
                return local
            }
            let instant = local.adding(seconds: Int64(clamping: -offset) &* 60)
            judge(instant, ahead: clockAheadSecondsMax, receivedAt, &flags)
            return instant
        }
    }

    static func judge(
        _ instant: Instant, ahead seconds: Int64, _ receivedAt: Instant,
        _ flags: inout QualityFlags
    ) {
        if instant < earliest { flags.insert(.timeMissing) }
        if instant > receivedAt.adding(seconds: seconds) { flags.insert(.futureTime) }
    }

    private static func checkSizes(_ raw: RawObservation) throws(Refusal) {
        guard !raw.code.isEmpty else { throw Refusal(.malformed, "a value without a code") }
        let code = raw.code.value.isEmpty ? raw.code.text : raw.code.value
        let unit = raw.unit.value.isEmpty ? raw.unit.text : raw.unit.value
        guard
            max(
                code.range.count, raw.code.system.range.count, unit.range.count,
                raw.source.range.count) <= codeByteCountMax
        else { throw Refusal(.tooLarge, "a code, unit or source of more than 256 bytes") }
        if case .text(let place) = raw.value, place.range.count > textByteCountMax {
            throw Refusal(.tooLarge, "a text of more than 4096 bytes")
        }
    }

    static func string(_ text: [UInt8], _ place: RawText) -> String {
        String(decoding: text[place.range], as: UTF8.self)
    }
}
