public import FeatureCore
public import FeatureVitals
import FeatureWaveform

/// The list of extractors: the only file that names them all.
public enum FeatureRoster {
    public static var all: [any Extractor] { all(of: ScoreSite()) }

    /// As a site wants them.
    public static func all(of site: ScoreSite) -> [any Extractor] {
        [
            JoinedExtractor([VitalsExtractor(site: site), WaveformExtractor()])
        ]
    }
}
