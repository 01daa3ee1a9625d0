import Crypto
import TwinCore

extension CleaningRules {
    /// How long a file may be.
    public static let byteCountMax = RulesText.byteCountMax
    /// The version of the form that this build reads.
    static let formatVersion = 1
    private static let secondsMax: Double = 366 * 86_400
    private static let numberMax: Double = 1e9
    private static let sentinelCountMax = 32
    private static let pairCountMax = 64

    /// The standard rules with those of a site's file in their place.
    ///
    /// A rule of the file replaces the standard one of the same section and key, or takes it away
    /// where it says `off`.
    public init(site bytes: [UInt8]) throws(RulesError) {
        self = .standard
        let base = "\(identity.name) \(identity.version)"
        try read(bytes)
        identity.base = base
    }

    init(standardText bytes: [UInt8]) throws(RulesError) {
        self.init()
        try read(bytes)
    }

    private mutating func read(_ bytes: [UInt8]) throws(RulesError) {
        let entries = try RulesText(bytes).entries
        identity = try RulesIdentity(entries, hash: Hexadecimal.text(SHA256.hash(data: bytes)))
        for entry in entries where !entry.section.isEmpty {
            switch entry.section {
            case "every": try setEvery(entry)
            case "quality": try setQuality(entry)
            case let section where section.contains("~"): try setPair(entry)
            default: try setRule(entry)
            }
        }
    }

    private mutating func setEvery(_ entry: RulesEntry) throws(RulesError) {
        guard entry.key == "sentinel" else {
            throw entry.error(.unknownKey, "only sentinel holds for every quantity")
        }
        everySentinels = entry.value == "off" ? [] : try CleaningRules.sentinels(entry)
    }

    private static func concept(
        _ name: some StringProtocol, _ entry: RulesEntry
    ) throws(RulesError) -> Concept {
        guard let concept = Concept.named(String(name)) else {
            throw RulesError(
                .unknownSection, line: entry.line, key: entry.path,
                "\(name) is no quantity: see the list in `twinctl cleaning standard`")
        }
        return concept
    }

    private mutating func setRule(_ entry: RulesEntry) throws(RulesError) {
        let code = try CleaningRules.concept(entry.section, entry).code
        var rules = byCode[code] ?? CodeRules()
        let isOff = entry.value == "off"
        switch entry.key {
        case "range": rules.range = isOff ? nil : try CleaningRules.range(entry)
        case "sentinel": rules.ownSentinels = isOff ? [] : try CleaningRules.sentinels(entry)
        case "rate": rules.rate = isOff ? nil : try RateRule(entry)
        case "flat-line": rules.flatLine = isOff ? nil : try FlatLineRule(entry)
        case "spike": rules.spike = isOff ? nil : try SpikeRule(entry)
        default:
            throw entry.error(
                .unknownKey, "range, sentinel, rate, flat-line and spike are the rules")
        }
        byCode[code] = rules
    }

    private static func range(_ entry: RulesEntry) throws(RulesError) -> ClosedRange<Double> {
        var words = try RuleWords(entry)
        let low = try words.number("low", in: -numberMax...numberMax)
        let high = try words.number("high", in: low...numberMax)
        try words.finish()
        return low...high
    }

    private static func sentinels(_ entry: RulesEntry) throws(RulesError) -> [Double] {
        let words = entry.value.split { $0 == " " || $0 == "\t" }
        guard words.count <= sentinelCountMax else {
            throw entry.error(.tooLarge, "at most \(sentinelCountMax) numbers stand for no value")
        }
        var numbers: Set<Double> = []
        for word in words {
            let number = try RuleWords.number(
                String(word), "a sentinel", in: -numberMax...numberMax, of: entry)
            // Minus zero is zero.
            guard numbers.insert(number + 0).inserted else {
                throw entry.error(.duplicate, "\(word) comes twice: take one out")
            }
        }
        return numbers.sorted()
    }

    private mutating func setPair(_ entry: RulesEntry) throws(RulesError) {
        let names = entry.section.split(separator: "~", omittingEmptySubsequences: false).map {
            $0.filter { $0 != " " }
        }
        guard names.count == 2 else {
            throw RulesError(
                .unknownSection, line: entry.line, key: entry.path,
                "a pair is two quantities: write [sbp_art ~ sbp_nibp]")
        }
        let first = try CleaningRules.concept(names[0], entry)
        let second = try CleaningRules.concept(names[1], entry)
        guard first.unit == second.unit else {
            throw entry.error(.value, "\(first.name) and \(second.name) have different units")
        }
        guard entry.key == "disagreement" else {
            throw entry.error(.unknownKey, "disagreement is the only rule of a pair")
        }
        let known = pairs.firstIndex { $0.first == first.code && $0.second == second.code }
        if let known { pairs.remove(at: known) }
        guard entry.value != "off" else { return }
        guard pairs.count < CleaningRules.pairCountMax else {
            throw entry.error(.tooLarge, "at most \(CleaningRules.pairCountMax) pairs")
        }
        var words = try RuleWords(entry)
        let pair = PairRule(
            first: first.code, second: second.code,
            difference: try words.number("difference", in: 0...CleaningRules.numberMax),
            seconds: try words.number("seconds", in: 0...86_400))
        try words.finish()
        pairs.insert(pair, at: known ?? pairs.count)
    }

    private mutating func setQuality(_ entry: RulesEntry) throws(RulesError) {
        switch entry.key {
        case "expected":
            var groups: [[Concept]] = []
            for group in entry.value.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
                var concepts: [Concept] = []
                for name in group.split(separator: "|") {
                    concepts.append(try CleaningRules.concept(name, entry))
                }
                groups.append(concepts)
            }
            quality.expected = groups
        case "window":
            var words = try RuleWords(entry)
            quality.seconds = try words.number("seconds", in: 60...CleaningRules.secondsMax)
            try words.finish()
        default: throw entry.error(.unknownKey, "expected and window are the keys of [quality]")
        }
    }

    fileprivate static func seconds(_ words: inout RuleWords) throws(RulesError) -> Double {
        try words.number("seconds", in: 1...secondsMax)
    }
}

extension RulesIdentity {
    /// From what stands before the first section.
    fileprivate init(_ entries: [RulesEntry], hash: String) throws(RulesError) {
        var left: [String: RulesEntry] = [:]
        for entry in entries where entry.section.isEmpty { left[entry.key] = entry }
        func take(_ key: String, _ example: String) throws(RulesError) -> RulesEntry {
            guard let entry = left.removeValue(forKey: key) else {
                throw RulesError(
                    .missing, line: 0, key: key, "it is missing: begin with \(key) = \(example)")
            }
            return entry
        }
        let format = try take("format", "\(CleaningRules.formatVersion)")
        guard format.value == "\(CleaningRules.formatVersion)" else {
            throw format.error(
                .format, "this build reads form \(CleaningRules.formatVersion), not \(format.value)"
            )
        }
        let name = try take("name", "ward-7")
        guard name.value.utf8.count <= 64, name.value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw name.error(.value, "a name is up to 64 ASCII characters without space")
        }
        let version = try take("version", "1")
        guard let number = Int(version.value), (1...1_000_000).contains(number) else {
            throw version.error(.value, "'\(version.value)': a whole number from 1 is needed")
        }
        if let other = left.values.min(by: { $0.line < $1.line }) {
            throw other.error(
                .unknownKey, "it is known in a section alone: write one before, as [heart_rate]")
        }
        (self.name, self.version, self.hash) = (name.value, number, hash)
    }
}

extension RateRule {
    fileprivate init(_ entry: RulesEntry) throws(RulesError) {
        var words = try RuleWords(entry)
        self.init(
            change: try words.number("change", in: 0...1e9),
            seconds: try CleaningRules.seconds(&words),
            settle: try words.count("settle", in: 2...16), effect: try words.effect())
        try words.finish()
    }
}

extension FlatLineRule {
    fileprivate init(_ entry: RulesEntry) throws(RulesError) {
        var words = try RuleWords(entry)
        self.init(
            samples: try words.count("samples", in: 3...100_000),
            seconds: try CleaningRules.seconds(&words),
            spread: try words.number("spread", in: 0...1e9), effect: try words.effect())
        try words.finish()
    }
}

extension SpikeRule {
    fileprivate init(_ entry: RulesEntry) throws(RulesError) {
        var words = try RuleWords(entry)
        self.init(
            neighbours: try words.count("neighbours", in: 1...15),
            deviations: try words.number("deviations", in: 1...100),
            least: try words.number("least", in: 0...1e9),
            seconds: try CleaningRules.seconds(&words), effect: try words.effect())
        try words.finish()
    }
}
