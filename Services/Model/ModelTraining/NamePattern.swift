/// A name in which `*` stands for anything, nothing too.
public struct NamePattern: Hashable, Sendable {
    private let parts: [[UInt8]]

    public init(_ text: String) {
        parts = text.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
            .map(Array.init)
    }

    /// Whether a whole name fits.
    public func matches(_ name: String) -> Bool {
        guard let first = parts.first, let last = parts.last else { return false }
        var left = Array(name.utf8)[...]
        guard parts.count > 1 else { return left.elementsEqual(first) }
        guard left.starts(with: first) else { return false }
        left = left.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() {
            guard let found = left.firstRange(of: part) else { return false }
            left = left[found.upperBound...]
        }
        return left.count >= last.count && left.suffix(last.count).elementsEqual(last)
    }
}
