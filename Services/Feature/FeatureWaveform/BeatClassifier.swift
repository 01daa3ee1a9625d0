/// Tells normal beats from ectopic ones, by their time and by their shape.
struct BeatClassifier {
    /// The half width of a shape, and how far it may be moved against another, in samples.
    let reach: Int
    let slack: Int
    private var template: [Double] = []
    /// How many beats the template was made of, and how many in a row were unlike it.
    private var learned = 0
    private var strangers = 0
    private var intervals: [Double] = []

    var outerReach: Int { reach + slack }
    var shapeCount: Int { 2 * outerReach + 1 }

    init(samplesPerSecond: Double) {
        reach = max(4, Int((0.1 * samplesPerSecond).rounded()))
        slack = max(1, Int((0.02 * samplesPerSecond).rounded()))
    }

    /// The kind of the next beat.
    mutating func kind(
        shape: [Double], intervalCount: Int?, followsGap: Bool, noise: Double
    ) -> Beat.Kind {
        let likeness = compare(shape)
        let interval = followsGap ? nil : intervalCount.map(Double.init)
        let early = interval.map(isEarly) ?? false
        defer { if let interval { remember(interval) } }
        guard let likeness, learned > 4 else { return .unknown }
        if BeatJudge.quality(noise: noise) < 0.6 { return .unknown }
        if likeness < 0.75 { return noise < 0.1 ? .ectopic : .unknown }
        if early { return .ectopic }
        return interval == nil ? .unknown : .normal
    }

    /// Well before the rhythm's next beat, and more so than its beats vary.
    private func isEarly(_ interval: Double) -> Bool {
        guard intervals.count >= 4 else { return false }
        let usual = BeatJudge.median(intervals)
        let spread = BeatJudge.median(intervals.map { abs($0 - usual) })
        return interval < usual - max(0.12 * usual, 4 * spread)
    }

    private mutating func remember(_ interval: Double) {
        intervals.append(interval)
        if intervals.count > 12 { intervals.removeFirst() }
    }

    /// How like the usual beat a shape is, from -1 to 1; nil while there is no usual beat.
    private mutating func compare(_ shape: [Double]) -> Double? {
        let width = 2 * reach + 1
        guard !template.isEmpty else {
            learn(Array(shape[slack..<slack + width]))
            return nil
        }
        let own = template.reduce(0) { $0 + $1 * $1 }
        var best = -1.0
        var bestShift = slack
        for shift in 0...2 * slack {
            var product = 0.0
            var power = 0.0
            for index in 0..<width {
                let value = shape[shift + index]
                product += template[index] * value
                power += value * value
            }
            let likeness = power > 0 && own > 0 ? product / (own * power).squareRoot() : -1
            if likeness > best {
                best = likeness
                bestShift = shift
            }
        }
        if best > 0.85 {
            strangers = 0
            learned += 1
            let share = max(0.1, 1 / Double(learned))
            for index in template.indices {
                template[index] += share * (shape[bestShift + index] - template[index])
            }
        } else {
            strangers += 1
            // The usual beat has become another one.
            if strangers > 8 { learn(Array(shape[slack..<slack + width])) }
        }
        return best
    }

    private mutating func learn(_ shape: [Double]) {
        template = shape
        learned = 1
        strangers = 0
    }
}
