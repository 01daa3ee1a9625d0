import FeatureCore
import TwinCore
import TwinWaveform

/// The last minutes of one signal, put together from its blocks.
struct SignalWindow {
    static let secondsMax = 300.0
    /// A block that begins so close to the end of the one before goes on from there: clocks of
    /// devices do not tell the time to the sample.
    static let slackSeconds = 0.03
    static let sampleCountMax = 4_000_000

    let samplesPerSecond: Double
    let scale: WaveformScale
    let unit: String
    private(set) var samples: [Int32]
    /// Of all blocks that it was made of.
    private(set) var flags: QualityFlags = []
    private var filledEnd = 0

    /// Which blocks are one signal: those of the source that was heard last, as it is recorded now.
    private struct Origin: Hashable {
        var source: Source
        var label: String
        var unit: String
        var samplesPerSecond: Double
        var scale: WaveformScale
    }

    /// Nil where there is nothing that can be read.
    init?(_ track: WaveformTrack) {
        var ends: [(end: Instant, origin: Origin, block: Observation, archive: WaveformArchive)] =
            []
        for block in track.blocks {
            guard case .waveform(let packed) = block.value,
                let archive = try? WaveformArchive(bytes: packed.bytes),
                archive.header.samplesPerSecond > 0
            else { continue }
            let header = archive.header
            let seconds = Double(header.sampleCount) / header.samplesPerSecond
            ends.append(
                (
                    block.eventTime.adding(microseconds: seconds * 1e6),
                    Origin(
                        source: block.source, label: header.label, unit: block.unit,
                        samplesPerSecond: header.samplesPerSecond, scale: header.scale), block,
                    archive
                ))
        }
        // The first of equals, so that it is a function of the set.
        guard var newest = ends.first else { return nil }
        for one in ends.dropFirst() where one.end > newest.end { newest = one }
        let origin = newest.origin
        (samplesPerSecond, scale) = (origin.samplesPerSecond, origin.scale)
        unit = origin.unit
        let length = SignalWindow.secondsMax * samplesPerSecond
        guard length >= 1, length <= Double(SignalWindow.sampleCountMax) else { return nil }
        let start = newest.end.adding(microseconds: -SignalWindow.secondsMax * 1e6)
        samples = [Int32](repeating: Waveform.missing, count: Int(length))
        for one in ends where one.origin == origin && one.end > start {
            guard let waveform = try? one.archive.waveform() else { continue }
            flags.formUnion(one.block.flags)
            put(waveform.samples, at: one.block.eventTime.seconds(since: start))
        }
        trim()
    }

    private mutating func put(_ block: [Int32], at seconds: Double) {
        var place = Int((seconds * samplesPerSecond).rounded())
        let slack = max(1, Int(SignalWindow.slackSeconds * samplesPerSecond))
        if filledEnd > 0, abs(place - filledEnd) <= slack { place = filledEnd }
        for sample in block {
            // What was there first stays: blocks come in canonical order.
            if samples.indices.contains(place), samples[place] == Waveform.missing {
                samples[place] = sample
            }
            place += 1
        }
        filledEnd = max(filledEnd, min(place, samples.count))
    }

    /// Lets go of the time before the signal began.
    private mutating func trim() {
        let first = samples.firstIndex { $0 != Waveform.missing } ?? samples.endIndex
        samples.removeSubrange(..<first)
        samples.removeSubrange(min(filledEnd - first, samples.count)...)
    }

    var durationSeconds: Double { Double(samples.count) / samplesPerSecond }

    /// Where the last so many seconds begin.
    func start(ofLast seconds: Double) -> Int {
        max(0, samples.count - Int(seconds * samplesPerSecond))
    }
}

extension Instant {
    /// Saturates; a number that is none adds nothing.
    func adding(microseconds: Double) -> Instant {
        let step = microseconds.isFinite ? max(-1e18, min(1e18, microseconds.rounded())) : 0
        let (sum, isOver) = microsecondsSinceEpoch.addingReportingOverflow(Int64(step))
        return Instant(microsecondsSinceEpoch: isOver ? (step < 0 ? .min : .max) : sum)
    }
}
