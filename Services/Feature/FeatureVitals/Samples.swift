import FeatureCore
import TwinCore

/// Numbers with their times, in ascending order: what a window is made of.
struct Samples {
    let times: [Instant]
    let numbers: [Double]
    let flags: [QualityFlags]
    /// The part of the columns that is seen.
    let seen: Range<Int>
    /// Measurements up to this moment are not seen, because there are too many newer ones.
    let cutTime: Instant?
    /// The event times, ascending, of numbers that rules of their neighbourhood keep out, and what
    /// those say of them.
    let heldTimes: [Instant]
    let heldFlags: [QualityFlags]

    /// What is seen of one code.
    init(_ series: Series) {
        heldTimes = series.heldTimes
        heldFlags = series.heldFlags
        times = series.times
        numbers = series.numbers
        flags = series.flags
        seen = series.seen
        cutTime = series.cutTime
    }

    init(_ points: [Point], cutTime: Instant?) {
        heldTimes = []
        heldFlags = []
        times = points.map(\.time)
        numbers = points.map(\.number)
        flags = points.map(\.flags)
        seen = points.indices
        self.cutTime = cutTime
    }

    /// One number.
    struct Point {
        var time: Instant
        var number: Double
        var flags: QualityFlags
    }

    var lastTime: Instant? { seen.isEmpty ? nil : times.last }
    var last: Double? { seen.isEmpty ? nil : numbers.last }
    /// What is to be known of the last number, and of what is newer and kept out.
    var lastFlags: QualityFlags? {
        guard let lastTime, let flags = flags.last else { return nil }
        return zip(heldTimes, heldFlags).reversed().prefix { $0.0 > lastTime }.reduce(flags) {
            $0.union($1.1.intersection(.ofNeighbours))
        }
    }

    /// One of the numbers that are seen.
    func point(_ index: Int) -> Point {
        Point(time: times[index], number: numbers[index], flags: flags[index])
    }
}

extension Samples {
    /// The newest of several series as one, in order of time; of one moment in the order given.
    ///
    /// At most `countMax` of each; what that leaves out is not seen.
    static func merged(_ all: [Samples], countMax: Int) -> Samples {
        if all.count == 1, all[0].seen.count <= countMax { return all[0] }
        var points: [Samples.Point] = []
        var cutTime: Instant?
        for samples in all {
            let cut = samples.cut(to: countMax)
            cutTime = [cutTime, cut.time].compactMap(\.self).max()
            points += cut.range.map(samples.point)
        }
        if all.count > 1 {
            // Stable: numbers of one moment stay in the order of their series.
            let order = points.indices.sorted {
                points[$0].time != points[$1].time ? points[$0].time < points[$1].time : $0 < $1
            }
            points = order.map { points[$0] }
        }
        let seen = points.drop { point in cutTime.map { point.time <= $0 } ?? false }
        return Samples(Array(seen), cutTime: cutTime)
    }

    /// What is left of the columns, and the moment up to which nothing is.
    private func cut(to countMax: Int) -> (range: Range<Int>, time: Instant?) {
        guard seen.count > countMax else { return (seen, cutTime) }
        let start = seen.upperBound - countMax
        return (start..<seen.upperBound, times[start - 1])
    }

    /// Each number with the newest of `others` that is not newer than it nor older than `seconds`.
    func paired(
        with others: Samples, within seconds: Double, _ value: (Double, Double) -> Double?
    ) -> Samples {
        var points: [Samples.Point] = []
        var next = others.seen.lowerBound
        for index in seen {
            let own = point(index)
            while next < others.seen.upperBound, others.times[next] <= own.time { next += 1 }
            guard next > others.seen.lowerBound else { continue }
            let other = others.point(next - 1)
            guard own.time.seconds(since: other.time) <= seconds,
                let number = value(own.number, other.number), number.isFinite
            else { continue }
            points.append(
                Samples.Point(
                    time: own.time, number: number, flags: own.flags.union(other.flags)))
        }
        return Samples(points, cutTime: [cutTime, others.cutTime].compactMap(\.self).max())
    }
}
