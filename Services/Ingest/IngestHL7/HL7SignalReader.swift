import IngestCore
import TwinCore
import TwinWaveform

/// How arrays of samples become waveforms.
extension HL7Reader {
    /// Adds the signals of one array; `starts` are the times at which arrays follow on.
    mutating func addSignals(
        _ array: HL7Signals.SampleArray, _ starts: inout [Int: RawTime]
    ) {
        let row = array.row
        guard refusal == nil, isReadable(row) else { return }
        var flags = flags(of: row)
        let value = row.value.trimmed(in: message.text.span)
        let isNone = message.text[value.range] == [0x22, 0x22]
        if isNone { flags.insert(.noResult) }
        guard !value.isEmpty, !isNone else {
            for index in 0..<max(1, array.channels.count) {
                add(.nothing, array, channel: index, time(of: array, starts), flags)
            }
            return
        }
        let plan: HL7SampleGrid
        let samples: [RawSamples]
        do throws(Refusal) {
            plan = try HL7SampleGrid(array, value, message)
            samples = try plan.samples(of: message)
        } catch {
            if error.reason == .malformed { return refuse(row, error.detail) }
            return refusedRows.append(named(error, row))
        }
        do throws(Refusal) {
            let scale = try HL7SampleScale(
                array, hasPoint: samples.contains(where: \.hasPoint), message)
            let start = time(of: array, starts)
            flags.formUnion(rangeFlags(row, scale, samples))
            for (index, own) in samples.enumerated() {
                let waveform = try scale.waveform(own, channel: index, self)
                add(waveform, array, channel: index, start, flags)
            }
            if let timing = array.timing, let count = samples.first?.count {
                starts[timing.number] = start.shifted(
                    microseconds: Int64((Double(count) / scale.samplesPerSecond * 1e6).rounded()))
            }
        } catch { refusedRows.append(named(error, row)) }
    }

    private func named(_ refusal: Refusal, _ row: HL7Row) -> Refusal {
        Refusal(refusal.reason, "OBX \(row.observationNumber): \(refusal.detail)")
    }

    private mutating func time(
        of array: HL7Signals.SampleArray, _ starts: [Int: RawTime]
    ) -> RawTime {
        guard let timing = array.timing else { return time(array.row.time) }
        return starts[timing.number] ?? time(timing.start)
    }

    /// Flags a request that began and ended otherwise than its samples say.
    private mutating func rangeFlags(
        _ row: HL7Row, _ scale: HL7SampleScale, _ samples: [RawSamples]
    ) -> QualityFlags {
        guard row.timeSource == .request, !row.requestEnd.isEmpty, let count = samples.first?.count
        else { return [] }
        let seconds: Double
        switch (time(row.time), time(row.requestEnd)) {
        case (.at(let start), .at(let end)), (.local(let start), .local(let end)):
            seconds =
                Double(end.microsecondsSinceEpoch) / 1e6
                - Double(start.microsecondsSinceEpoch) / 1e6
        default: return []
        }
        let duration = Double(count) / scale.samplesPerSecond
        let tolerance = max(2 / scale.samplesPerSecond, 0.1 * duration)
        return abs(seconds - duration) > tolerance ? .irregular : []
    }

    private mutating func add(
        _ waveform: Waveform, _ array: HL7Signals.SampleArray, channel: Int, _ time: RawTime,
        _ flags: QualityFlags
    ) {
        let (code, _) = message.codes(array.row.code)
        var own = plain(
            RawCode(
                value: message.subcomponent(1, of: code.value), text: code.text,
                system: code.system))
        if array.channels.indices.contains(channel), !array.channels[channel].label.isEmpty {
            own = plain(RawCode(value: array.channels[channel].label))
        } else if channel > 0 {
            // Two signals of one code are two signals.
            let start = text.count
            text += text[own.value.range] + "-\(channel + 1)".utf8
            own = RawCode(value: RawText(start..<text.count))
        }
        add(
            RawObservation(
                code: own, value: .waveform(waveform), time: time,
                source: device(array.row.device), flags: flags),
            at: array.row.place)
    }
}

extension Waveform {
    /// What says that there is no signal.
    fileprivate static let nothing = Waveform(
        label: "", unit: "", samplesPerSecond: 1, scale: .unscaled, samples: [])
}

/// Which of an array's numbers are of which channel.
struct HL7SampleGrid {
    private let rows: [HL7Place]
    private let channelCount: Int
    /// MA: a row is a moment, and its parts are the channels; NA: a row is of one channel.
    private let isMultiplexed: Bool

    /// Counts before anything is kept.
    init(
        _ array: HL7Signals.SampleArray, _ value: HL7Place, _ message: HL7Message
    ) throws(Refusal) {
        isMultiplexed = message.text[array.row.type.range.lowerBound] == 0x4D
        let text = message.text.span
        let separators = message.separators
        var (rowCount, count, firstCount) = (1, 1, 0)
        for index in value.range {
            if text[index] == separators.repetition {
                if rowCount == 1 { firstCount = count }
                rowCount += 1
                count += 1
            } else if text[index] == separators.component {
                count += 1
            }
        }
        if rowCount == 1 { firstCount = count }
        let declared = array.channels.count
        if isMultiplexed {
            channelCount = max(declared, firstCount)
            count = max(count, rowCount * channelCount)
        } else {
            guard declared <= 1 || declared == rowCount else {
                throw Refusal(
                    .unsupported, "\(rowCount) rows of samples, of \(declared) channels")
            }
            channelCount = max(1, declared)
        }
        guard channelCount <= HL7SignalChannel.countMax, count <= RawSamples.countMax else {
            throw Refusal(
                .tooLarge,
                "more than \(HL7SignalChannel.countMax) channels, or "
                    + "\(RawSamples.countMax) samples")
        }
        rows = message.repetitions(of: value)
    }

    func samples(of message: HL7Message) throws(Refusal) -> [RawSamples] {
        var samples = Array(repeating: RawSamples(), count: channelCount)
        for (number, row) in rows.enumerated() {
            let own = channelCount > 1 ? number : 0
            var column = 0
            var start = Int(row.start)
            let text = message.text.span
            for index in row.range.lowerBound...row.range.upperBound
            where index == row.range.upperBound || text[index] == message.separators.component {
                let channel = isMultiplexed ? column : own
                guard channel < channelCount else {
                    throw Refusal(.malformed, "more samples in a row than channels")
                }
                let place = HL7Place(start..<index).trimmed(in: text)
                try HL7SampleGrid.add(text.extracting(place.range), to: &samples[channel])
                column += 1
                start = index + 1
            }
            guard isMultiplexed else { continue }
            // What a row leaves out at its end was not measured.
            while column < channelCount {
                samples[column].addMissing()
                column += 1
            }
        }
        return samples
    }

    private static func add(
        _ word: Span<UInt8>, to samples: inout RawSamples
    ) throws(Refusal) {
        if word.isEmpty || (word.count == 2 && word[0] == 0x22 && word[1] == 0x22) {
            samples.addMissing()
        } else if !samples.add(word) {
            throw Refusal(.malformed, "a sample in OBX-5 is no number")
        }
    }
}

/// What an array's numbers are worth, and how many come in a second.
struct HL7SampleScale {
    let samplesPerSecond: Double
    private let array: HL7Signals.SampleArray
    /// Of every channel, unless it has its own.
    private let factor: Double
    private let offset: Double
    private let unit: RawCode?

    init(
        _ array: HL7Signals.SampleArray, hasPoint: Bool, _ message: HL7Message
    ) throws(Refusal) {
        self.array = array
        let facets = array.facets
        guard
            let rate = facets.samplesPerSecond ?? array.channels.first?.samplesPerSecond,
            Cleaner.samplesPerSecondRange.contains(rate)
        else {
            throw Refusal(.unsupported, "the sampling rate of a waveform is not known")
        }
        samplesPerSecond = rate
        if let resolution = facets.values[.resolution], !hasPoint {
            // Whole numbers are steps of the resolution, unless they have a unit of their own.
            guard HL7SampleScale.isUnit(resolution, array, message) else {
                throw Refusal(
                    .unsupported, "whole numbers with a unit and a resolution: steps, or values?")
            }
            (factor, offset, unit) = (resolution.first, 0, resolution.unitPlace)
        } else if let (factor, offset, unit) = HL7SampleScale.ranges(facets), !hasPoint {
            (self.factor, self.offset, self.unit) = (factor, offset, unit)
        } else {
            (factor, offset, unit) = (1, 0, nil)
        }
    }

    /// Whether the unit of the samples is none, or a step is one of it anyhow.
    private static func isUnit(
        _ resolution: HL7Facets.Value, _ array: HL7Signals.SampleArray, _ message: HL7Message
    ) -> Bool {
        guard resolution.first != 1, !array.row.unit.isEmpty else { return true }
        let unit = message.codes(array.row.unit).first
        return ["", "1"].contains(
            WaveformKind.unit(message.string(unit.value.isEmpty ? unit.text : unit.value)))
    }

    /// What ISO 11073 makes of two ranges: as the samples are written, and what they are worth.
    private static func ranges(_ facets: HL7Facets) -> (Double, Double, RawCode)? {
        guard let written = facets.values[.dataRange], let worth = facets.values[.scaleRange],
            let high = written.second, let top = worth.second, high != written.first,
            top != worth.first
        else { return nil }
        let factor = (top - worth.first) / (high - written.first)
        return (factor, worth.first - written.first * factor, worth.unitPlace)
    }

    func waveform(
        _ samples: RawSamples, channel index: Int, _ reader: HL7Reader
    ) throws(Refusal) -> Waveform {
        var samples = samples
        if let invalid = array.facets.invalidSample { samples.drop(invalid) }
        let message = reader.message
        let channel = array.channels.indices.contains(index) ? array.channels[index] : nil
        let (code, _) = message.codes(array.row.code)
        let place = unit ?? message.codes(array.row.unit).first
        var unit = message.string(place.value.isEmpty ? place.text : place.value)
        var (factor, offset) = (self.factor, self.offset)
        if let channel {
            if !channel.unit.isEmpty { unit = message.string(channel.unit) }
            factor *= channel.sensitivity ?? 1
            offset -= (channel.baseline ?? 0) * factor
        }
        guard unit.utf8.count <= Cleaner.codeByteCountMax,
            let waveform = samples.waveform(
                label: String(message.string(code.text).prefix(64)), unit: unit,
                samplesPerSecond: samplesPerSecond, factor: factor, offset: offset)
        else { throw Refusal(.unsupported, "samples, or a scale of theirs, out of bounds") }
        return waveform
    }
}
