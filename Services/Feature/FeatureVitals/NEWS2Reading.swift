import FeatureCore
import TwinCore

/// What a twin's timeline says of the parts of NEWS2.
///
/// Each part takes the latest of its sources; of two at the same moment the one listed first:
/// - saturation: pulse oximetry, arterial blood (whose code many systems send for both);
/// - oxygen: inspired fraction (more than 21 %) or flow (more than 0); oxygen wins a tie;
/// - systolic: unspecified, invasive, cuff;
/// - pulse: heart rate, then the pulse rates;
/// - consciousness: ACVPU as a number (0 alert), in words or letters, then the Glasgow coma scale,
///   where 15 is alert and anything less is not: NEWS2 gives new confusion 3 points, and a GCS below 15 can't exclude it.
struct NEWS2Reading {
    let score: NEWS2Score
    /// The age in seconds of each part's value, by `NEWS2.Part`; nil where there is none.
    let ages: [Double?]
    /// Which parts count as missing because their value is too old.
    let isStale: [Bool]

    /// Nil where no part was ever measured, or the patient is known to be younger than 16 years,
    /// for whom the score was not made.
    init?(timeline: Timeline, at reference: Instant, scale: NEWS2.Scale, ageSecondsMax: Double) {
        if let years = timeline.latest(Sources.age)?.number, years < 16 { return nil }
        let oxygen = timeline.latestOxygen()
        let consciousness = timeline.latestConsciousness()
        func moment(_ part: NEWS2.Part) -> Instant? {
            switch part {
            case .oxygen: oxygen?.time
            case .consciousness: consciousness?.time
            default: timeline.latest(Sources.byPart[part.rawValue])?.time
            }
        }
        let moments = NEWS2.Part.allCases.map(moment)
        guard moments.contains(where: { $0 != nil }) else { return nil }
        let ages = moments.map { $0.map { reference.seconds(since: $0) } }
        let isStale = ages.map { $0.map { $0 > ageSecondsMax } ?? false }
        let isGiven = isStale[NEWS2.Part.oxygen.rawValue] ? nil : oxygen?.isGiven
        self.ages = ages
        self.isStale = isStale
        score = NEWS2Score { part in
            guard !isStale[part.rawValue] else { return nil }
            switch part {
            case .oxygen: return isGiven.map(NEWS2.oxygen)
            case .consciousness:
                return consciousness.map { NEWS2.consciousness(isAlert: $0.isAlert) }
            default:
                return timeline.latest(Sources.byPart[part.rawValue]).flatMap {
                    NEWS2Reading.points(part, $0.number, scale: scale, onOxygen: isGiven)
                }
            }
        }
    }

    private static func points(
        _ part: NEWS2.Part, _ number: Double, scale: NEWS2.Scale, onOxygen: Bool?
    ) -> Int? {
        switch part {
        case .respiration: NEWS2.respiration(perMinute: number)
        case .saturation: NEWS2.saturation(percent: number, scale: scale, onOxygen: onOxygen)
        case .systolic: NEWS2.systolic(mmHg: number)
        case .pulse: NEWS2.pulse(perMinute: number)
        case .temperature: NEWS2.temperature(celsius: number)
        case .oxygen, .consciousness: nil
        }
    }
}

/// The codes that the parts are read from, in order of precedence at the same moment.
private enum Sources {
    static let age = codes("age")
    static let inspiredFraction = codes("fio2")
    static let oxygenFlow = codes("o2_flow")
    static let consciousness = codes("avpu")
    static let comaScale = codes("gcs")
    /// By `NEWS2.Part`; empty where a part is not one number.
    static let byPart: [[Code]] = NEWS2.Part.allCases.map { part in
        switch part {
        case .respiration: codes("resp_rate")
        case .saturation: codes("spo2", "sao2")
        case .systolic: codes("sbp", "sbp_art", "sbp_nibp")
        case .pulse:
            codes("heart_rate", "pulse_rate_spo2", "pulse_rate_nibp", "pulse_rate_invasive")
        case .temperature: codes("body_temp")
        case .oxygen, .consciousness: []
        }
    }

    private static func codes(_ names: String...) -> [Code] {
        names.compactMap { Concept.named($0)?.code }
    }
}

extension Timeline {
    fileprivate func latest(_ codes: [Code]) -> (time: Instant, number: Double)? {
        var found: (time: Instant, number: Double)?
        for code in codes {
            guard let series = series(of: code), !series.seen.isEmpty, let time = series.times.last,
                let number = series.numbers.last, found.map({ $0.time < time }) ?? true
            else { continue }
            found = (time, number)
        }
        return found
    }

    fileprivate func latestOxygen() -> (time: Instant, isGiven: Bool)? {
        let fraction = latest(Sources.inspiredFraction).map {
            (time: $0.time, isGiven: NEWS2.rounded($0.number) > 21)
        }
        let flow = latest(Sources.oxygenFlow).map { (time: $0.time, isGiven: $0.number > 0) }
        guard let fraction, let flow else { return fraction ?? flow }
        if fraction.time == flow.time { return (flow.time, fraction.isGiven || flow.isGiven) }
        return fraction.time < flow.time ? flow : fraction
    }

    fileprivate func latestConsciousness() -> (time: Instant, isAlert: Bool)? {
        let level = latest(Sources.consciousness).map { (time: $0.time, isAlert: $0.number == 0) }
        let words = Sources.consciousness.compactMap { series(of: $0)?.lastText }.compactMap {
            text in isAlert(text.text).map { (time: text.time, isAlert: $0) }
        }.first
        let scale = latest(Sources.comaScale).map { (time: $0.time, isAlert: $0.number >= 15) }
        var found = level
        for candidate in [words, scale].compactMap(\.self)
        where found.map({ $0.time < candidate.time }) ?? true {
            found = candidate
        }
        return found
    }
}

/// What a level of response says; nil where it is no known word.
private func isAlert(_ text: String) -> Bool? {
    // HL7 sends code and text as components.
    switch text.split(separator: "^").first?.lowercased() {
    case "a", "alert": true
    case "c", "confusion", "new confusion", "confused", "v", "voice", "verbal", "p", "pain", "u",
        "unresponsive":
        false
    default: nil
    }
}
