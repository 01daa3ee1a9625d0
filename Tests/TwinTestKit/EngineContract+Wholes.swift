import TwinCore
import TwinStoreCore

extension EngineContract {
    static let wholes: [Rule] = [
        Rule("it answers as the engine in memory does, whatever happens") { place in
            for seed in UInt64(5)...7 {
                // Each seed needs an empty place; one that has no other makes do with the first.
                guard let place = seed == 5 ? place : (place as? any FreshPlace)?.fresh() else {
                    return
                }
                let oracle = InMemoryEngine()
                var script = EngineScript(seed: seed)
                var random = SplitMix64(seed: seed)
                for round in 0..<4 {
                    let engine = try place.open()
                    try requireSame(
                        engine, oracle, script.twins, withRecovery: true,
                        "seed \(seed), opened for round \(round)")
                    for step in 0..<25 {
                        let records = script.next(Int.random(in: 1...6, using: &random))
                        try await engine.commit(records)
                        try await oracle.commit(records)
                        guard step % 6 == 0 else { continue }
                        try requireSame(
                            engine, oracle, script.twins, withRecovery: false,
                            "seed \(seed), round \(round), step \(step)")
                    }
                    engine.close()
                }
            }
        },
        Rule("reopening changes nothing") { place in
            var script = EngineScript(seed: 8)
            var engine = try place.open()
            for _ in 0..<30 { try await engine.commit(script.next(4)) }
            engine.close()
            engine = try place.open()
            let first = try EnginePicture(of: engine, script.twins)
            try require(first.recovery.cursor == 120, "cursor \(first.recovery.cursor)")
            for _ in 0..<3 {
                engine.close()
                engine = try place.open()
                let again = try EnginePicture(of: engine, script.twins)
                let difference = first.difference(again)
                try require(difference == nil, difference ?? "")
            }
            try await engine.commit(script.next(1))
            engine.close()
        },
        Rule("large commits are kept") { place in
            var engine = try place.open()
            let twin = try twin()
            var random = SplitMix64(seed: 9)
            let many = (0..<4000).map { _ in Observation.sample(of: twin, &random) }
            try await engine.commit([record(1, twin, revision: 1, many)])
            let slices = try (0..<600).map { number in
                let twin = try Self.twin("MANY|\(number)")
                return TwinSlice(
                    twin: twin, revision: 1,
                    observations: [observation(twin, .number(Double(number)), at: 5)])
            }
            try await engine.commit([
                StoreRecord(
                    cursor: 2, commitTime: Instant(microsecondsSinceEpoch: 2),
                    change: .observations(ingest: "i", offset: 2, slices: slices))
            ])
            for isReopened in [false, true] {
                let found = try engine.observations(
                    of: twin, after: 0, through: 1, limit: .max)
                try require(found.map(\.observation) == many, "one twin, \(isReopened)")
                let last = try engine.twin(Self.twin("MANY|599"), asOf: nil)
                try require(last?.latest.first?.observation.number == 599, "many twins")
                engine.close()
                engine = try place.open()
            }
            let recovery = try engine.recover()
            try require(recovery.twins.count == 601, "\(recovery.twins.count) twins")
            try require(recovery.observationCount == 4600, "\(recovery.observationCount)")
            engine.close()
        },
    ]

    /// A place that can give another, empty one.
    public protocol FreshPlace: Place {
        func fresh() -> any Place
    }
}
