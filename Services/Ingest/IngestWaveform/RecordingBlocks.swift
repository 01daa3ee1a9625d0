public import TwinCore
public import TwinWaveform

/// A recording as a twin's observations: each signal in blocks of so many seconds.
public struct RecordingBlocks: Sendable {
    public static let secondsRange = 0.1...600.0

    public let twin: TwinID
    public let source: Source
    public let blockSeconds: Double

    public init(twin: TwinID, source: Source, blockSeconds: Double) {
        precondition(RecordingBlocks.secondsRange.contains(blockSeconds))
        self.twin = twin
        self.source = source
        self.blockSeconds = blockSeconds
    }

    /// When a block ends, for who sends them as they come.
    public struct Timed: Sendable {
        public var endsAt: Instant
        public var observation: Observation
    }

    /// The blocks in the order in which they end; what was not measured at all is left out.
    ///
    /// `start` goes before the time that the recording gives; refused where there is neither.
    public func blocks(of recording: Recording, start: Instant?) throws(Refusal) -> [Timed] {
        guard let startedAt = start ?? recording.startedAt else {
            throw Refusal(
                .malformed, "the recording does not say when it was made: give its start")
        }
        let flags =
            start == nil
            ? recording.flags : recording.flags.subtracting([.timeMissing, .zoneUnknown])
        var blocks: [Timed] = []
        var codes: [Code: Int] = [:]
        for waveform in recording.waveforms {
            let code = WaveformKind.code(ofLabel: waveform.label)
            codes[code, default: 0] += 1
            // Two signals of one name are two signals.
            let count = codes[code] ?? 1
            let own = count == 1 ? code : Code(system: "", value: "\(code.value)-\(count)")
            try append(waveform, own, startedAt, flags, to: &blocks)
        }
        return blocks.enumerated().sorted {
            ($0.element.endsAt, $0.offset) < ($1.element.endsAt, $1.offset)
        }.map(\.element)
    }

    private func append(
        _ waveform: Waveform, _ code: Code, _ startedAt: Instant, _ flags: QualityFlags,
        to blocks: inout [Timed]
    ) throws(Refusal) {
        let rate = waveform.samplesPerSecond
        let length = max(1, Int((blockSeconds * rate).rounded()))
        for first in stride(from: 0, to: waveform.samples.count, by: length) {
            let end = min(first + length, waveform.samples.count)
            var part = waveform
            part.samples = Array(waveform.samples[first..<end])
            guard part.missingCount < part.samples.count else { continue }
            let time = RecordingBlocks.time(startedAt, first, rate)
            guard let block = WaveformBlock(part, startedAt: time) else {
                throw Refusal(
                    .tooLarge,
                    "\(waveform.label): a block is longer than can be sent; make it shorter")
            }
            blocks.append(
                Timed(
                    endsAt: RecordingBlocks.time(startedAt, end, rate),
                    observation: Observation(
                        twin: twin, code: code, value: .waveform(block),
                        unit: WaveformKind.unit(waveform.unit), eventTime: time,
                        receiveTime: time, source: source, flags: flags)))
        }
    }

    private static func time(_ start: Instant, _ sample: Int, _ rate: Double) -> Instant {
        let microseconds = (Double(sample) / rate * 1e6).rounded()
        let (sum, isOver) = start.microsecondsSinceEpoch.addingReportingOverflow(
            Int64(min(1e18, microseconds)))
        return Instant(microsecondsSinceEpoch: isOver ? .max : sum)
    }
}
