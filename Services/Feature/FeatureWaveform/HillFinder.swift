/// A hill that may be a beat.
struct Hill: Hashable {
    /// The place of its top in the filtered signal.
    var place: Int
    var height: Double
    /// The lowest point between the hill before and this one: how quiet it is between beats.
    var valley: Double
}

/// Finds each place that is the highest within a distance to both sides, as soon as that is known.
struct HillFinder {
    let reach: Int
    /// Places whose heights fall, oldest first: the first is the highest of the last `2 reach + 1`.
    private var falling: [(place: Int, height: Double)] = []
    private var head = 0
    private var ring: [Double]
    private var place = 0
    private var valley = Double.infinity

    init(reach: Int) {
        self.reach = max(1, reach)
        ring = [Double](repeating: 0, count: self.reach + 1)
    }

    /// Takes the next height; what it returns has its top `reach` places back.
    mutating func push(_ height: Double) -> Hill? {
        while falling.count > head, let last = falling.last, last.height < height {
            falling.removeLast()
        }
        falling.append((place, height))
        ring[place % ring.count] = height
        defer { place += 1 }
        let centre = place - reach
        guard centre >= 0 else { return nil }
        while falling[head].place < centre - reach { head += 1 }
        if head > 1024 {
            falling.removeFirst(head)
            head = 0
        }
        let centreHeight = ring[centre % ring.count]
        valley = min(valley, centreHeight)
        guard falling[head].place == centre, centreHeight > 0 else { return nil }
        defer { valley = .infinity }
        return Hill(place: centre, height: centreHeight, valley: valley)
    }
}
