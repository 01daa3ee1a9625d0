/// One line `key = value` of a file of rules.
struct RulesEntry {
    var line: Int
    /// Empty before the first section.
    var section: String
    var key: String
    var value: String

    /// As errors name it.
    var path: String { section.isEmpty ? key : "\(section).\(key)" }

    func error(_ reason: RulesError.Reason, _ detail: String) -> RulesError {
        RulesError(reason, line: line, key: path, detail)
    }
}

/// A file of rules as its lines say it, within bounds: what they mean is for others.
struct RulesText {
    static let byteCountMax = 256 << 10
    static let lineCountMax = 4096
    static let lineByteCountMax = 1024

    private(set) var entries: [RulesEntry] = []

    init(_ bytes: [UInt8]) throws(RulesError) {
        guard bytes.count <= RulesText.byteCountMax else {
            throw RulesError(
                .tooLarge, line: 0, key: "",
                "\(bytes.count) bytes: a file of rules has at most \(RulesText.byteCountMax)")
        }
        var section = ""
        var sections: Set<String> = []
        var keys: Set<String> = []
        let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
        guard lines.count <= RulesText.lineCountMax else {
            throw RulesError(
                .tooLarge, line: RulesText.lineCountMax + 1, key: "",
                "a file of rules has at most \(RulesText.lineCountMax) lines")
        }
        for (index, bytes) in lines.enumerated() {
            let text = try RulesText.text(bytes, line: index + 1)
            guard !text.isEmpty else { continue }
            if text.hasPrefix("[") {
                section = try RulesText.section(text, line: index + 1)
                guard sections.insert(section).inserted else {
                    throw RulesError(
                        .duplicate, line: index + 1, key: section,
                        "the section comes twice: put its rules together")
                }
                continue
            }
            let entry = try RulesText.entry(text, section, line: index + 1)
            guard keys.insert(entry.path).inserted else {
                throw entry.error(.duplicate, "it is set twice: take one line out")
            }
            entries.append(entry)
        }
    }

    /// What a line says, without remark and space around.
    private static func text(
        _ bytes: ArraySlice<UInt8>, line: Int
    ) throws(RulesError) -> String {
        guard bytes.count <= lineByteCountMax else {
            throw RulesError(
                .tooLarge, line: line, key: "", "a line has at most \(lineByteCountMax) bytes")
        }
        let bare = bytes.last == 13 ? bytes.dropLast() : bytes
        guard bare.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 9 }),
            let text = String(validating: bare, as: UTF8.self)
        else {
            throw RulesError(
                .notText, line: line, key: "", "not plain UTF-8 text: save the file as UTF-8")
        }
        return trimmed(text.prefix { $0 != "#" })
    }

    private static func section(_ text: String, line: Int) throws(RulesError) -> String {
        guard text.hasSuffix("]"), text.count > 2 else {
            throw RulesError(
                .syntax, line: line, key: "", "'\(text)' is no section: write [heart_rate]")
        }
        let name = text.dropFirst().dropLast().split { $0 == " " || $0 == "\t" }
        return name.joined(separator: text.contains("~") ? "" : " ")
    }

    private static func entry(
        _ text: String, _ section: String, line: Int
    ) throws(RulesError) -> RulesEntry {
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let key = halves.first.map(trimmed) ?? ""
        let value = halves.count == 2 ? trimmed(halves[1]) : ""
        guard !key.isEmpty, !value.isEmpty else {
            throw RulesError(
                .syntax, line: line, key: section,
                "'\(text)' is no rule: write key = value, as in range = low 10, high 350")
        }
        return RulesEntry(line: line, section: section, key: key, value: value)
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let words = text.drop { $0 == " " || $0 == "\t" }
        let end = words.lastIndex { $0 != " " && $0 != "\t" }
        return end.map { String(words[...$0]) } ?? ""
    }
}

/// The words of one rule: `change 60, seconds 60, effect note`.
struct RuleWords {
    private let entry: RulesEntry
    private var words: [String: String] = [:]

    init(_ entry: RulesEntry) throws(RulesError) {
        self.entry = entry
        for part in entry.value.split(separator: ",", omittingEmptySubsequences: false) {
            let words = part.split { $0 == " " || $0 == "\t" }
            guard words.count == 2 else {
                throw entry.error(
                    .syntax, "'\(part)' is not a word and a value: write them as in seconds 60")
            }
            guard self.words.updateValue(String(words[1]), forKey: String(words[0])) == nil else {
                throw entry.error(.duplicate, "\(words[0]) comes twice: take one out")
            }
        }
    }

    mutating func number(
        _ word: String, in bounds: ClosedRange<Double>
    ) throws(RulesError) -> Double {
        guard let text = words.removeValue(forKey: word) else {
            throw entry.error(
                .missing, "\(word) is missing: add it, as in \(word) \(bounds.lowerBound.words)")
        }
        return try RuleWords.number(text, word, in: bounds, of: entry)
    }

    mutating func count(_ word: String, in bounds: ClosedRange<Int>) throws(RulesError) -> Int {
        let number = try number(
            word, in: Double(bounds.lowerBound)...Double(bounds.upperBound))
        guard let count = Int(exactly: number) else {
            throw entry.error(.value, "\(word) is '\(number.words)': a whole number is needed")
        }
        return count
    }

    mutating func effect() throws(RulesError) -> RuleEffect {
        guard let text = words.removeValue(forKey: "effect") else {
            throw entry.error(.missing, "effect is missing: add effect note or effect exclude")
        }
        guard let effect = RuleEffect(rawValue: text) else {
            throw entry.error(.value, "effect is '\(text)': note or exclude is needed")
        }
        return effect
    }

    /// Throws where a word is left that nobody asked for.
    func finish() throws(RulesError) {
        guard let left = words.keys.min() else { return }
        throw entry.error(.unknownWord, "\(left) is no word of this rule: take it out")
    }

    static func number(
        _ text: String, _ word: String, in bounds: ClosedRange<Double>, of entry: RulesEntry
    ) throws(RulesError) -> Double {
        // What Double reads beyond decimals (hexadecimal, nan) is no number of a rule.
        guard text.utf8.allSatisfy({ "0123456789.-+e".utf8.contains($0) }),
            let number = Double(text), bounds.contains(number)
        else {
            throw entry.error(
                .value,
                "\(word) is '\(text)': a number from \(bounds.lowerBound.words) to "
                    + "\(bounds.upperBound.words) is needed")
        }
        return number
    }
}

extension Double {
    /// As people write it: 60 and not 60.0, at most three places.
    var words: String {
        let tidy = magnitude < 1e12 ? (self * 1000).rounded() / 1000 : self
        return tidy == tidy.rounded() && magnitude < 1e15 ? "\(Int64(tidy))" : "\(tidy)"
    }
}
