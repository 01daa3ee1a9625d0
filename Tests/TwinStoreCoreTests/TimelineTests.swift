import Testing
import TwinCore
import TwinStoreCore

struct TimelineTests {
    private func stored(_ observation: Observation, _ revision: Revision) -> StoredObservation {
        StoredObservation(
            observation: observation, commitRevision: revision,
            commitTime: seconds(Int64(revision)))
    }

    @Test func `latest is latest measured, not latest received`() {
        let latest = Timeline.latest([
            stored(observation(twin(1), 2, at: 20), 1), stored(observation(twin(1), 1, at: 10), 2),
        ])
        #expect(latest.map(\.observation.number) == [2])
    }

    @Test func `an unusable value speaks only where none is usable, one from the future last`() {
        let bad = stored(observation(twin(1), -100, at: 30, flags: .sentinel), 1)
        let future = stored(observation(twin(1), 9, at: 99, flags: .futureTime), 2)
        let good = stored(observation(twin(1), 80, at: 10, flags: .stale), 3)
        #expect(Timeline.latest([bad, future, good]) == [good])
        #expect(Timeline.latest([bad, future]) == [bad])
        #expect(Timeline.latest([future]) == [future])
        #expect(Timeline.lastEventTime([bad, future, good].map(\.observation)) == seconds(30))
        #expect(Timeline.lastEventTime([future.observation]) == nil)
    }

    @Test func `of what is said in words for one time, the last that came in holds`() {
        func said(_ words: String, _ second: Int64, receivedAt: Int64) -> StoredObservation {
            var one = observation(twin(1), 0, at: second, code: Statement.encounterStatus.code)
            one.value = .text(words)
            one.receiveTime = seconds(receivedAt)
            return stored(one, UInt64(receivedAt))
        }
        let discharged = said("discharged", 10, receivedAt: 11)
        let undone = said("admitted", 10, receivedAt: 12)
        let early = said("transferred", 9, receivedAt: 13)
        for order in [[discharged, undone, early], [early, undone, discharged]] {
            #expect(Timeline.latest(order) == [undone])
        }
    }

    @Test func `every code speaks for itself, in order`() {
        let pulse = stored(observation(twin(1), 1, code: .loinc("9")), 1)
        let rate = stored(observation(twin(1), 2, code: .loinc("8")), 1)
        #expect(Timeline.latest([pulse, rate]) == [rate, pulse])
    }

    @Test func `a past revision knows what was committed up to it`() {
        let early = stored(observation(twin(1), 1, at: 10), 1)
        let late = stored(observation(twin(1), 2, at: 20), 2)
        #expect(Timeline.latest([early, late], through: 1) == [early])
        #expect(Timeline.latest([early, late], through: 0).isEmpty)
    }

    @Test(arguments: UInt64(1)...20)
    func `any order and repetition of arrival gives the same latest`(seed: UInt64) {
        var chance = Chance(seed: seed)
        let flags: [QualityFlags] = [
            [], [], .futureTime, .sentinel, .converted, .corrected, .deleted,
        ]
        var observations = (0..<40).map { _ in
            observation(
                twin(1), Double(chance.below(4)), at: Int64(chance.below(4)),
                code: .loinc("\(chance.below(3))"), flags: flags[chance.below(7)],
                source: ["a", "b"][chance.below(2)])
        }
        let expected = Timeline.latest(observations.map { stored($0, 1) }).map(\.observation)
        let counting = observations.filter { one in
            !observations.contains { one.isSuperseded(by: $0) }
        }
        for one in counting {
            let speaks = expected.first { $0.code == one.code }
            #expect(speaks.map { !$0.isUsable && one.isUsable } == false, "seed \(seed)")
        }
        #expect(expected.allSatisfy { counting.contains($0) }, "seed \(seed)")
        for _ in 0..<50 {
            observations.append(observations[chance.below(observations.count)])
            observations.shuffle(using: &chance)
            let latest = Timeline.latest(
                observations.enumerated().map { stored($0.element, Revision($0.offset)) })
            #expect(latest.map(\.observation) == expected, "seed \(seed)")
            // One by one, made anew where it must, and taken up again from what it keeps.
            var (values, known) = (LatestValues(), [StoredObservation]())
            for (place, one) in observations.enumerated() {
                known.append(stored(one, Revision(place)))
                values.insert(known[place])
                if values.isBehind {
                    values = LatestValues.all { each in for one in known { each(one) } }
                }
                if place % 7 == 0 {
                    let kept = values.kept
                    values = LatestValues.all { each in for one in kept { each(one) } }
                }
            }
            #expect(values.sorted.map(\.observation) == expected, "seed \(seed)")
        }
    }
}
