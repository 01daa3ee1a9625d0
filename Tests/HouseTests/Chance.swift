import TwinTestKit

/// Decisions of a seeded generator.
extension SplitMix64 {
    mutating func happens(_ perMille: Int) -> Bool { Int(next() % 1000) < perMille }

    /// 0 up to, not including, `count`; 0 where that is nothing.
    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(max(1, count))) }

    mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[below(elements.count)]
    }
}
