import FeatureCore
import TwinCore

/// The simplest extractor: how many usable numbers a code has, and their sum.
struct CountingExtractor: Extractor {
    let modality = Modality.vitals
    let version = "counting-1"
    static let code = Code.loinc("8867-4")

    func reads(_ code: Code) -> Bool { code == CountingExtractor.code }

    func features(of timeline: Timeline, at revision: Revision) -> FeatureSet {
        var features: [Feature] = []
        if let series = timeline.series(of: CountingExtractor.code), !series.seen.isEmpty {
            let numbers = series.numbers[series.seen]
            features = [
                Feature(name: "count", value: Double(numbers.count), unit: "1"),
                Feature(name: "sum", value: numbers.reduce(0, +), unit: "/min"),
            ]
        }
        return FeatureSet(
            modality: modality, version: version, revision: revision,
            referenceTime: timeline.referenceTime, features: features)
    }
}

/// Fills a gap with zero, as no extractor may.
struct ZeroFillingExtractor: Extractor {
    let modality = Modality.vitals
    let version = "zero-1"

    func reads(_ code: Code) -> Bool { CountingExtractor().reads(code) }

    func features(of timeline: Timeline, at revision: Revision) -> FeatureSet {
        var set = CountingExtractor().features(of: timeline, at: revision)
        set.version = version
        if set.features.isEmpty { set.features = [Feature(name: "count", value: 0, unit: "1")] }
        return set
    }
}

func twin(_ name: String) throws -> TwinID {
    guard let twin = TwinID("TEST|\(name)") else { throw Refusal(.noPatient, name) }
    return twin
}

/// A heart rate `minute` minutes after the start.
func heartRate(
    _ number: Double, minute: Int64, of twin: TwinID, source: String = "monitor",
    flags: QualityFlags = []
) -> Observation {
    let time = Instant(microsecondsSinceEpoch: 1_768_000_000_000_000).adding(seconds: minute * 60)
    return Observation(
        twin: twin, code: CountingExtractor.code, value: .number(number), unit: "/min",
        eventTime: time, receiveTime: time, source: source, flags: flags)
}
