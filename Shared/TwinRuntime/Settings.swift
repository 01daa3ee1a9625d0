import Configuration
import Foundation
import SystemPackage

/// One thing that can be set, by flag, environment or file.
public struct Setting: Sendable {
    /// Dotted: `store.address` is `--store-address`, `TWINLINE_STORE_ADDRESS`, and
    /// `{"store": {"address": …}}` in the file.
    public let key: String
    /// What holds where nothing is set; nil where it must be set.
    public let standard: String?
    /// One line for `--help`.
    public let help: String

    public init(_ key: String, standard: String?, help: String) {
        self.key = key
        self.standard = standard
        self.help = help
    }

    var flag: String { "--" + key.replacing(".", with: "-") }
    var variable: String { "TWINLINE_" + key.uppercased().replacing(".", with: "_") }
}

/// What was set can't be used.
public struct SettingsError: Error, CustomStringConvertible, Sendable {
    /// What is wrong and what to do about it.
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// A service can't open now, and may be able to later.
public struct OpeningError: Error, CustomStringConvertible, Sendable {
    /// What is in the way and what to do about it.
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// A service's configuration: flags go before the environment, that before the file.
///
/// A key that the service does not know is refused, so that a slip of the pen is not silence.
public struct Settings: Sendable {
    private let reader: ConfigReader
    private let known: [String: Setting]

    /// Reads `--config FILE` (JSON), the environment and the flags.
    public init(
        _ settings: [Setting], arguments: [String] = CommandLine.arguments,
        environment: [String: String]
    ) async throws(SettingsError) {
        known = Dictionary(uniqueKeysWithValues: settings.map { ($0.key, $0) })
        try Settings.refuseUnknownFlags(arguments, settings)
        let own = environment.filter { variable, _ in
            settings.contains { $0.variable == variable }
        }
        var providers: [any ConfigProvider] = [
            CommandLineArgumentsProvider(arguments: arguments),
            EnvironmentVariablesProvider(environmentVariables: own).prefixKeys(with: "twinline"),
        ]
        if let path = try Settings.configurationPath(arguments, environment) {
            try Settings.refuseUnknownKeys(path, settings)
            do {
                providers.append(try await FileProvider<JSONSnapshot>(filePath: FilePath(path)))
            } catch {
                throw SettingsError("\(path) can't be read as JSON: \(error)")
            }
        }
        reader = ConfigReader(providers: providers)
    }

    /// The text of a known key.
    public func text(_ key: String) throws(SettingsError) -> String {
        guard let setting = known[key] else { preconditionFailure("\(key) was not declared") }
        if let value = reader.string(forKey: ConfigKey(key)) { return value }
        // A file may hold a number where others hold text.
        if let value = reader.int(forKey: ConfigKey(key)) { return String(value) }
        guard let standard = setting.standard else {
            throw SettingsError("\(key) is not set: give \(setting.flag) or \(setting.variable)")
        }
        return standard
    }

    /// The text of a known key; nil where it is empty.
    public func optionalText(_ key: String) throws(SettingsError) -> String? {
        let value = try text(key)
        return value.isEmpty ? nil : value
    }

    /// The folder of a known key, made where it is not there.
    ///
    /// A disk may come late, so this is no fault of the configuration.
    public func folder(_ key: String) throws -> String {
        let path = try text(key)
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw OpeningError(
                "the folder \(path) can't be made: make it for this user, or set \(key)")
        }
        return path
    }

    /// The whole number of a known key, refused outside its range.
    public func number(_ key: String, in range: ClosedRange<Int>) throws(SettingsError) -> Int {
        let value = try text(key)
        guard let number = Int(value), range.contains(number) else {
            throw SettingsError(
                "\(key) is '\(value)': a whole number from \(range.lowerBound) to "
                    + "\(range.upperBound) is needed")
        }
        return number
    }

    private static func configurationPath(
        _ arguments: [String], _ environment: [String: String]
    ) throws(SettingsError) -> String? {
        for (index, argument) in arguments.enumerated() {
            if argument.hasPrefix("--config=") { return String(argument.dropFirst(9)) }
            guard argument == "--config" else { continue }
            guard index + 1 < arguments.count else {
                throw SettingsError("--config needs the path of a JSON file")
            }
            return arguments[index + 1]
        }
        return environment["TWINLINE_CONFIG"]
    }

    private static func refuseUnknownFlags(
        _ arguments: [String], _ settings: [Setting]
    ) throws(SettingsError) {
        let flags = Set(settings.map(\.flag) + ["--config"])
        for argument in arguments.dropFirst() where argument.hasPrefix("-") {
            let flag = argument.split(separator: "=", maxSplits: 1).first.map(String.init) ?? ""
            guard flags.contains(flag) else {
                throw SettingsError("\(flag) is not known here; --help lists the flags")
            }
        }
    }

    private static func refuseUnknownKeys(
        _ path: String, _ settings: [Setting]
    ) throws(SettingsError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError("\(path) can't be read: does it exist, may this user read it?")
        }
        guard let tree = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw SettingsError("\(path) is not a JSON object")
        }
        let keys = Set(settings.map(\.key))
        for key in leaves(tree, "") where !keys.contains(key) {
            throw SettingsError(
                "\(path) sets \(key), which is not known here; --help lists the keys")
        }
    }

    private static func leaves(_ tree: [String: Any], _ prefix: String) -> [String] {
        tree.flatMap { key, value in
            (value as? [String: Any]).map { leaves($0, prefix + key + ".") } ?? [prefix + key]
        }.sorted()
    }
}
