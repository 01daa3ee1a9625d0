import Testing
import TwinCore
import TwinStoreCore
import TwinStoreService

/// Two twins that turn out to be one patient.
struct MergeTests {
    private func statement(_ retired: String, _ survivor: String, at second: Int64) -> Observation {
        let time = Instant(microsecondsSinceEpoch: second)
        return Observation(
            twin: patient(retired), code: Statement.survivor.code, value: .text(survivor), unit: "",
            eventTime: time, receiveTime: time, source: "ADT")
    }

    private func state(_ bench: inout Bench, _ id: String, asOf: Revision? = nil) -> TwinState? {
        guard case .answer(.twin(let state), nil) = bench.ask(.twin(id: patient(id), asOf: asOf))
        else { return nil }
        return state
    }

    /// Numbers with their sources, less notes and statements.
    private func history(_ bench: inout Bench, _ id: String) -> [String] {
        let query = Query.history(id: patient(id), code: nil, afterRevision: 0, limit: 100)
        guard case .answer(.history(let found), _) = bench.ask(query) else { return [] }
        return found.filter { $0.observation.number != nil }.map {
            "\($0.observation.number ?? 0) \($0.observation.source) r\($0.commitRevision)"
        }
    }

    /// Answers every order; the number of usable values in the last task of a twin.
    private func work(
        _ bench: inout Bench, _ departures: [StoreDeparture], counts: inout [TwinID: Set<Double>]
    ) {
        var waiting = departures.orders
        while !waiting.isEmpty {
            let next = waiting.removeFirst()
            if case .features(let task) = next.order {
                let numbers = task.observations.compactMap(\.number)
                #expect(task.observations.allSatisfy { $0.twin == task.twin })
                counts[task.twin] =
                    task.fromRevision == 0
                    ? Set(numbers) : (counts[task.twin] ?? []).union(numbers)
            }
            waiting +=
                bench.turn(.room(.result(next.peer, next.request, answer(next.order)))).orders
        }
    }

    @Test func `what the retired twin has and gets is seen in the surviving one, until the undo`()
        throws
    {
        var bench = try Bench()
        var seen: [TwinID: Set<Double>] = [:]
        _ = bench.connect(5)
        work(&bench, bench.commit(1, [reading("H|7", 10), reading("H|9", 20)]), counts: &seen)
        work(&bench, bench.commit(2, [statement("H|9", "H|7", at: 100)]), counts: &seen)
        #expect(seen[patient("H|7")] == [10, 20])
        work(&bench, bench.commit(3, [reading("H|9", 30)]), counts: &seen)
        #expect(seen[patient("H|7")] == [10, 20, 30])
        #expect(
            history(&bench, "H|7")
                == ["10.0 monitor r1", "20.0 monitor of H|9 r2", "30.0 monitor of H|9 r3"])
        #expect(
            state(&bench, "H|7")?.latest.first { $0.observation.number != nil }?
                .observation.number == 30)
        // The retired one is still there, by its name.
        #expect(history(&bench, "H|9") == ["20.0 monitor r1", "30.0 monitor r3"])
        work(&bench, bench.commit(4, [statement("H|9", "H|9", at: 200)]), counts: &seen)
        #expect(seen[patient("H|7")] == [10])
        #expect(history(&bench, "H|7") == ["10.0 monitor r1"])
        let past = state(&bench, "H|7", asOf: 3)
        #expect(past?.latest.compactMap(\.observation.number) == [30])
        work(&bench, bench.commit(5, [reading("H|9", 40)]), counts: &seen)
        #expect(seen[patient("H|7")] == [10])
        #expect(seen[patient("H|9")] == [20, 30, 40])
    }

    @Test func `any order of arrival, with a restart in between, ends in the same twins`() throws {
        let arrivals = [
            [reading("H|7", 10)], [reading("H|9", 20)], [reading("H|8", 30)],
            [statement("H|9", "H|8", at: 100)], [statement("H|8", "H|7", at: 110)],
            [statement("H|6", "H|7", at: 120)], [statement("H|6", "H|6", at: 130)],
            [reading("H|6", 60)],
        ]
        var state: UInt64 = 7
        for _ in 0..<40 {
            var order = Array(arrivals.indices)
            for index in order.indices.dropFirst() {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                order.swapAt(index, Int((state >> 33) % UInt64(index + 1)))
            }
            var bench = try Bench()
            var seen: [TwinID: Set<Double>] = [:]
            _ = bench.connect(5)
            for (place, arrival) in order.enumerated() {
                if place == 4 {
                    bench = try Bench(engine: bench.engine)
                    work(&bench, bench.connect(5), counts: &seen)
                }
                let departures = bench.commit(UInt64(place + 1), arrivals[arrival])
                work(&bench, departures, counts: &seen)
            }
            #expect(seen[patient("H|7")] == [10, 20, 30], "\(order)")
            #expect(seen[patient("H|8")] == [20, 30], "\(order)")
            #expect(seen[patient("H|6")] == [60], "\(order)")
            let shown = self.state(&bench, "H|7")?.latest.compactMap(\.observation.number)
            #expect(shown == [30], "\(order)")
        }
    }

    @Test func `a circle of merges ends`() throws {
        var bench = try Bench()
        var seen: [TwinID: Set<Double>] = [:]
        _ = bench.connect(5)
        for (offset, observations) in [
            [reading("A", 1), reading("B", 2)], [statement("A", "B", at: 10)],
            [statement("B", "A", at: 20)], [reading("A", 3)], [statement("A", "A", at: 30)],
        ].enumerated() {
            work(&bench, bench.commit(UInt64(offset + 1), observations), counts: &seen)
        }
        #expect(seen[patient("A")] == [1, 2, 3])
        #expect(seen[patient("B")] == [2])
        #expect(history(&bench, "B") == ["2.0 monitor r1"])
    }

    @Test func `a correction of the retired twin's value corrects the surviving one`() throws {
        var bench = try Bench()
        var correction = reading("H|9", 20)
        correction.value = .number(22)
        correction.flags = .corrected
        _ = bench.commit(1, [reading("H|9", 20), reading("H|7", 10)])
        _ = bench.commit(2, [statement("H|9", "H|7", at: 100)])
        _ = bench.commit(3, [correction])
        let shown = state(&bench, "H|7")
        #expect(shown?.latest.compactMap(\.observation.number) == [22])
        let query = Query.history(id: patient("H|7"), code: nil, afterRevision: 0, limit: 100)
        guard case .answer(.history(let found), _) = bench.ask(query) else { return }
        #expect(
            found.filter { $0.observation.flags.contains(.superseded) }.map(\.observation.number)
                == [20])
    }
}
