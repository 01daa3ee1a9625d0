public import FeatureCore
import FeatureVitals
import FeatureWaveform

/// The list of extractors: the only file that names them all.
public enum FeatureRoster {
    public static var all: [any Extractor] {
        [
            JoinedExtractor([VitalsExtractor(), WaveformExtractor()])
        ]
    }
}
