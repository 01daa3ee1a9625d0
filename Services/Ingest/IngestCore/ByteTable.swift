/// A fixed table from short texts to numbers, asked with bytes: a lookup allocates nothing.
struct ByteTable: Sendable {
    private struct Slot {
        var start: Int32
        var end: Int32
        var value: Int32
    }

    private var slots: [Slot]
    private var keys: [UInt8] = []
    private let ignoresCase: Bool

    /// - Parameters:
    ///   - entries: each text with its number, not negative; the first of equal texts counts.
    ///   - ignoresCase: whether ASCII letters match in either case.
    init(_ entries: [(text: String, value: Int)], ignoresCase: Bool = false) {
        var capacity = 16
        while capacity < entries.count * 2 { capacity *= 2 }
        slots = Array(repeating: Slot(start: 0, end: 0, value: -1), count: capacity)
        self.ignoresCase = ignoresCase
        for entry in entries {
            let key = Array(entry.text.utf8).map { ignoresCase ? ByteTable.lowercased($0) : $0 }
            guard value(of: key.span) == nil else { continue }
            var index = firstIndex(of: key.span)
            while slots[index].value >= 0 { index = (index + 1) & (slots.count - 1) }
            slots[index] = Slot(
                start: Int32(keys.count), end: Int32(keys.count + key.count),
                value: Int32(entry.value))
            keys += key
        }
    }

    func value(of text: Span<UInt8>) -> Int? {
        var index = firstIndex(of: text)
        while true {
            let slot = slots[index]
            guard slot.value >= 0 else { return nil }
            if matches(slot, text) { return Int(slot.value) }
            index = (index + 1) & (slots.count - 1)
        }
    }

    private func matches(_ slot: Slot, _ text: Span<UInt8>) -> Bool {
        guard Int(slot.end - slot.start) == text.count else { return false }
        let start = Int(slot.start)
        for index in text.indices where keys[start + index] != folded(text[index]) {
            return false
        }
        return true
    }

    /// FNV-1a.
    private func firstIndex(of text: Span<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in text.indices {
            hash = (hash ^ UInt64(folded(text[index]))) &* 0x100_0000_01B3
        }
        return Int(truncatingIfNeeded: hash ^ (hash >> 32)) & (slots.count - 1)
    }

    private func folded(_ byte: UInt8) -> UInt8 {
        ignoresCase ? ByteTable.lowercased(byte) : byte
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
}
