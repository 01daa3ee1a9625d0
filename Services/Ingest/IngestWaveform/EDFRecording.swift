public import TwinCore
public import TwinWaveform

/// Reads a whole EDF, EDF+, BDF or BDF+ file.
public enum EDFRecording {
    /// The recording of a file's bytes.
    ///
    /// A header that is damaged or cut is refused. A file that ends before its last record is
    /// read as far as it goes, and flagged incomplete. Gaps of a discontinuous one are missing
    /// samples.
    public static func read(
        _ bytes: [UInt8], limits: WaveformLimits = WaveformLimits()
    ) throws(Refusal) -> Recording {
        let header = try EDFHeader(bytes, limits: limits)
        let body = bytes[header.size...]
        let whole = body.count / header.bytesPerRecord
        let announced = header.recordCount ?? whole
        guard
            announced > whole || body.count <= announced * header.bytesPerRecord
                || header.recordCount == nil
        else { throw Refusal(.malformed, "bytes behind the last EDF record") }
        let recordCount = min(announced, whole)
        var flags = header.flags
        if announced > whole || body.count % header.bytesPerRecord != 0 {
            flags.insert(.incomplete)
        }
        var notes: [RecordingNote] = []
        let onsets = try readNotes(
            header, body, recordCount: recordCount, limits: limits, into: &notes)
        let first = onsets.first ?? 0
        var waveforms: [Waveform] = []
        var total = 0
        var offset = 0
        for signal in header.signals {
            defer { offset += signal.samplesPerRecord * header.bytesPerSample }
            guard !signal.isNotes else { continue }
            let starts = try starts(
                of: signal, header, onsets: onsets, limits: limits, total: &total)
            waveforms.append(
                waveform(signal, header, body, offset: offset, starts: starts, flags: flags))
        }
        let started = header.startedAt.map {
            Instant(microsecondsSinceEpoch: $0.microsecondsSinceEpoch + Int64(first * 1e6))
        }
        for index in notes.indices { notes[index].onsetSeconds -= first }
        return Recording(
            name: header.recording, startedAt: started, waveforms: waveforms, notes: notes,
            flags: flags)
    }

    /// Where each record's samples begin, and where the last ones end.
    private static func starts(
        of signal: EDFHeader.Signal, _ header: EDFHeader, onsets: [Double],
        limits: WaveformLimits, total: inout Int
    ) throws(Refusal) -> [Int] {
        let rate = Double(signal.samplesPerRecord) / header.recordSeconds
        var starts: [Int] = []
        var end = 0
        for (record, onset) in onsets.enumerated() {
            // In a continuous file records follow each other, whatever their clocks say.
            let place =
                header.isDiscontinuous
                ? ((onset - onsets[0]) * rate).rounded()
                : Double(record) * Double(signal.samplesPerRecord)
            guard place < Double(limits.samplesMax) else {
                throw Refusal(.tooLarge, "more than \(limits.samplesMax) EDF samples")
            }
            // Clocks are rounded; a record that begins before the last one ends is another matter.
            guard Int(place) >= end - 1 else {
                throw Refusal(.malformed, "EDF record \(record) begins before the last one ends")
            }
            starts.append(max(Int(place), end))
            end = max(Int(place), end) + signal.samplesPerRecord
        }
        guard end <= limits.samplesMax - total else {
            throw Refusal(.tooLarge, "more than \(limits.samplesMax) EDF samples")
        }
        total += end
        return starts + [end]
    }

    private static func waveform(
        _ signal: EDFHeader.Signal, _ header: EDFHeader, _ body: ArraySlice<UInt8>, offset: Int,
        starts: [Int], flags: QualityFlags
    ) -> Waveform {
        var samples = [Int32](repeating: Waveform.missing, count: starts.last ?? 0)
        let width = header.bytesPerSample
        for (record, start) in starts.dropLast().enumerated() {
            var place = body.startIndex + record * header.bytesPerRecord + offset
            for index in start..<start + signal.samplesPerRecord {
                let low = Int32(body[place]) << 8 | Int32(body[place + 1]) << 16
                samples[index] =
                    width == 2 ? (low << 8) >> 16 : (low | Int32(body[place + 2]) << 24) >> 8
                place += width
            }
        }
        return Waveform(
            label: signal.label, unit: signal.unit,
            samplesPerSecond: Double(signal.samplesPerRecord) / header.recordSeconds,
            scale: signal.scale, samples: samples, flags: flags.intersection(.incomplete))
    }

    /// Reads the notes of all records; returns when each record begins.
    private static func readNotes(
        _ header: EDFHeader, _ body: ArraySlice<UInt8>, recordCount: Int, limits: WaveformLimits,
        into notes: inout [RecordingNote]
    ) throws(Refusal) -> [Double] {
        var onsets: [Double] = []
        for record in 0..<recordCount {
            var onset: Double?
            var place = body.startIndex + record * header.bytesPerRecord
            for signal in header.signals {
                let count = signal.samplesPerRecord * header.bytesPerSample
                defer { place += count }
                guard signal.isNotes else { continue }
                for list in body[place..<place + count].split(separator: 0) {
                    let read = try EDFNoteList(list, limits: limits)
                    onset = onset ?? read.onset
                    guard notes.count + read.notes.count <= limits.notesMax else {
                        throw Refusal(.tooLarge, "more than \(limits.notesMax) EDF annotations")
                    }
                    notes += read.notes
                }
            }
            guard onset != nil || !header.isDiscontinuous else {
                throw Refusal(.malformed, "EDF record \(record) does not say when it begins")
            }
            onsets.append(onset ?? Double(record) * header.recordSeconds)
        }
        return onsets
    }
}

/// One time-stamped list of annotations: `+onset[\u{15}duration]\u{14}text\u{14}…`.
struct EDFNoteList {
    var onset: Double
    var notes: [RecordingNote]

    init(_ bytes: ArraySlice<UInt8>, limits: WaveformLimits) throws(Refusal) {
        var parts = bytes.split(separator: 0x14, omittingEmptySubsequences: false)
        let times = parts.removeFirst().split(separator: 0x15, omittingEmptySubsequences: false)
        guard (1...2).contains(times.count), bytes.last == 0x14,
            let onset = EDFHeader.number(TextScan.text(times[0])), abs(onset) < 1e10,
            times[0].first == 0x2B || times[0].first == 0x2D
        else { throw Refusal(.malformed, "an EDF annotation list") }
        var duration: Double?
        if times.count == 2 {
            guard let value = EDFHeader.number(TextScan.text(times[1])), value >= 0 else {
                throw Refusal(.malformed, "the duration of an EDF annotation")
            }
            duration = value
        }
        self.onset = onset
        notes = parts.filter { !$0.isEmpty }.map { text in
            RecordingNote(
                onsetSeconds: onset, durationSeconds: duration,
                text: TextScan.text(text.prefix(limits.textBytesMax)))
        }
    }
}
