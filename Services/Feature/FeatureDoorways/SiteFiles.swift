public import FeatureVitals
import Foundation
public import TwinRuntime

/// What a site decides of the scores, read from its settings and files.
public enum SiteFiles {
    static let byteCountMax = 1 << 20

    public static let settings = [
        Setting(
            "news2.scale", standard: "1",
            help: "The SpO2 scale of NEWS2 (1 or 2) where none is ordered for the patient."),
        Setting(
            "freshness", standard: "",
            help: "A JSON file that says how long values stay valid; before the house's own."),
        Setting("pews", standard: "off", help: "on makes PEWS for children, of pews.table."),
        Setting(
            "pews.table", standard: "",
            help: "A JSON file with the PEWS of this site; there is no default."),
    ]

    public static func site(_ settings: Settings) throws(SettingsError) -> ScoreSite {
        var site = ScoreSite()
        let scale = try settings.number("news2.scale", in: 1...2)
        site.scale = scale == 2 ? .two : .one
        if let path = try settings.optionalText("freshness") {
            let own: Freshness = try read(
                path, "freshness",
                keys: ["note", "rules", "quantity", "source", "seconds", "continuousSeconds"])
            site.freshness = try using(path, "freshness") { () throws(ScoreTableError) in
                try Freshness.site(own)
            }
        }
        site.paediatric = try paediatricTable(settings)
        return site
    }

    private static func paediatricTable(
        _ settings: Settings
    ) throws(SettingsError) -> PaediatricTable? {
        let word = try settings.text("pews")
        guard word == "on" || word == "off" else {
            throw SettingsError("pews is '\(word)': on or off")
        }
        guard let path = try settings.optionalText("pews.table") else {
            if word == "off" { return nil }
            throw SettingsError(
                "pews is on and pews.table is not set: the tables of that name differ, so that "
                    + "Twinline has no default; give the JSON file of the one that your site uses")
        }
        let table: PaediatricTable = try read(
            path, "pews.table",
            keys: [
                "version", "ageBands", "bands", "name", "fromYears", "toYears", "parts",
                "quantities", "steps", "below", "points", "from",
            ])
        return try using(path, "pews.table") { () throws(ScoreTableError) in
            try table.checked()
        }
    }

    private static func using<Value>(
        _ path: String, _ key: String, _ body: () throws(ScoreTableError) -> Value
    ) throws(SettingsError) -> Value {
        do {
            return try body()
        } catch {
            throw SettingsError("\(key), \(path): \(error)")
        }
    }

    /// A file of these keys alone, so that a slip of the pen is not silence.
    private static func read<Value: Decodable>(
        _ path: String, _ key: String, keys: Set<String>
    ) throws(SettingsError) -> Value {
        let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        guard (size ?? 0) <= byteCountMax else {
            throw SettingsError("\(key), \(path): more than \(byteCountMax) bytes")
        }
        guard size != nil, let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError(
                "\(key), \(path): can't be read: does it exist, may this user read it?")
        }
        guard let tree = try? JSONSerialization.jsonObject(with: data) else {
            throw SettingsError("\(key), \(path): is no JSON")
        }
        if let stranger = strangers(in: tree, keys).min() {
            throw SettingsError("\(key), \(path): '\(stranger)' is not known here")
        }
        do {
            return try JSONDecoder().decode(Value.self, from: data)
        } catch {
            throw SettingsError("\(key), \(path): \(words(of: error))")
        }
    }

    private static func strangers(in tree: Any, _ known: Set<String>) -> [String] {
        if let object = tree as? [String: Any] {
            return object.flatMap { key, value in
                (known.contains(key) ? [] : [key]) + strangers(in: value, known)
            }
        }
        return (tree as? [Any])?.flatMap { strangers(in: $0, known) } ?? []
    }

    private static func words(of error: any Error) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.map { $0.intValue.map { "\($0 + 1)" } ?? $0.stringValue }.joined(separator: ".")
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            return "\(place(context.codingPath + [key])) is missing"
        case DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            return "\(place(context.codingPath)) is not what it should be"
        default: return "\(error)"
        }
    }
}
