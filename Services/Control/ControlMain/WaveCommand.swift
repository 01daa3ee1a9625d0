import ArgumentParser
import FeatureWaveform
import Foundation
import IngestWaveform
import TwinCore
import TwinWaveform

struct WaveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waveform",
        abstract: "Reads waveform files (WFDB, EDF, BDF, CSV, blocks) without a running system.",
        subcommands: [Show.self, Beats.self, Variability.self, Pack.self], aliases: ["wave"])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What a file holds, and a picture of it.")
        @OptionGroup var source: WaveSource
        @Option(help: "Where the picture begins, in seconds.") var from = 0.0
        @Option(help: "How much it shows, in seconds.") var seconds = 10.0
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard from >= 0, seconds > 0, from.isFinite, seconds.isFinite else {
                throw ValidationError("--from takes 0 or more seconds, --seconds more than 0")
            }
        }

        func run() throws {
            let recording = try source.recording()
            guard !output.json else { return try Output.json(WaveDocument(recording)) }
            let start = recording.startedAt.map(\.description) ?? "unknown start"
            Output.line(
                ([recording.name, start] + recording.flags.words).filter { !$0.isEmpty }
                    .joined(separator: ", "))
            for note in recording.notes.prefix(20) {
                Output.line("note at \(Output.short(note.onsetSeconds)) s: \(note.text)")
            }
            for waveform in recording.waveforms {
                Output.line("")
                Output.line(WaveDocument.Signal(waveform).text)
                for row in WavePicture(waveform, from: from, seconds: seconds).rows {
                    Output.line(row)
                }
            }
        }
    }

    struct Beats: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The beats of an ECG, and how they compare to annotators' (.atr).")
        @OptionGroup var source: WaveSource
        @Flag(help: "One line a beat, as --json has it.") var list = false
        @OptionGroup var output: OutputOptions

        func run() throws {
            let waveform = try source.waveform()
            let started = clock()
            let beats = try source.beats(of: waveform)
            let cpuSeconds = Double(clock() - started) / Double(CLOCKS_PER_SEC)
            if output.json {
                for beat in beats { try Output.json(BeatRow(beat)) }
                return
            }
            if list { Output.table(beats.map { ["\($0.sample)", "\($0.kind)"] }) }
            summarise(waveform, beats)
            guard let marks = try source.annotations() else { return }
            compare(beats, marks, waveform, cpuSeconds: cpuSeconds)
        }

        private func summarise(_ waveform: Waveform, _ beats: [Beat]) {
            let counts = Beat.Kind.allCases.map { kind in
                "\(beats.count { $0.kind == kind }) \(kind)"
            }
            Output.line(
                "\(waveform.label): \(beats.count) beats, " + counts.joined(separator: ", "))
            let quality = SignalQuality(
                waveform.samples, in: waveform.samples.indices, beats: beats,
                samplesPerSecond: waveform.samplesPerSecond)
            Output.line(
                "signal quality \(quality.map { Output.short($0.index, digits: 3) } ?? "-")")
            let minute = beats.filter {
                Double($0.sample) > Double(beats.last?.sample ?? 0)
                    - 60 * waveform.samplesPerSecond
            }
            if let breath = RespirationRate(minute, samplesPerSecond: waveform.samplesPerSecond) {
                Output.line(
                    "respiration \(Output.short(breath.perMinute, digits: 3)) /min in the last minute"
                        + " (by the beats' \(breath.source), quality \(Output.short(breath.quality, digits: 2)))"
                )
            }
        }

        private func compare(
            _ beats: [Beat], _ marks: [WFDBAnnotation], _ waveform: Waveform, cpuSeconds: Double
        ) {
            for skip in [300.0, 0] {
                let result = BeatComparison(
                    found: beats.map(\.sample), reference: marks.filter(\.isBeat).map(\.sample),
                    samplesPerSecond: waveform.samplesPerSecond, skipSeconds: skip,
                    excluding: WaveSource.flutter(marks, end: waveform.samples.count))
                func percent(_ share: Double?) -> String {
                    share.map { String(format: "%.2f %%", $0 * 100) } ?? "-"
                }
                Output.line(
                    (skip > 0 ? "against .atr, first 5 minutes left out: " : "whole record: ")
                        + "\(result.matched) matched, \(result.missed) missed, "
                        + "\(result.added) added; sensitivity \(percent(result.sensitivity)), "
                        + "positive predictivity \(percent(result.predictivity))")
            }
            Output.line(String(format: "detection took %.3f CPU s", cpuSeconds))
        }
    }

    struct Variability: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "hrv",
            abstract: "Heart rate variability of the normal beats.")
        @OptionGroup var source: WaveSource
        @Flag(help: "Of the beats in the .atr file, not of those found.") var annotated = false
        @OptionGroup var output: OutputOptions

        func run() throws {
            let waveform = try source.waveform()
            var beats = try annotated ? [] : source.beats(of: waveform)
            if annotated {
                guard let marks = try source.annotations() else {
                    throw CommandFailure("there is no .atr file beside \(source.file)")
                }
                beats = marks.filter(\.isBeat).map { mark in
                    Beat(
                        sample: mark.sample, kind: mark.isNormalBeat ? .normal : .ectopic,
                        amplitude: 0, quality: 1, followsGap: false)
                }
            }
            let series = BeatIntervals(beats, samplesPerSecond: waveform.samplesPerSecond)
            let rows = WaveSource.variability(series)
            guard !output.json else { return try Output.json(rows) }
            Output.table(
                rows.map { row in
                    [row.name, row.value.map { Output.short($0, digits: 6) } ?? "-", row.unit]
                })
        }
    }

    struct Pack: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Packs each signal into blocks without loss; says how small and how fast.")
        @OptionGroup var source: WaveSource
        @Option(help: "The folder for LABEL.twv files; without it nothing is written.")
        var out: String?

        func run() throws {
            let recording = try source.recording()
            for (index, waveform) in recording.waveforms.enumerated() {
                let archive = WaveformArchive(waveform, startedAt: recording.startedAt)
                let rounds = max(1, 20_000_000 / max(1, waveform.samples.count))
                let started = clock()
                for _ in 0..<rounds {
                    guard try archive.waveform().samples.count == waveform.samples.count else {
                        throw CommandFailure("\(waveform.label) did not come back")
                    }
                }
                let seconds = Double(clock() - started) / Double(CLOCKS_PER_SEC)
                guard try archive.waveform() == waveform else {
                    throw CommandFailure("\(waveform.label) did not come back as it was")
                }
                let share = Double(archive.bytes.count) / Double(2 * waveform.samples.count) * 100
                Output.line(
                    "\(waveform.label): \(archive.bytes.count) bytes, "
                        + String(format: "%.1f %% of 16 bits a sample; ", share)
                        + String(
                            format: "unpacked at %.0f million samples a CPU second",
                            Double(rounds * waveform.samples.count) / seconds / 1e6))
                guard let out else { continue }
                let name = waveform.label.filter { $0.isLetter || $0.isNumber }
                try Data(archive.bytes).write(
                    to: URL(filePath: out).appending(path: "\(index + 1)-\(name).twv"))
            }
        }
    }
}
