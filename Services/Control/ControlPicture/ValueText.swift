public import TwinCore

/// A value and its name, as people read them.
public enum ValueText {
    /// What the code is called; the code itself where nobody knows.
    public static func name(_ code: Code) -> String {
        switch Statement(code) {
        case .encounterStatus: "Stay"
        case .location: "Place"
        case .survivor: "Goes on as"
        case nil:
            switch Concept.of(code) {
            case let concept? where concept.name == "sex": "Sex"
            case let concept?: concept.display
            case nil: code.description
            }
        }
    }

    /// How much, with its comparator and unit, or in words.
    public static func words(_ observation: Observation, digits: Int = 5) -> String {
        switch observation.value {
        case .number(let number):
            if let word = word(number, Concept.of(observation.code)?.name) { return word }
            let comparator =
                observation.comparator == .equal ? "" : observation.comparator.symbol
            let text = Figure.short(number, digits: digits)
            return "\(comparator)\(text)"
                + (observation.unit.isEmpty ? "" : " \(observation.unit)")
        case .text(let text): return text
        case .waveform(let block): return "waveform, \(block.bytes.count) bytes"
        case .absent: return "not measured"
        }
    }

    /// The word that a number stands for; nil where it is a quantity.
    private static func word(_ number: Double, _ concept: String?) -> String? {
        let words: [String]
        switch concept {
        case "avpu": words = ["alert", "confused", "voice", "pain", "unresponsive"]
        case "sex": words = ["female", "male"]
        default: return nil
        }
        guard let index = Int(exactly: number), words.indices.contains(index) else { return nil }
        return words[index]
    }
}
