import ArgumentParser
import FeatureWaveform
import Foundation
import IngestWaveform
import TwinCore
import TwinWaveform

/// A waveform file on the command line, read by its ending.
struct WaveSource: ParsableArguments {
    @Argument(help: "A .hea, .edf, .bdf, .csv or .twv file; a WFDB record without its ending.")
    var file: String
    @Option(help: "The signal, by its label or its number from 1.") var lead = "1"

    func recording() throws -> Recording { try WaveSource.recording(of: file) }

    /// WFDB is the default: its records are named without an ending.
    static func recording(of file: String) throws -> Recording {
        let url = URL(filePath: file)
        do {
            switch url.pathExtension.lowercased() {
            case "edf", "bdf": return try EDFRecording.read(try FileList.bytes(of: file))
            case "csv": return try WaveformTable.read(try FileList.bytes(of: file))
            case "twv":
                let archive = try WaveformArchive(bytes: try FileList.bytes(of: file))
                return Recording(
                    name: url.lastPathComponent, startedAt: archive.header.startedAt,
                    waveforms: [try archive.waveform()])
            default:
                let folder = url.deletingLastPathComponent()
                return try WFDBRecord.read(header: try FileList.bytes(of: record(file, "hea").path))
                { name in
                    (try? Data(contentsOf: folder.appending(path: name))).map(Array.init)
                }
            }
        } catch let refusal as Refusal {
            throw CommandFailure("\(file) is refused: \(refusal)")
        }
    }

    func waveform() throws -> Waveform {
        let waveforms = try recording().waveforms
        if let named = waveforms.first(where: { $0.label == lead }) { return named }
        guard let number = Int(lead), waveforms.indices.contains(number - 1) else {
            throw CommandFailure(
                "\(file) has no signal \(lead); it has "
                    + waveforms.map(\.label).joined(separator: ", "))
        }
        return waveforms[number - 1]
    }

    func beats(of waveform: Waveform) throws -> [Beat] {
        do {
            return try BeatDetector.beats(
                of: waveform.samples, samplesPerSecond: waveform.samplesPerSecond)
        } catch { throw CommandFailure("no beats: \(error)") }
    }

    /// The annotations beside a WFDB record; nil if there are none.
    func annotations() throws -> [WFDBAnnotation]? {
        guard let bytes = try? FileList.bytes(of: WaveSource.record(file, "atr").path) else {
            return nil
        }
        do { return try WFDBAnnotation.read(bytes) } catch {
            throw CommandFailure("the annotations of \(file) are refused: \(error)")
        }
    }

    /// Ventricular flutter and fibrillation, in which EC57 counts no beats.
    static func flutter(_ marks: [WFDBAnnotation], end: Int) -> [Range<Int>] {
        var stretches: [Range<Int>] = []
        var start: Int?
        for mark in marks {
            if mark.beginsFlutter { start = start ?? mark.sample }
            if mark.endsFlutter, let begun = start {
                stretches.append(begun..<max(begun, mark.sample) + 1)
                start = nil
            }
        }
        if let start, start < end { stretches.append(start..<end) }
        return stretches
    }

    private static func record(_ file: String, _ ending: String) -> URL {
        let url = URL(filePath: file)
        let isHeader = url.pathExtension == "hea"
        return (isHeader ? url.deletingPathExtension() : url).appendingPathExtension(ending)
    }

    static func variability(_ series: BeatIntervals) -> [VariabilityRow] {
        let time = HeartRateVariability(series)
        let spectrum = HeartRateSpectrum(series)
        return [
            .init("intervals", Double(series.intervals.count), ""),
            .init("excluded", Double(series.excludedCount), ""),
            .init("mean", time?.meanMs, "ms"), .init("sdnn", time?.sdnnMs, "ms"),
            .init("rmssd", time?.rmssdMs, "ms"), .init("sdsd", time?.sdsdMs, "ms"),
            .init("pnn50", time?.pnn50Percent, "%"), .init("sdann", time?.sdannMs, "ms"),
            .init("sdnn-index", time?.sdnnIndexMs, "ms"), .init("vlf", spectrum?.vlfMs2, "ms2"),
            .init("lf", spectrum?.lfMs2, "ms2"), .init("hf", spectrum?.hfMs2, "ms2"),
            .init("total", spectrum?.totalMs2, "ms2"), .init("lf-to-hf", spectrum?.lfToHf, ""),
        ]
    }
}

/// One figure of heart rate variability; without a value where there was too little to say it.
struct VariabilityRow: Encodable {
    let name: String
    let value: Double?
    let unit: String

    init(_ name: String, _ value: Double?, _ unit: String) {
        self.name = name
        self.value = value
        self.unit = unit
    }
}

struct BeatRow: Encodable {
    let sample: Int
    let `class`: String
    let quality: Double

    init(_ beat: Beat) {
        sample = beat.sample
        `class` = "\(beat.kind)"
        quality = (beat.quality * 1000).rounded() / 1000
    }
}

/// What a recording holds, for people and programs.
struct WaveDocument: Encodable {
    struct Signal: Encodable {
        let label: String
        let unit: String
        let samplesPerSecond: Double
        let samples: Int
        let missing: Int
        let flags: [String]

        init(_ waveform: Waveform) {
            label = waveform.label
            unit = waveform.unit
            samplesPerSecond = waveform.samplesPerSecond
            samples = waveform.samples.count
            missing = waveform.missingCount
            flags = waveform.flags.words
        }

        var text: String {
            let seconds = Output.short(Double(samples) / samplesPerSecond)
            return
                ([
                    label, unit.isEmpty ? "no unit" : unit,
                    "\(Output.short(samplesPerSecond, digits: 8)) samples/s",
                    "\(samples) samples (\(seconds) s)", "\(missing) missing",
                ] + flags).joined(separator: ", ")
        }
    }

    let name: String
    let startedAt: String?
    let flags: [String]
    let signals: [Signal]

    init(_ recording: Recording) {
        name = recording.name
        startedAt = recording.startedAt?.description
        flags = recording.flags.words
        signals = recording.waveforms.map(Signal.init)
    }
}

/// A stretch of a waveform in characters, its least and greatest value at the side.
struct WavePicture {
    let rows: [String]

    init(_ waveform: Waveform, from: Double, seconds: Double, width: Int = 100, height: Int = 9) {
        let count = Double(waveform.samples.count)
        let start = Int(min(count, from * waveform.samplesPerSecond))
        let end = Int(min(count, (from + seconds) * waveform.samplesPerSecond))
        let columns = (0..<width).map { column -> (low: Double, high: Double)? in
            let first = start + (end - start) * column / width
            let last = max(first + 1, start + (end - start) * (column + 1) / width)
            let values = (first..<min(last, end)).compactMap { waveform.value(at: $0) }
            guard let low = values.min(), let high = values.max() else { return nil }
            return (low, high)
        }
        let known = columns.compactMap { $0 }
        guard let low = known.map(\.low).min(), let high = known.map(\.high).max() else {
            rows = ["nothing was measured here"]
            return
        }
        let step = max((high - low) / Double(height), .leastNormalMagnitude)
        rows = (0..<height).map { row in
            let top = high - Double(row) * step
            let line = columns.map { column -> Character in
                guard let column else { return "·" }
                return column.high >= top - step && column.low <= top ? "█" : " "
            }
            let label = row == 0 ? Output.short(high) : row == height - 1 ? Output.short(low) : ""
            return String(line) + " " + label
        }
    }
}
