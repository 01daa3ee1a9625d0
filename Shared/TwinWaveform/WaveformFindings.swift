public import TwinCore

extension Waveform {
    /// What its samples show on their own: nothing measured, nothing moving, or an end of the scale.
    public var findings: QualityFlags {
        guard let first = samples.first(where: { $0 != Waveform.missing }) else {
            return .noResult
        }
        var (low, high) = (first, first)
        for sample in samples where sample != Waveform.missing {
            low = min(low, sample)
            high = max(high, sample)
        }
        if low == high { return samples.count > 1 ? .flatLine : [] }
        return clippedCount(low, high) * 50 > samples.count ? .clipped : []
    }

    /// How many samples lie in runs at the highest or the lowest value: a living signal turns there.
    private func clippedCount(_ low: Int32, _ high: Int32) -> Int {
        let long = max(3, Int(min(1e6, 0.02 * samplesPerSecond)))
        var (clipped, run) = (0, 0)
        var last = Waveform.missing
        for sample in samples {
            let isEnd = sample == high || sample == low
            run = isEnd ? (sample == last ? run + 1 : 1) : 0
            if run == long { clipped += long } else if run > long { clipped += 1 }
            last = sample
        }
        return clipped
    }
}

extension WaveformBlock {
    /// A waveform as a block that can travel; nil where it is too long for one.
    public init?(_ waveform: Waveform, startedAt: Instant) {
        guard !waveform.samples.isEmpty else { return nil }
        self.init(WaveformArchive(waveform, startedAt: startedAt).bytes)
    }
}
