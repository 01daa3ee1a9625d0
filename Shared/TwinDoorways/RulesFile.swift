import Foundation
public import TwinCleaning
public import TwinRuntime

extension Setting {
    /// A site's own rules of cleaning.
    public static let rules = Setting(
        "rules", standard: "",
        help: "A file of rules of cleaning that replace the standard ones; see twinctl cleaning.")
}

extension CleaningRules {
    /// The standard rules, or those of the file that ``Setting/rules`` names.
    public init(_ settings: Settings) throws(SettingsError) {
        guard let path = try settings.optionalText("rules") else {
            self = .standard
            return
        }
        try self.init(file: path)
    }

    /// Those of a file.
    public init(file path: String) throws(SettingsError) {
        // One byte more than is taken, so that a file that is too long is told to be.
        guard let file = FileHandle(forReadingAtPath: path),
            let bytes = try? file.read(upToCount: CleaningRules.byteCountMax + 1)
        else {
            throw SettingsError("\(path) can't be read: does it exist, may this user read it?")
        }
        try? file.close()
        do {
            try self.init(site: [UInt8](bytes))
        } catch {
            throw SettingsError("\(path): \(error)")
        }
    }
}
