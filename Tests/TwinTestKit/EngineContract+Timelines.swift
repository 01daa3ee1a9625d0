import TwinCore
import TwinStoreCore

extension EngineContract {
    static let timelines: [Rule] = [
        Rule("the past can be asked at every revision") { place in
            let engine = try place.open()
            defer { engine.close() }
            let twin = try twin()
            var random = SplitMix64(seed: 3)
            var all: [StoredObservation] = []
            for number in UInt64(1)...40 {
                let observations = (0..<4).map { _ in Observation.sample(of: twin, &random) }
                let record = record(number, twin, revision: number, observations)
                try await engine.commit([record])
                all += observations.map {
                    StoredObservation(
                        observation: $0, commitRevision: number, commitTime: record.commitTime)
                }
            }
            try require(try engine.twin(twin, asOf: 0) == nil, "before the first")
            for revision in UInt64(1)...42 {
                let state = try engine.twin(twin, asOf: revision)
                try require(state?.revision == min(revision, 40), "revision \(revision)")
                try require(
                    state?.latest == Timeline.latest(all, through: revision),
                    "latest at \(revision)")
            }
            try require(
                try engine.twin(twin, asOf: nil)?.latest == Timeline.latest(all), "now")
        },
        Rule("the latest value is the latest usable one, whatever came when") { place in
            let engine = try place.open()
            defer { engine.close() }
            let twin = try twin()
            let usable = observation(twin, .number(5), at: 100)
            let values = [
                observation(twin, .number(9), at: 300, [.outOfRange]),
                observation(twin, .absent, at: 400, [.empty]),
                observation(twin, .number(4), at: 50), usable,
                observation(twin, .number(8), at: 9000, [.futureTime]),
                observation(twin, .text("a"), at: 10, code: "2-2"),
                observation(twin, .number(1), at: 9000, [.futureTime], code: "2-2"),
            ]
            for (index, value) in values.enumerated() {
                let number = UInt64(index + 1)
                try await engine.commit([record(number, twin, revision: number, [value])])
            }
            let latest = try engine.twin(twin, asOf: nil)?.latest.map(\.observation)
            try require(latest == [usable, values[5]], "latest \(latest ?? [])")
        },
        Rule("waveforms are on the timeline by their weight, and have no latest value") { place in
            let engine = try place.open()
            let twin = try twin()
            let number = observation(twin, .number(5), at: 100)
            var all = [number]
            try await engine.commit([record(1, twin, revision: 1, [number])])
            for index in UInt64(2)...40 {
                let bytes = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* Int(index)) }
                guard let block = WaveformBlock(bytes) else { throw ContractViolation("block") }
                let one = observation(twin, .waveform(block), at: Int64(index), code: "2-2")
                all.append(one)
                try await engine.commit([record(index, twin, revision: index, [one])])
            }
            engine.close()
            let again = try place.open()
            defer { again.close() }
            let found = try again.observations(of: twin, after: 0, through: 99, limit: 1 << 20)
            try require(found.map(\.observation) == all, "waveforms that were committed")
            let some = try again.observations(of: twin, after: 1, through: 99, limit: 200)
            try require(some.count == 4, "\(some.count) of the weight of 65 each")
            let latest = try again.twin(twin, asOf: nil)?.latest.map(\.observation)
            try require(latest == [number], "latest \(latest ?? [])")
        },
        Rule("what was corrected or withdrawn speaks no more, whichever came first") { place in
            var engine = try place.open()
            defer { engine.close() }
            let twin = try twin()
            var random = SplitMix64(seed: 5)
            let flags: [QualityFlags] = [[], [], .corrected, .deleted, .wrongPatient, .sentinel]
            var all: [StoredObservation] = []
            for number in UInt64(1)...80 {
                let values = (0..<2).map { _ in
                    observation(
                        twin, .number(Double(Int.random(in: 0..<3, using: &random))),
                        at: Int64.random(in: 0..<6, using: &random),
                        flags[Int.random(in: 0..<6, using: &random)],
                        code: "\(Int.random(in: 0..<2, using: &random))-1")
                }
                let record = record(number, twin, revision: number, values)
                try await engine.commit([record])
                all += values.map {
                    StoredObservation(
                        observation: $0, commitRevision: number, commitTime: record.commitTime)
                }
                if number % 20 == 0 {
                    engine.close()
                    engine = try place.open()
                }
                let state = try engine.twin(twin, asOf: nil)
                try require(state?.latest == Timeline.latest(all), "after \(number)")
                let amended = all.last { $0.observation.isAmendment }?.commitRevision
                try require(state?.amendedRevision == amended, "amended, after \(number)")
            }
        },
        Rule("who goes on in a twin's place is known after a restart") { place in
            let engine = try place.open()
            let twin = try twin()
            for (index, survivor) in ["A|1", "A|3", "A|2", "WARD|7"].enumerated() {
                let number = UInt64(index + 1)
                var statement = observation(twin, .text(survivor), at: [5, 9, 9, 7][index])
                statement.receiveTime = Instant(microsecondsSinceEpoch: Int64(index))
                statement.code = Statement.survivor.code
                try await engine.commit([record(number, twin, revision: number, [statement])])
            }
            engine.close()
            let again = try place.open()
            defer { again.close() }
            let expected = Survivor(
                twin: try EngineContract.twin("A|2"),
                time: Instant(microsecondsSinceEpoch: 9_000_000),
                receiveTime: Instant(microsecondsSinceEpoch: 2))
            try require(try again.recover().twins.map(\.survivor) == [expected], "survivor")
        },
        Rule("the latest values do not depend on the order of arrival") { place in
            let engine = try place.open()
            defer { engine.close() }
            var random = SplitMix64(seed: 4)
            let original = try twin("A|0")
            let values = (0..<60).map { _ in Observation.sample(of: original, &random) }
            var latest: [[ObservedValue]] = []
            var cursor: UInt64 = 0
            for number in 1...6 {
                let twin = try twin("A|\(number)")
                var rest = values.shuffled(using: &random)
                // Sent again, it changes nothing.
                if number > 3 { rest += rest.prefix(20) }
                var revision: Revision = 0
                while !rest.isEmpty {
                    let count = Int.random(in: 1...rest.count, using: &random)
                    (cursor, revision) = (cursor + 1, revision + 1)
                    let slice = rest.prefix(count).map { value in
                        var value = value
                        value.twin = twin
                        return value
                    }
                    try await engine.commit([record(cursor, twin, revision: revision, slice)])
                    rest.removeFirst(count)
                }
                let state = try engine.twin(twin, asOf: nil)
                latest.append(state?.latest.map(\.observation.value) ?? [])
            }
            try require(Set(latest).count == 1, "they differ: \(Set(latest))")
        },
        Rule("limits and ranges of revisions are kept") { place in
            let engine = try place.open()
            defer { engine.close() }
            let twin = try twin()
            for number in UInt64(1)...30 {
                let values = (0..<5).map {
                    observation(twin, .number(Double($0)), at: Int64(number))
                }
                try await engine.commit([record(number, twin, revision: number, values)])
            }
            func revisions(_ after: Revision, _ last: Revision, _ limit: Int) throws -> [Revision] {
                try engine.observations(of: twin, after: after, through: last, limit: limit)
                    .map(\.commitRevision)
            }
            let expected = (UInt64(1)...30).flatMap { Array(repeating: $0, count: 5) }
            for after in [UInt64(0), 1, 7, 29, 30, 31, .max] {
                for last in [UInt64(0), 1, 8, 30, .max] {
                    for limit in [-1, 0, 1, 7, 1000] {
                        let wanted = expected.filter { $0 > after && $0 <= last }
                            .prefix(max(0, limit))
                        try require(
                            try revisions(after, last, limit) == Array(wanted),
                            "after \(after) through \(last) limit \(limit)")
                    }
                }
            }
        },
    ]
}
