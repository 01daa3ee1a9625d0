import FeatureCore
import Testing
import TwinCleaning
import TwinCore
import TwinTestKit

struct TimelineTests {
    private func numbers(
        _ observations: [Observation], sampleCountMax: Int = Timeline.sampleCountMaxDefault
    ) -> [Double] {
        var timeline = Timeline(sampleCountMax: sampleCountMax)
        timeline.merge(observations, reading: CountingExtractor())
        guard let series = timeline.series(of: CountingExtractor.code) else { return [] }
        return Array(series.numbers[series.seen])
    }

    @Test func `a late value takes its place in time`() throws {
        let twin = try twin("1")
        let sent = [3, 1, 2, 0].map { heartRate(60 + Double($0), minute: $0, of: twin) }
        #expect(numbers(sent) == [60, 61, 62, 63])
    }

    @Test func `a redelivered value counts once, two of one moment count twice`() throws {
        let twin = try twin("1")
        var again = heartRate(60, minute: 1, of: twin)
        again.receiveTime = again.receiveTime.adding(seconds: 3_600)
        #expect(numbers([heartRate(60, minute: 1, of: twin), again]) == [60])
        #expect(
            numbers([heartRate(61, minute: 1, of: twin), heartRate(60, minute: 1, of: twin)]) == [
                60, 61,
            ])
        #expect(
            numbers([heartRate(0, minute: 1, of: twin), heartRate(-0.0, minute: 1, of: twin)]).count
                == 1)
    }

    @Test(arguments: [QualityFlags.deleted, .wrongPatient])
    func `what a source withdraws is gone, in either order, and nothing else is`(
        flag: QualityFlags
    ) throws {
        let twin = try twin("1")
        let sent = [
            heartRate(60, minute: 0, of: twin), heartRate(70, minute: 1, of: twin),
            heartRate(71, minute: 1, of: twin, source: "chart"),
            heartRate(70, minute: 1, of: twin, flags: flag),
        ]
        #expect(numbers(sent) == [60, 71])
        #expect(numbers(sent.reversed()) == [60, 71])
    }

    @Test func `a correction takes the place of what it corrects, in either order`() throws {
        let twin = try twin("1")
        let sent = [
            heartRate(160, minute: 1, of: twin),
            heartRate(60, minute: 1, of: twin, flags: .corrected),
        ]
        #expect(numbers(sent) == [60])
        #expect(numbers(sent.reversed()) == [60])
    }

    @Test func `what is no number is not usable and does no harm`() throws {
        let twin = try twin("1")
        let sent = [Double.nan, .infinity, 60, -.infinity, .nan].map {
            heartRate($0, minute: 1, of: twin)
        }
        #expect(numbers(sent) == [60])
    }

    @Test func `the bound keeps the newest, whatever the order`() throws {
        let twin = try twin("1")
        var random = SplitMix64(seed: 11)
        let sent = (0..<200).map { heartRate(Double($0), minute: Int64($0 / 2), of: twin) }
        for bound in [1, 7, 100, 199, 200] {
            // Two share each moment: an odd bound would cut a moment, which goes as a whole.
            let expected = (0..<200).suffix(bound / 2 * 2).map(Double.init)
            for _ in 0..<3 {
                #expect(numbers(sent.shuffled(using: &random), sampleCountMax: bound) == expected)
            }
            var timeline = Timeline(sampleCountMax: bound)
            for observation in sent.shuffled(using: &random) + sent.shuffled(using: &random) {
                timeline.merge([observation], reading: CountingExtractor())
            }
            let series = try #require(timeline.series(of: CountingExtractor.code))
            #expect(Array(series.numbers[series.seen]) == expected)
            #expect((series.cutTime == nil) == (bound == 200))
        }
    }

    @Test func `memory is bounded by the bound, not by what was sent`() throws {
        let twin = try twin("1")
        var timeline = Timeline(sampleCountMax: 100)
        var sizes: [Int] = []
        for minute in 0..<1_500 {
            let sent = heartRate(
                60, minute: Int64(minute), of: twin, source: "device \(minute)")
            timeline.merge([sent], reading: CountingExtractor())
            sizes.append(timeline.byteCount)
        }
        #expect((sizes[700...].max() ?? 0) <= 2 * (sizes[200...700].max() ?? 0))
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `the timeline is what sorting the whole set would give`(seed: UInt64) throws {
        let twin = try twin("1")
        var random = SplitMix64(seed: seed)
        var timeline = Timeline()
        var all: Set<Observation> = []
        for _ in 0..<60 {
            var batch = SampleTwin.observations(
                count: 40, seed: random.next(), twin: twin, codes: [CountingExtractor.code])
            batch = batch.map {
                var plain = $0
                plain.flags.subtract([.corrected, .deleted])
                plain.receiveTime = plain.eventTime
                return plain
            }
            all.formUnion(batch)
            timeline.merge(batch, reading: CountingExtractor())
        }
        let expected = all.sorted(by: Observation.canonicalOrder).filter(\.isUsable)
        let series = try #require(timeline.series(of: CountingExtractor.code))
        #expect(series.numbers == expected.compactMap(\.number))
        #expect(series.times == expected.map(\.eventTime))
    }
}

struct ContractTests {
    @Test func `the simplest extractor keeps the contract`() throws {
        let sample = SampleTwin.observations(
            count: 200, seed: 5, twin: try twin("1"), codes: [CountingExtractor.code])
        #expect(ExtractorContract(CountingExtractor()).violations(on: sample, seed: 5) == [])
    }

    @Test func `filling gaps with zero is noticed`() throws {
        let sample = SampleTwin.observations(
            count: 200, seed: 5, twin: try twin("1"), codes: [CountingExtractor.code])
        #expect(ExtractorContract(ZeroFillingExtractor()).violations(on: sample, seed: 5) != [])
    }

    #if DEBUG
    @Test(arguments: TimelineFlaw.allCases.filter { $0 != .judgesOnce })
    func `each planted bug of the timeline is noticed`(flaw: TimelineFlaw) throws {
        let sample = SampleTwin.observations(
            count: 200, seed: 5, twin: try twin("1"), codes: [CountingExtractor.code])
        let contract = ExtractorContract(CountingExtractor()) { Timeline(flaw: flaw) }
        #expect(contract.violations(on: sample, seed: 5) != [])
    }

    @Test func `what was let through is judged again when its neighbours come`() throws {
        let twin = try twin("1")
        // A spike every ten minutes is left out once its neighbours are there.
        let spiky = (0..<60).map { minute in
            heartRate(minute % 10 == 5 ? 190 : 80, minute: minute, of: twin)
        }
        func numbers(_ flaw: TimelineFlaw?, inSteps: Bool) -> [Double] {
            var timeline = Timeline(flaw: flaw, rules: .standard)
            for batch in inSteps ? spiky.map({ [$0] }) : [spiky] {
                timeline.merge(batch, reading: CountingExtractor())
            }
            return timeline.series(of: CountingExtractor.code)?.numbers ?? []
        }
        #expect(numbers(nil, inSteps: false) == [Double](repeating: 80, count: 54))
        #expect(numbers(nil, inSteps: true) == numbers(nil, inSteps: false))
        #expect(numbers(.judgesOnce, inSteps: true).contains(190))
    }
    #endif
}
