import TwinCore
import TwinWaveform

extension Cleaner {
    /// How much time one block may take.
    static let waveformSecondsMax = 3600.0
    public static let samplesPerSecondRange = 0.01...100_000

    /// The observation that a signal of a message is: one block, whatever format it came in.
    func clean(
        _ waveform: Waveform, _ raw: RawObservation, of message: RawMessage, twin: TwinID,
        channel: Channel, receivedAt: Instant
    ) throws(Refusal) -> Observation {
        let text = message.text
        var flags = raw.flags
        let code = waveformCode(raw.code, in: text, &flags)
        let eventTime = Cleaner.eventTime(raw.time, channel, receivedAt, &flags)
        var observation = Observation(
            twin: twin, code: code, value: .absent, unit: "", eventTime: eventTime,
            receiveTime: receivedAt,
            source: raw.source.isEmpty ? message.source : Cleaner.string(text, raw.source),
            flags: flags)
        guard !waveform.samples.isEmpty else {
            observation.flags.insert(.empty)
            if WaveformKind(code) == nil { observation.flags.insert(.codeUnknown) }
            return observation
        }
        guard waveform.samples.count <= RawSamples.countMax,
            let block = WaveformBlock(waveform, startedAt: eventTime)
        else {
            throw Refusal(.tooLarge, "a signal of more than \(RawSamples.countMax) samples")
        }
        observation.value = .waveform(block)
        Cleaner.judge(waveform, &observation)
        // Who sends numbers in messages says what they are numbers of, as for every other value.
        if observation.unit.isEmpty, WaveformKind.reads(code) {
            observation.flags.insert(.unitMissing)
        }
        return observation
    }

    /// The code of a signal: by its number and reference id, or by what its device calls it.
    private func waveformCode(
        _ raw: RawCode, in text: [UInt8], _ flags: inout QualityFlags
    ) -> Code {
        let value = Cleaner.string(text, raw.value)
        let words = Cleaner.string(text, raw.text)
        let system = vocabulary.system(of: text.span.extracting(raw.system.range))
        let byName = WaveformKind.code(ofReference: words)
        if system == .mdc {
            let byNumber = WaveformKind.code(ofTerm: value)
            if let byNumber, words.hasPrefix("MDC_"), byName != byNumber {
                flags.insert(.codeConflict)
            }
            return byNumber ?? byName ?? .mdc(value.isEmpty ? words : value)
        }
        let name = value.isEmpty ? words : value
        if let canonical = Cleaner.canonicalSystem(system) {
            return Code(system: canonical, value: name)
        }
        for label in [value, words] where !label.isEmpty {
            let code = WaveformKind.code(ofLabel: label)
            if WaveformKind(code) != nil { return code }
        }
        return byName ?? Code(system: Cleaner.string(text, raw.system), value: name)
    }

    /// Flags what is wrong with a waveform that came packed, and gives it its unit.
    ///
    /// Not a sample of it is changed.
    static func judge(_ block: WaveformBlock, _ observation: inout Observation) {
        guard let waveform = try? WaveformArchive(bytes: block.bytes).waveform() else {
            // Doors prove what they take in; this is for who has none.
            observation.value = .absent
            observation.flags.insert(.deviceInvalid)
            return
        }
        judge(waveform, &observation)
    }

    private static func judge(_ waveform: Waveform, _ observation: inout Observation) {
        observation.flags.formUnion(waveform.flags)
        observation.flags.formUnion(waveform.findings)
        observation.unit = WaveformKind.unit(
            observation.unit.isEmpty ? waveform.unit : observation.unit)
        if !samplesPerSecondRange.contains(waveform.samplesPerSecond)
            || waveform.durationSeconds > waveformSecondsMax
        {
            observation.flags.insert(.outOfRange)
        }
        guard let kind = WaveformKind(observation.code) else {
            observation.flags.insert(.codeUnknown)
            return
        }
        guard kind == .arterialPressure else { return }
        if observation.unit.isEmpty {
            observation.flags.insert(.unitMissing)
        } else if !["mm[Hg]", "kPa"].contains(observation.unit) {
            observation.flags.insert(.unitUnknown)
        }
    }
}
