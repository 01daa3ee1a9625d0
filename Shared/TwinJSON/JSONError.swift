/// Why a text is not taken as JSON, and at which byte.
public enum JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text is longer than the limit.
    case tooLarge
    /// There are more values than the limit.
    case tooMany(at: Int)
    case tooDeep(at: Int)
    /// A string is longer than the limit.
    case tooLong(at: Int)
    case duplicateKey(String, at: Int)
    /// A number with more digits, or a greater exponent, than the limit.
    case numberOutOfBounds(at: Int)
    /// Not JSON: what was expected.
    case malformed(String, at: Int)

    /// What it says to people.
    public var description: String {
        switch self {
        case .tooLarge: "it is too long"
        case .tooMany(let place): "too many values, at byte \(place)"
        case .tooDeep(let place): "nested too deeply, at byte \(place)"
        case .tooLong(let place): "too long a text, at byte \(place)"
        case .duplicateKey(let name, let place): "the key \(name) comes twice, at byte \(place)"
        case .numberOutOfBounds(let place): "a number out of bounds, at byte \(place)"
        case .malformed(let expected, let place): "not JSON: \(expected), at byte \(place)"
        }
    }
}

/// How much of a text is taken: everything is refused before memory is spent on it.
public struct JSONLimits: Hashable, Sendable {
    /// At most 2 GiB.
    public var byteCountMax: Int
    /// How many arrays and objects may lie around a value.
    public var depthMax: Int
    /// Names of members are not counted.
    public var valueCountMax: Int
    /// Of one string, as it is written.
    public var stringByteCountMax: Int
    /// Of one number, before its exponent.
    public var digitCountMax: Int
    public var exponentMax: Int

    public init(
        byteCountMax: Int = 4 << 20, depthMax: Int = 16, valueCountMax: Int = 200_000,
        stringByteCountMax: Int = 4 << 20, digitCountMax: Int = 60, exponentMax: Int = 999
    ) {
        self.byteCountMax = min(byteCountMax, 1 << 31)
        self.depthMax = depthMax
        self.valueCountMax = valueCountMax
        self.stringByteCountMax = stringByteCountMax
        self.digitCountMax = digitCountMax
        self.exponentMax = exponentMax
    }
}
