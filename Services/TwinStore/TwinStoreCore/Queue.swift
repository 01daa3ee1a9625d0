/// First in, first out, in a circular buffer that grows as needed.
package struct Queue<Element: Sendable>: Sendable {
    private var slots: [Element?] = []
    private var head = 0
    package private(set) var count = 0

    package init() {}

    package var isEmpty: Bool { count == 0 }
    package var first: Element? { count == 0 ? nil : slots[head] }

    /// The element at a distance from the first; nil past the last.
    package subscript(distance: Int) -> Element? {
        guard (0..<count).contains(distance) else { return nil }
        return slots[(head + distance) & (slots.count - 1)]
    }

    package mutating func append(_ element: Element) {
        if count == slots.count { grow() }
        slots[(head + count) & (slots.count - 1)] = element
        count += 1
    }

    package mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = slots[head].take()
        head = (head + 1) & (slots.count - 1)
        count -= 1
        return element
    }

    // The number of slots stays a power of two, so that a mask finds a place.
    private mutating func grow() {
        let ordered = slots[head...] + slots[..<head]
        slots = Array(ordered) + [Element?](repeating: nil, count: max(8, slots.count))
        head = 0
    }
}
