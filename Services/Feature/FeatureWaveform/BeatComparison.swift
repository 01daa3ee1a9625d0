/// Beats found against beats that annotators marked, by the rules of EC57: nearest partners within
/// 150 ms, the first five minutes left to learning.
public struct BeatComparison: Hashable, Sendable {
    public var matched: Int
    public var missed: Int { missedSamples.count }
    public var added: Int { addedSamples.count }
    /// Places of what was missed, and of what was found where nothing is, in samples.
    public var missedSamples: [Int]
    public var addedSamples: [Int]

    /// Nil without reference beats.
    public var sensitivity: Double? {
        matched + missed == 0 ? nil : Double(matched) / Double(matched + missed)
    }

    /// Nil where nothing was found.
    public var predictivity: Double? {
        matched + added == 0 ? nil : Double(matched) / Double(matched + added)
    }

    /// Compares two ascending lists of sample numbers; stretches to leave out are left out of both.
    public init(
        found: [Int], reference: [Int], samplesPerSecond: Double, skipSeconds: Double = 300,
        excluding excluded: [Range<Int>] = [], windowSeconds: Double = 0.15
    ) {
        let skip = Int(skipSeconds * samplesPerSecond)
        let window = Int(windowSeconds * samplesPerSecond)
        func counts(_ sample: Int) -> Bool {
            sample >= skip && !excluded.contains { $0.contains(sample) }
        }
        matched = 0
        missedSamples = []
        addedSamples = []
        var ours = found[...]
        var theirs = reference[...]
        while let one = ours.first, let other = theirs.first {
            let distance = abs(one - other)
            let nextOne = ours.dropFirst().first.map { abs($0 - other) } ?? .max
            let nextOther = theirs.dropFirst().first.map { abs($0 - one) } ?? .max
            if distance <= window, distance <= nextOne, distance <= nextOther {
                if counts(other) { matched += 1 }
                ours.removeFirst()
                theirs.removeFirst()
            } else if distance <= window ? nextOne < distance : one < other {
                if counts(one) { addedSamples.append(one) }
                ours.removeFirst()
            } else {
                if counts(other) { missedSamples.append(other) }
                theirs.removeFirst()
            }
        }
        addedSamples += ours.filter(counts)
        missedSamples += theirs.filter(counts)
    }
}
