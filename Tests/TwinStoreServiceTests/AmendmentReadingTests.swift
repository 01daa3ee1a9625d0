import Testing
import TwinCore
import TwinStoreCore
import TwinStoreService

/// Corrections and withdrawals, as a client sees them.
struct AmendmentReadingTests {
    private func history(_ bench: inout Bench) -> [String] {
        let query = Query.history(id: patient("1"), code: nil, afterRevision: 0, limit: 100)
        guard case .answer(.history(let found), _) = bench.ask(query) else { return [] }
        return found.map { "\($0.observation.number ?? -1) \($0.observation.flags.words)" }
    }

    private func state(_ bench: inout Bench, asOf: Revision? = nil) throws -> TwinState {
        guard case .answer(.twin(let state), nil) = bench.ask(.twin(id: patient("1"), asOf: asOf))
        else { throw Missing() }
        return state
    }

    private struct Missing: Error {}

    private func reading(_ value: Double, at second: Double, _ flags: QualityFlags) -> Observation {
        var reading = TwinStoreServiceTests.reading("W|1", second)
        reading.value = .number(value)
        reading.flags = flags
        return reading
    }

    /// A bench with an active model, which has assessed what was committed.
    private func assessing() throws -> Bench {
        var bench = try Bench()
        _ = bench.connect(5)
        _ = bench.connect(6, .model)
        _ = bench.ask(.push(outcome: "death", kind: "forest"), bytes: [7])
        let prepare = bench.turn(.query(70, 1, .activate(Bench.name([7])))).orders
        _ = bench.turn(.room(.result(6, prepare[0].request, .prepared([Bench.name([7])]))))
        return bench
    }

    private func work(_ bench: inout Bench, _ departures: [StoreDeparture]) {
        var waiting = departures.orders
        while let next = waiting.popLast() {
            waiting +=
                bench.turn(.room(.result(next.peer, next.request, answer(next.order)))).orders
        }
    }

    @Test func `the old value is kept and marked, what rests on it says so and is made again`()
        throws
    {
        var bench = try assessing()
        work(&bench, bench.commit(1, [reading(70, at: 10, []), reading(60, at: 5, [])]))
        #expect(try state(&bench).assessments.map(\.amendedRevision) == [nil])
        let correction = bench.commit(2, [reading(72, at: 10, .corrected)])
        #expect(history(&bench) == ["70.0 [\"superseded\"]", "60.0 []", "72.0 [\"corrected\"]"])
        var now = try state(&bench)
        #expect(now.latest.map(\.observation.number) == [72])
        #expect(now.assessments.map(\.amendedRevision) == [2])
        #expect(now.features.flatMap(\.features).map(\.flags) == [.superseded])
        work(&bench, correction)
        now = try state(&bench)
        #expect(now.assessments.map(\.assessment.revision) == [2])
        #expect(now.assessments.map(\.amendedRevision) == [nil])
        #expect(now.features.flatMap(\.features).map(\.flags) == [[]])
        // What was known then is told as it was known then.
        let past = try state(&bench, asOf: 1)
        #expect(past.latest.map(\.observation.number) == [70])
        #expect(past.assessments.map(\.amendedRevision) == [nil])
        let query = Query.assessments(id: patient("1"), afterRevision: 0, limit: 10)
        guard case .answer(.assessments(let all), _) = bench.ask(query) else { throw Missing() }
        #expect(all.map(\.amendedRevision) == [2, nil])
        work(&bench, bench.commit(3, [reading(72, at: 10, .deleted)]))
        #expect(try state(&bench).latest.map(\.observation.number) == [60])
        guard case .answer(.assessments(let after), _) = bench.ask(query) else { throw Missing() }
        #expect(after.map(\.amendedRevision) == [2, 3, nil])
    }

    @Test func `a correction before its original gives the same twin`() throws {
        var latest: [[Double?]] = []
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            var bench = try Bench()
            let values = [
                reading(70, at: 10, []), reading(72, at: 10, .corrected), reading(50, at: 1, []),
            ]
            for (index, place) in order.enumerated() {
                _ = bench.commit(UInt64(index + 1), [values[place]])
            }
            latest.append(try state(&bench).latest.map(\.observation.number))
            #expect(history(&bench).contains("70.0 [\"superseded\"]"))
        }
        #expect(Set(latest) == [[72]])
    }
}
