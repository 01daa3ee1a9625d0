/// Brings out what is steep in an ECG: whole-number running means, so that the answer is the same
/// on every machine and however the samples are cut.
///
/// Two means smooth (their zeros lie at the mains' 60 and 50 Hz), the difference to a third takes
/// away what is slow, and a mean of the amount makes one hill of each QRS complex.
struct BeatFilter {
    /// A running sum of the last `count` values; what came before the first value was that value.
    struct RunningSum {
        let count: Int
        private var ring: [Int64]
        private var place = 0
        private var isPrimed = false
        private(set) var sum: Int64 = 0

        init(count: Int) {
            self.count = max(1, count)
            ring = [Int64](repeating: 0, count: self.count)
        }

        /// Adds a value, which pushes the oldest out.
        mutating func push(_ value: Int64) {
            if !isPrimed {
                isPrimed = true
                for index in ring.indices { ring[index] = value }
                sum = value &* Int64(count)
            }
            sum = sum &+ value &- ring[place]
            ring[place] = value
            place = place + 1 == count ? 0 : place + 1
        }

        /// The value that was pushed `back` pushes before the last.
        func value(back: Int) -> Int64 {
            let index = place - 1 - back
            return ring[index < 0 ? index + count : index]
        }
    }

    struct Output {
        /// The steep part of the signal, in steps.
        var steep: Double
        /// The hill: the mean amount of the steep part.
        var hill: Double
    }

    private var first: RunningSum
    private var second: RunningSum
    private var slow: RunningSum
    private var hill: RunningSum
    private let steepScale: Double
    private let hillScale: Double
    /// By how many samples the steep part, and the middle of a hill, lie behind the signal.
    let steepDelay: Int
    let hillDelay: Int

    init(samplesPerSecond: Double) {
        func samples(_ seconds: Double) -> Int { Int((seconds * samplesPerSecond).rounded()) }
        first = RunningSum(count: samples(1.0 / 60))
        second = RunningSum(count: samples(1.0 / 50))
        slow = RunningSum(count: samples(0.1) | 1)
        hill = RunningSum(count: samples(0.08) | 1)
        steepScale = 1 / Double(first.count * second.count * slow.count)
        hillScale = steepScale / Double(hill.count)
        steepDelay = (first.count + second.count) / 2 - 1 + slow.count / 2
        hillDelay = steepDelay + hill.count / 2
    }

    mutating func push(_ sample: Int64) -> Output {
        first.push(sample)
        second.push(first.sum)
        slow.push(second.sum)
        let steep = slow.value(back: slow.count / 2) &* Int64(slow.count) &- slow.sum
        hill.push(abs(steep))
        return Output(steep: Double(steep) * steepScale, hill: Double(hill.sum) * hillScale)
    }
}
