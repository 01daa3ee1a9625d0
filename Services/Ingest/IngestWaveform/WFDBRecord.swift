public import TwinCore
public import TwinWaveform

/// Reads a WFDB record: its header and, by the names in it, its other files.
public struct WFDBRecord {
    /// The bytes of a file of the record's folder; nil if there is none.
    public typealias Files = (_ name: String) -> [UInt8]?

    private let limits: WaveformLimits
    private let files: Files

    /// The record of a header.
    ///
    /// A truncated signal file, a wrong checksum and an unknown format are refused. Gaps between
    /// segments, and samples that the format calls invalid, are missing.
    public static func read(
        header: [UInt8], limits: WaveformLimits = WaveformLimits(), files: Files
    ) throws(Refusal) -> Recording {
        try withoutActuallyEscaping(files) { (files) throws(Refusal) -> Recording in
            let record = WFDBRecord(limits: limits, files: files)
            let header = try WFDBHeader(header, limits: limits)
            let waveforms =
                header.segments.isEmpty
                ? try record.waveforms(header) : try record.joined(header)
            return Recording(
                name: header.name, startedAt: header.startedAt, waveforms: waveforms,
                flags: header.timeFlags)
        }
    }

    private func waveforms(_ header: WFDBHeader) throws(Refusal) -> [Waveform] {
        var samples = [[Int32]](repeating: [], count: header.signals.count)
        var done: Set<String> = []
        var total = 0
        for signal in header.signals where done.insert(signal.file).inserted {
            let places = header.signals.indices.filter { header.signals[$0].file == signal.file }
            try readGroup(places, header, into: &samples, total: &total)
        }
        var waveforms: [Waveform] = []
        for (place, signal) in header.signals.enumerated() {
            try checkSum(of: samples[place], signal, header)
            if signal.skew > 0 { samples[place] = shifted(samples[place], signal) }
            waveforms.append(
                try waveform(signal, samples[place], framesPerSecond: header.framesPerSecond))
        }
        return waveforms
    }

    private func waveform(
        _ signal: WFDBHeader.SignalLine, _ samples: [Int32], framesPerSecond: Double
    ) throws(Refusal) -> Waveform {
        guard
            let scale = WaveformScale(
                stepsPerUnit: signal.stepsPerUnit, zeroStep: signal.zeroStep)
        else { throw Refusal(.malformed, "the gain of WFDB signal \(signal.label)") }
        return Waveform(
            label: signal.label, unit: signal.unit,
            samplesPerSecond: framesPerSecond * Double(signal.samplesPerFrame), scale: scale,
            samples: samples)
    }

    /// Reads the signals that share one file, frame by frame.
    private func readGroup(
        _ places: [Int], _ header: WFDBHeader, into samples: inout [[Int32]], total: inout Int
    ) throws(Refusal) {
        let group = places.map { header.signals[$0] }
        let perFrame = group.reduce(0) { $0 + $1.samplesPerFrame }
        guard let first = group.first, perFrame <= limits.samplesMax else {
            throw Refusal(.tooLarge, "\(perFrame) samples a frame")
        }
        guard group.allSatisfy({ $0.format == first.format && $0.byteOffset == first.byteOffset })
        else { throw Refusal(.malformed, "the signals of \(first.file) differ in format") }
        // Format 0 and the file `~` say that the signal is absent.
        if first.format == 0 || first.file == "~" {
            let frames = header.frameCount ?? 0
            try count(frames, perFrame, into: &total)
            for (place, signal) in zip(places, group) {
                samples[place] = .init(
                    repeating: Waveform.missing, count: frames * signal.samplesPerFrame)
            }
            return
        }
        guard let format = WFDBFormat(rawValue: first.format) else {
            throw Refusal(.unsupported, "WFDB format \(first.format)")
        }
        guard let bytes = files(first.file) else {
            throw Refusal(.notFound, "the signal file \(first.file) is absent")
        }
        guard first.byteOffset <= bytes.count else {
            throw Refusal(.malformed, "the signal file \(first.file) is cut short")
        }
        let body = bytes[first.byteOffset...]
        let frames = header.frameCount ?? format.sampleCount(of: body.count) / perFrame
        try count(frames, perFrame, into: &total)
        guard body.count >= format.byteCount(of: frames * perFrame) else {
            throw Refusal(
                .malformed,
                "the signal file \(first.file) is cut short: \(body.count) bytes of "
                    + "\(format.byteCount(of: frames * perFrame))")
        }
        let flat = format.samples(body, count: frames * perFrame)
        var offset = 0
        for (place, signal) in zip(places, group) {
            samples[place] = deal(
                flat, offset: offset, each: signal.samplesPerFrame, of: perFrame, frames: frames)
            offset += signal.samplesPerFrame
        }
    }

    private func count(_ frames: Int, _ perFrame: Int, into total: inout Int) throws(Refusal) {
        let (samples, overflow) = frames.multipliedReportingOverflow(by: perFrame)
        guard !overflow, samples <= limits.samplesMax - total else {
            throw Refusal(.tooLarge, "more than \(limits.samplesMax) samples")
        }
        total += samples
    }

    private func deal(
        _ flat: [Int32], offset: Int, each: Int, of perFrame: Int, frames: Int
    ) -> [Int32] {
        guard each != perFrame else { return flat }
        return [Int32](unsafeUninitializedCapacity: frames * each) { samples, filled in
            for frame in 0..<frames {
                for index in 0..<each {
                    samples[filled] = flat[frame * perFrame + offset + index]
                    filled += 1
                }
            }
        }
    }

    /// The sum of all samples in sixteen bits is the header's, where it gives one and a length.
    private func checkSum(
        of samples: [Int32], _ signal: WFDBHeader.SignalLine, _ header: WFDBHeader
    ) throws(Refusal) {
        guard let expected = signal.checksum, header.frameCount != nil, signal.format != 0,
            let format = WFDBFormat(rawValue: signal.format)
        else { return }
        var sum: Int32 = 0
        for sample in samples {
            sum &+= sample == Waveform.missing ? format.missing : sample
        }
        guard Int16(truncatingIfNeeded: sum) == Int16(truncatingIfNeeded: expected) else {
            throw Refusal(
                .malformed, "signal \(signal.label) of \(signal.file) fails its checksum")
        }
    }

    /// A skewed signal's samples lie that many frames behind the others'.
    private func shifted(_ samples: [Int32], _ signal: WFDBHeader.SignalLine) -> [Int32] {
        let (places, overflow) = signal.skew.multipliedReportingOverflow(by: signal.samplesPerFrame)
        let late = overflow ? samples.count : min(places, samples.count)
        return samples[late...] + .init(repeating: Waveform.missing, count: late)
    }
}

// MARK: - Segments

extension WFDBRecord {
    /// The waveforms of a record of segments, gaps and absent signals filled with missing.
    private func joined(_ header: WFDBHeader) throws(Refusal) -> [Waveform] {
        var segments = header.segments
        var layout: WFDBHeader?
        if let first = segments.first, first.frameCount == 0, first.name != "~" {
            layout = try segmentHeader(first.name)
            segments.removeFirst()
        }
        var model = layout
        for segment in segments where model == nil && segment.name != "~" {
            model = try segmentHeader(segment.name)
        }
        guard let model else { throw Refusal(.malformed, "a WFDB record of gaps alone") }
        let frames = segments.reduce(0) { $0 + $1.frameCount }
        guard header.frameCount == nil || header.frameCount == frames else {
            throw Refusal(.malformed, "the segments make \(frames) samples, not what is said")
        }
        var total = 0
        try count(frames, model.signals.reduce(0) { $0 + $1.samplesPerFrame }, into: &total)
        var joined: [Waveform] = []
        for signal in model.signals {
            joined.append(try waveform(signal, [], framesPerSecond: header.framesPerSecond))
        }
        for segment in segments {
            let parts = segment.name == "~" ? [] : try parts(of: segment, header)
            for place in joined.indices {
                let part =
                    layout == nil
                    ? (place < parts.count ? parts[place] : nil)
                    : parts.first { $0.label == joined[place].label }
                append(
                    part, to: &joined[place],
                    count: segment.frameCount * model.signals[place].samplesPerFrame)
            }
        }
        return joined
    }

    private func segmentHeader(_ name: String) throws(Refusal) -> WFDBHeader {
        guard let bytes = files(name + ".hea") else {
            throw Refusal(.notFound, "the segment header \(name).hea is absent")
        }
        let header = try WFDBHeader(bytes, limits: limits)
        guard header.segments.isEmpty else {
            throw Refusal(.unsupported, "segments within the segment \(name)")
        }
        return header
    }

    private func parts(
        of segment: WFDBHeader.SegmentLine, _ header: WFDBHeader
    ) throws(Refusal) -> [Waveform] {
        let own = try segmentHeader(segment.name)
        guard own.frameCount ?? segment.frameCount == segment.frameCount,
            own.framesPerSecond == header.framesPerSecond
        else {
            throw Refusal(.malformed, "segment \(segment.name) differs in length or rate")
        }
        return try waveforms(own)
    }

    /// Adds a segment's samples, brought to the waveform's scale where theirs is another.
    private func append(_ part: Waveform?, to waveform: inout Waveform, count: Int) {
        guard let part, part.samples.count == count,
            part.samplesPerSecond == waveform.samplesPerSecond, part.unit == waveform.unit
        else {
            if part != nil { waveform.flags.insert(.incomplete) }
            waveform.samples += [Int32](repeating: Waveform.missing, count: count)
            return
        }
        guard part.scale != waveform.scale else { return waveform.samples += part.samples }
        waveform.flags.insert(.converted)
        let scale = waveform.scale
        waveform.samples += part.samples.map { sample in
            guard sample != Waveform.missing else { return sample }
            let step = part.scale.value(of: sample) * scale.stepsPerUnit + scale.zeroStep
            return Int32(exactly: step.rounded()) ?? Waveform.missing
        }
    }
}
