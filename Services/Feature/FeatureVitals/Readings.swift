import FeatureCore
import TwinCore

/// The newest usable values of one twin, of every quantity and source.
///
/// Two of them are made of several: `urine_24h`, the amount of the last 24 hours, and
/// `fio2_of_pao2`, the inspired fraction at the time of the blood gas.
struct Readings {
    private(set) var inputs: [ScoreInput] = []
    /// The places among `inputs` of what a quantity has, newest first.
    private(set) var places: [String: [Int]] = [:]

    /// `rules` are those of each of ``Concept/all``.
    init(_ timeline: Timeline, at reference: Instant, _ rules: [[Freshness.Rule]]) {
        for (concept, rules) in zip(Concept.all, rules) {
            guard let series = timeline.series(of: concept.code) else { continue }
            for newest in series.newestBySource { add(newest, concept, rules) }
            if concept.name == "avpu" { addWords(of: series, concept, rules) }
        }
        addUrine(timeline, reference)
        addFraction(timeline)
    }

    /// What there is of a quantity, the newest first.
    func inputs(of concept: Concept) -> [ScoreInput] {
        (places[concept.name] ?? []).map { inputs[$0] }
    }

    func has(_ quantities: [String]) -> Bool { quantities.contains { places[$0] != nil } }

    /// The newest value of what never expires.
    func constant(_ quantity: String) -> Double? {
        places[quantity]?.first.map { inputs[$0].number }
    }

    private mutating func add(
        _ newest: NewestNumber, _ concept: Concept, _ rules: [Freshness.Rule]
    ) {
        let seconds = Freshness.seconds(
            by: rules, of: newest.source, gapSeconds: newest.gapSeconds)
        add(
            ScoreInput(
                code: concept.code, number: newest.number, unit: concept.unit,
                eventTime: newest.time, source: newest.source, flags: newest.flags,
                expiresAt: seconds.map { newest.time.adding(seconds: $0) }), as: concept.name)
    }

    private mutating func add(_ input: ScoreInput, as name: String) {
        let later = places[name, default: []].firstIndex { inputs[$0].eventTime < input.eventTime }
        let end = places[name]?.count ?? 0
        places[name, default: []].insert(inputs.count, at: later ?? end)
        inputs.append(input)
    }

    private mutating func addWords(
        of series: Series, _ concept: Concept, _ rules: [Freshness.Rule]
    ) {
        guard let last = series.lastText, let level = ACVPU.level(of: last.text) else { return }
        let seconds = Freshness.seconds(by: rules, of: last.source, gapSeconds: nil)
        add(
            ScoreInput(
                code: concept.code, number: level, unit: concept.unit, eventTime: last.time,
                source: last.source, flags: last.flags,
                expiresAt: seconds.map { last.time.adding(seconds: $0) }), as: concept.name)
    }

    /// Amounts since the one before add up; the sum is whole once the first of them is a day old.
    private mutating func addUrine(_ timeline: Timeline, _ reference: Instant) {
        guard let concept = Concept.named("urine_output"),
            let place = places[concept.name]?.first,
            let series = timeline.series(of: concept.code)
        else { return }
        let start = reference.adding(seconds: -86_400)
        var input = inputs[place]
        input.number = series.seen.reversed().prefix { series.times[$0] > start }
            .reduce(0) { $0 + series.numbers[$1] }
        guard input.number.isFinite else { return }
        input.unit = "mL/(24.h)"
        let isWhole = series.seen.first.map { series.times[$0] <= start } ?? false
        if !isWhole { input.flags.insert(.incomplete) }
        add(input, as: "urine_24h")
    }

    /// The fraction that was breathed when the blood was taken, or a quarter of an hour after.
    private mutating func addFraction(_ timeline: Timeline) {
        guard let gas = places["pao2"]?.first.map({ inputs[$0] }) else { return }
        let close = gas.eventTime.adding(seconds: 900)
        func newest(_ name: String) -> (concept: Concept, value: NewestNumber)? {
            guard let concept = Concept.named(name),
                let value = timeline.series(of: concept.code)?.newest(upTo: close),
                gas.eventTime.seconds(since: value.time) <= 43_200
            else { return nil }
            return (concept, value)
        }
        let fraction = newest("fio2")
        let air = newest("o2_flow").flatMap { $0.value.number == 0 ? $0 : nil }
        guard let (concept, value) = fraction ?? air else { return }
        add(
            ScoreInput(
                code: concept.code, number: value.number, unit: concept.unit,
                eventTime: value.time, source: value.source, flags: value.flags,
                expiresAt: gas.expiresAt), as: "fio2_of_pao2")
    }
}

/// What is valid of the readings at one moment, and what of it is used.
struct Lookup {
    let readings: Readings
    let time: Instant
    private(set) var used: [Int] = []

    init(_ readings: Readings, at time: Instant) {
        self.readings = readings
        self.time = time
    }

    /// The newest valid value of a quantity.
    func peek(_ quantity: String) -> (place: Int, input: ScoreInput)? {
        guard let places = readings.places[quantity] else { return nil }
        for place in places where !readings.inputs[place].isStale(at: time) {
            return (place, readings.inputs[place])
        }
        return nil
    }

    /// Whether a quantity was measured and is not valid any more.
    func isExpired(_ quantity: String) -> Bool {
        readings.places[quantity] != nil && peek(quantity) == nil
    }

    mutating func use(_ place: Int) {
        if !used.contains(place) { used.append(place) }
    }

    /// The newest valid value of these quantities, which is used; of two of one moment that of the
    /// first listed.
    mutating func latest(_ quantities: String...) -> ScoreInput? { latest(of: quantities) }

    mutating func latest(of quantities: [String]) -> ScoreInput? {
        var found: (place: Int, input: ScoreInput)?
        for quantity in quantities {
            guard let candidate = peek(quantity) else { continue }
            if found.map({ $0.input.eventTime < candidate.input.eventTime }) ?? true {
                found = candidate
            }
        }
        guard let found else { return nil }
        use(found.place)
        return found.input
    }
}

// What several scores read in the same way.
extension Lookup {
    mutating func respiration() -> Double? { latest("resp_rate")?.number }

    /// Unspecified, invasive, cuff.
    mutating func systolic() -> Double? { latest(of: ScoreDefinition.systolic)?.number }

    mutating func pulse() -> Double? {
        latest(of: ScoreDefinition.pulse)?.number
    }

    /// Whether oxygen is given: a fraction above 21 % or a flow; of two of one moment oxygen wins.
    mutating func isOnOxygen() -> Bool? {
        let fraction = peek("fio2").map {
            (found: $0, isGiven: NEWS2.rounded($0.input.number) > 21)
        }
        let flow = peek("o2_flow").map { (found: $0, isGiven: $0.input.number > 0) }
        guard let one = fraction, let other = flow else {
            if let only = fraction ?? flow { use(only.found.place) }
            return fraction?.isGiven ?? flow?.isGiven
        }
        let (first, second) = (one.found.input.eventTime, other.found.input.eventTime)
        if first == second {
            use(one.isGiven || !other.isGiven ? one.found.place : other.found.place)
            return one.isGiven || other.isGiven
        }
        use(first < second ? other.found.place : one.found.place)
        return first < second ? other.isGiven : one.isGiven
    }

    /// The level of response or coma scale that is newest; of two of one moment the level.
    mutating func consciousness() -> (number: Double, isScale: Bool)? {
        latest("avpu", "gcs").map { ($0.number, $0.code == Concept.named("gcs")?.code) }
    }

    /// Whether the patient is alert: by ACVPU (level 0) or a Glasgow coma scale of 15.
    mutating func isAlert() -> Bool? {
        consciousness().map { $0.isScale ? $0.number >= 15 : $0.number == 0 }
    }

    /// The fraction of oxygen breathed now, 0.15 to 1; without a flow it is room air.
    mutating func inspiredFraction() -> Double? {
        let flow = peek("o2_flow")
        let isAir = flow.map { $0.input.number == 0 } ?? false
        if let fraction = peek("fio2") {
            let isOlder = flow.map { fraction.input.eventTime < $0.input.eventTime } ?? false
            if !(isAir && isOlder) {
                use(fraction.place)
                return fraction.input.number / 100
            }
        }
        guard isAir, let flow else { return nil }
        use(flow.place)
        return 0.21
    }
}

/// Levels of response.
enum ACVPU {
    /// From alert (0), new confusion (1), voice (2) and pain (3) to unresponsive (4); nil where it
    /// is no known word.
    static func level(of text: String) -> Double? {
        // HL7 sends code and text as components.
        switch text.split(separator: "^").first?.lowercased() {
        case "a", "alert": 0
        case "c", "confusion", "new confusion", "confused": 1
        case "v", "voice", "verbal": 2
        case "p", "pain": 3
        case "u", "unresponsive": 4
        default: nil
        }
    }
}
