public import FeatureCore
public import FeatureVitals
import FeatureWaveform
public import TwinCleaning

/// The list of extractors: the only file that names them all.
public enum FeatureRoster {
    public static var all: [any Extractor] { all(of: ScoreSite(), rules: .standard) }

    /// As a site wants them, cleaning by its rules.
    public static func all(of site: ScoreSite, rules: CleaningRules) -> [any Extractor] {
        [
            JoinedExtractor([VitalsExtractor(site: site, rules: rules), WaveformExtractor()])
        ]
    }
}
