/// A file of rules can't be used; equality is by what is wrong and where.
public struct RulesError: Error, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// Too many bytes, lines, or bytes in a line.
        case tooLarge
        /// Not UTF-8, or control characters.
        case notText
        /// Not `key = value`, not `[section]`.
        case syntax
        /// Another version of the form than this build reads.
        case format
        case unknownSection
        case unknownKey
        /// A word that the rule does not have.
        case unknownWord
        /// The same section, key or word twice.
        case duplicate
        /// A word or key that must be there.
        case missing
        /// Not a number, or one outside its bounds.
        case value
    }

    public var reason: Reason
    /// From 1; 0 where it is not of one line.
    public var line: Int
    /// `heart_rate.rate`, or empty where no key is known.
    public var key: String
    /// What is wrong, and what to do.
    public var detail: String

    init(_ reason: Reason, line: Int, key: String, _ detail: String) {
        self.reason = reason
        self.line = line
        self.key = key
        self.detail = detail
    }

    public static func == (left: RulesError, right: RulesError) -> Bool {
        left.reason == right.reason && left.line == right.line && left.key == right.key
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(reason)
        hasher.combine(line)
        hasher.combine(key)
    }
}

extension RulesError: CustomStringConvertible {
    public var description: String {
        let place = [line > 0 ? "line \(line)" : "", key].filter { !$0.isEmpty }
        return (place + [detail]).joined(separator: ": ")
    }
}
