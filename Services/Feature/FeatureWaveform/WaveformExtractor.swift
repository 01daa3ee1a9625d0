public import FeatureCore
public import TwinCore
import TwinWaveform

/// Features of the last five minutes of a twin's waveforms.
///
/// Of the best ECG lead `ecg.…`: rate, quality, ectopy, irregularity, heart rate variability of
/// normal beats alone, respiration. Of a pulse `pleth.…`: rate, quality, respiration. Of an
/// arterial line `abp.…`: pressures and what breathing does to them.
public struct WaveformExtractor: Extractor {
    public let modality = Modality.vitals
    public let version = "waveform-1"
    /// How many leads are looked at to find the best.
    private static let leadCountMax = 4

    public init() {}

    public var catalogue: FeatureCatalogue? {
        let pulse = [
            "pulse_rate": "/min", "quality": "1", "resp_rate": "/min", "resp_quality": "1",
        ]
        let pressure = [
            "sbp": "mm[Hg]", "dbp": "mm[Hg]", "map": "mm[Hg]", "pulse_pressure": "mm[Hg]",
            "pulse_pressure_variation": "%",
        ]
        let rhythm = [
            "quality": "1", "missing_share": "1", "flat_share": "1", "window_s": "s",
            "beat_count": "1", "heart_rate": "/min", "rr_irregularity": "1", "ectopic_share": "1",
            "ectopic_count": "1", "nn_count": "1", "nn_share": "1", "nn_mean": "ms", "sdnn": "ms",
            "rmssd": "ms", "sdsd": "ms", "pnn50": "%", "vlf": "ms2", "lf": "ms2", "hf": "ms2",
            "lf_hf": "1", "lf_nu": "%", "resp_rate": "/min", "resp_quality": "1",
        ]
        var units: [String: String] = [:]
        for (family, names) in [
            ("ecg", rhythm), ("pleth", pulse), ("abp", pulse), ("abp", pressure),
        ] {
            for (name, unit) in names { units["\(family).\(name)"] = unit }
        }
        return FeatureCatalogue(units: units)
    }

    /// Only waveforms are read.
    public func reads(_ code: Code) -> Bool { false }

    public func readsWaveform(_ code: Code) -> Bool { WaveformKind.reads(code) }

    public func features(of timeline: Timeline, at revision: Revision) -> FeatureSet {
        var features: [Feature] = []
        let tracks = timeline.waveforms
        func windows(_ kind: WaveformKind, _ countMax: Int) -> [SignalWindow] {
            var windows: [SignalWindow] = []
            for track in tracks where windows.count < countMax && WaveformKind(track.code) == kind {
                if let window = SignalWindow(track) { windows.append(window) }
            }
            return windows
        }
        if let pressure = windows(.arterialPressure, 1).first {
            features += PressureFeatures.features(of: pressure)
        }
        let leads = windows(.electrocardiogram, WaveformExtractor.leadCountMax)
        features += RhythmFeatures.features(ofBestOf: leads)
        if let pulse = windows(.plethysmogram, 1).first {
            features += PulseFeatures.features(of: pulse)
        }
        return FeatureSet(
            modality: modality, version: version, revision: revision,
            referenceTime: timeline.referenceTime, features: features.sorted { $0.name < $1.name })
    }
}
