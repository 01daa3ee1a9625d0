import TwinCore
import TwinStoreCore

extension EngineContract {
    static func twin(_ text: String = "WARD|7") throws -> TwinID {
        guard let twin = TwinID(text) else { throw ContractViolation("no twin") }
        return twin
    }

    static func record(
        _ cursor: UInt64, _ twin: TwinID, revision: Revision, _ observations: [Observation]
    ) -> StoreRecord {
        StoreRecord(
            cursor: cursor, commitTime: Instant(microsecondsSinceEpoch: Int64(cursor)),
            change: .observations(
                ingest: "i", offset: cursor,
                slices: [TwinSlice(twin: twin, revision: revision, observations: observations)]))
    }

    static func observation(
        _ twin: TwinID, _ value: ObservedValue, at second: Int64, _ flags: QualityFlags = [],
        code: String = "1-1"
    ) -> Observation {
        Observation(
            twin: twin, code: .loinc(code), value: value, unit: "",
            eventTime: Instant(microsecondsSinceEpoch: second * 1_000_000),
            receiveTime: Instant(microsecondsSinceEpoch: 0), source: "s", flags: flags)
    }

    static let basics: [Rule] = [
        Rule("a new engine is empty") { place in
            let engine = try place.open()
            defer { engine.close() }
            let twin = try twin()
            try require(try engine.recover() == Recovery(), "it knows something")
            try require(try engine.twin(twin, asOf: nil) == nil, "a twin")
            try require(try engine.twin(twin, asOf: 4) == nil, "a past twin")
            try require(try engine.twins(identifier: "7").isEmpty, "a twin by identifier")
            try require(
                try engine.observations(of: twin, after: 0, through: 9, limit: 9).isEmpty,
                "observations")
            try require(try engine.features(of: twin).isEmpty, "features")
        },
        Rule("what was called back is read at once") { place in
            let engine = try place.open()
            defer { engine.close() }
            let twin = try twin()
            var random = SplitMix64(seed: 1)
            for number in UInt64(1)...60 {
                let observations = (0..<3).map { _ in Observation.sample(of: twin, &random) }
                try await engine.commit([record(number, twin, revision: number, observations)])
                let found = try engine.observations(
                    of: twin, after: number - 1, through: number, limit: 10)
                try require(found.map(\.observation) == observations, "commit \(number)")
                try require(
                    try engine.twin(twin, asOf: nil)?.revision == number, "revision \(number)")
            }
        },
        Rule("callbacks come once each, also of many commits at once") { place in
            let engine = try place.open()
            defer { engine.close() }
            var script = EngineScript(seed: 2)
            let portions = (0..<50).map { script.next(1 + $0 % 7) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for portion in portions {
                    let (stream, continuation) = AsyncThrowingStream<Void, any Error>.makeStream()
                    engine.commit(portion) { answer in
                        continuation.yield(with: answer.mapError { $0 as any Error })
                        continuation.finish()
                    }
                    group.addTask {
                        var count = 0
                        for try await _ in stream { count += 1 }
                        try require(count == 1, "called back \(count) times")
                    }
                }
                try await group.waitForAll()
            }
        },
        Rule("a record out of its turn is refused, and all that follow") { place in
            let engine = try place.open()
            defer { engine.close() }
            let twin = try twin()
            try await engine.commit([record(1, twin, revision: 1, [])])
            for cursor: UInt64 in [3, 2] {
                do {
                    try await engine.commit([record(cursor, twin, revision: 2, [])])
                    throw ContractViolation("record \(cursor) was taken")
                } catch is EngineError {}
            }
        },
        Rule("artifacts come back as they were put") { place in
            var engine = try place.open()
            let bytes = Array("an artifact".utf8)
            let name = "326086a5d542fbb3f783c4d9182b3188caecd714d02d6c10cbdea982e2bfc409"
            guard let id = ArtifactID(hex: name),
                let other = ArtifactID(hex: String(repeating: "0", count: 64))
            else { throw ContractViolation("no name") }
            try require(try engine.artifactBytes(id) == nil, "before")
            try engine.putArtifact(id, bytes: bytes)
            try engine.putArtifact(id, bytes: bytes)
            try require(try engine.artifactBytes(id) == bytes, "after")
            engine.close()
            engine = try place.open()
            defer { engine.close() }
            try require(try engine.artifactBytes(id) == bytes, "after reopening")
            try require(try engine.artifactBytes(other) == nil, "another")
        },
        Rule("an artifact in parts is read when it is whole, and not before") { place in
            let bytes = Array("an artifact".utf8)
            let name = "326086a5d542fbb3f783c4d9182b3188caecd714d02d6c10cbdea982e2bfc409"
            guard let id = ArtifactID(hex: name) else { throw ContractViolation("no name") }
            var engine = try place.open()
            func put(_ range: Range<Int>) throws -> UInt64 {
                try engine.putArtifactPart(
                    ArtifactPart(artifact: id, byteCount: 11, offset: UInt64(range.lowerBound)),
                    bytes: Array(bytes[range]))
            }
            try require(try put(0..<4) == 4, "the first part")
            try require(try put(7..<11) == 4, "a gap")
            try require(try put(0..<4) == 4, "again")
            try require(try engine.artifactBytes(id) == nil, "half is nothing")
            try require(try put(2..<7) == 7 && put(7..<11) == 11, "the rest")
            try require(try put(3..<5) == 11, "after the end")
            engine.close()
            engine = try place.open()
            defer { engine.close() }
            try require(try engine.artifactBytes(id) == bytes, "after reopening")
            try require(
                try engine.artifactBytes(id, from: 3, count: 4) == Array(bytes[3..<7]), "some")
            try require(try engine.artifactBytes(id, from: 9, count: 9)?.count == 2, "the end")
            try require(try engine.artifactBytes(id, from: .max, count: 9) == [], "behind it")
        },
        Rule("a twin is found by its identifier, two at most") { place in
            let engine = try place.open()
            defer { engine.close() }
            let names = ["A|1", "B|1", "C|1", "1", "A|2"]
            for (index, name) in names.enumerated() {
                let twin = try twin(name)
                try await engine.commit([record(UInt64(index + 1), twin, revision: 1, [])])
            }
            try require(try engine.twins(identifier: "2").map(\.text) == ["A|2"], "one")
            try require(try engine.twins(identifier: "1").count == 2, "several")
            try require(try engine.twins(identifier: "3").isEmpty, "none")
        },
    ]
}
