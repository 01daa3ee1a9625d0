import ControlCohort
import FeatureCore
import FeatureRoster
import Testing
import TwinCore
import TwinTestKit

struct CohortTests {
    @Test(arguments: [
        ("ICUType=2", "2", true), ("ICUType=2", "2.0", true), ("ICUType=2", "3", false),
        ("ICUType!=2", "3", true), ("ICUType!=2", "2.0", false), ("Age>=65", "65", true),
        ("Age>=65", "64.9", false), ("Age<65", "7", true), ("Age<65", "old", false),
        ("unit=CCU", "CCU", true), ("unit=CCU", "MICU", false), ("Age>=65", "", false),
        ("note=a=b", "a=b", true),
    ])
    func `a condition holds for those it means`(text: String, value: String, holds: Bool) throws {
        let condition = try #require(CohortCondition(text))
        #expect(condition.holds(for: value) == holds)
        #expect(!condition.holds(for: nil))
    }

    @Test(arguments: ["", "Age", "=2", "Age>", "Age>old", "Age<=", "!Age"])
    func `what is no condition is refused`(text: String) {
        #expect(CohortCondition(text) == nil)
    }

    @Test func `a moment is before what is told or after the first measurement`() throws {
        let told = try #require(Instant(rfc3339: "2026-03-02T12:00:00Z"))
        let first = try #require(Instant(rfc3339: "2026-03-01T00:00:00Z"))
        let before = PredictionTime.before(hours: 6)
        #expect(before.moment(told: told, first: first)?.description == "2026-03-02T06:00:00Z")
        #expect(before.moment(told: nil, first: first) == nil)
        let after = PredictionTime.afterFirst(hours: 24)
        #expect(after.moment(told: nil, first: first)?.description == "2026-03-02T00:00:00Z")
        #expect(after.moment(told: told, first: nil) == nil)
        #expect(PredictionTime.before(hours: 1e300).moment(told: told, first: nil) != nil)
    }
}

/// Nothing that came later may be seen in what is learnt from.
struct FeaturesAsOfTests {
    private static let moment = Instant(microsecondsSinceEpoch: 1_800_000_000_000_000)

    private static func observation(
        minutes: Int64, receivedAfterMinutes delay: Int64 = 0, _ value: Double,
        of code: Code = .loinc("8867-4")
    ) throws -> Observation {
        let event = Instant(
            microsecondsSinceEpoch: moment.microsecondsSinceEpoch + minutes * 60_000_000)
        return Observation(
            twin: try #require(TwinID("A|1")), code: code, value: .number(value), unit: "/min",
            eventTime: event,
            receiveTime: Instant(
                microsecondsSinceEpoch: event.microsecondsSinceEpoch + delay * 60_000_000),
            source: "monitor")
    }

    private static func sets(
        _ observations: [Observation], mustBeReceived: Bool = false
    ) -> [FeatureSet] {
        FeaturesAsOf.sets(
            of: observations, known: KnownBy(moment: moment, mustBeReceived: mustBeReceived),
            by: FeatureRoster.all)
    }

    @Test func `what was measured later changes nothing`() throws {
        let known = try (1...40).map { try Self.observation(minutes: -Int64($0), 60 + Double($0)) }
        let expected = Self.sets(known)
        #expect(expected.first?.features.isEmpty == false)
        var random = SplitMix64(seed: 5)
        for _ in 0..<50 {
            let later = try (0..<20).map { _ in
                try Self.observation(
                    minutes: Int64.random(in: 1...5000, using: &random),
                    Double.random(in: 0...300, using: &random))
            }
            #expect(Self.sets((known + later).shuffled(using: &random)) == expected)
        }
        // One at the moment itself was known.
        #expect(Self.sets(known + [try Self.observation(minutes: 0, 200)]) != expected)
    }

    @Test func `what was not received yet can be left out`() throws {
        let known = try (1...10).map { try Self.observation(minutes: -Int64($0), 80) }
        let late = try Self.observation(minutes: -5, receivedAfterMinutes: 6, 190)
        #expect(Self.sets(known + [late], mustBeReceived: true) == Self.sets(known))
        #expect(Self.sets(known + [late]) != Self.sets(known))
    }

    @Test func `of nothing known there are no features`() throws {
        #expect(Self.sets([try Self.observation(minutes: 1, 80)]).isEmpty)
    }
}
