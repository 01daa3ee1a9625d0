import ModelCore
import Testing
import TwinCore
import TwinTestKit

@Suite struct ModelRoomTests {
    /// Bytes are a digit: the model of that name.
    ///
    /// 15 does not load, 14 fails its golden rows.
    private static let loader: ModelRoom.Loader = { id, bytes in
        guard let digit = bytes.first, digit != 15 else {
            return .failure(Refusal(.malformed, "not a model"))
        }
        guard let model = try? SampleModel.logistic(Int(digit)) else {
            return .failure(Refusal(.failed, "no sample"))
        }
        guard digit == 14 else { return .success(model) }
        let lying = try? LoadedModel(
            id: model.id, manifest: model.manifest, scorer: FixedScorer([0.5, 0.5]),
            explainer: model.explainer)
        return lying.map(Result.success) ?? .failure(Refusal(.failed, "no sample"))
    }

    private let twin: TwinID

    init() throws { twin = try #require(TwinID("H|1")) }

    private func assess(_ digits: Int...) -> WorkOrder {
        .assess(
            ModelTask(
                twin: twin, revision: 7, epoch: 3, artifacts: digits.map { SampleModel.id($0) },
                features: SampleModel.features()))
    }

    private func fetched(_ digit: Int) -> ModelRoom.Arrival {
        .artifact(SampleModel.id(digit), .success([UInt8(digit)]))
    }

    private func outcome(_ departures: [ModelRoom.Departure]) -> [UInt64: WorkResult] {
        var results: [UInt64: WorkResult] = [:]
        for case .result(let request, let result) in departures { results[request] = result }
        return results
    }

    @Test func `an order fetches what it needs, once, and is worked off`() throws {
        var room = ModelRoom(loader: Self.loader)
        #expect(room.receive(.order(1, assess(1))) == [.fetch(SampleModel.id(1))])
        #expect(room.receive(.order(2, assess(1))) == [])
        #expect(room.waitingCount == 2)
        let results = outcome(room.receive(fetched(1)))
        #expect(Set(results.keys) == [1, 2])
        let expected = Assessor().assess(
            SampleModel.features(), revision: 7, with: try SampleModel.logistic(1))
        #expect(results[1] == .assessments(twin, revision: 7, epoch: 3, [expected]))
        #expect(results[2] == results[1])
        // From now on it needs nothing more.
        #expect(outcome(room.receive(.order(3, assess(1))))[3] == results[1])
        #expect(room.waitingCount == 0)
    }

    @Test func `assessments come in the order of the artifacts`() {
        var room = ModelRoom(loader: Self.loader)
        _ = room.receive(.order(1, assess(2, 1, 3)))
        #expect(room.receive(fetched(1)) == [])
        #expect(room.receive(fetched(3)) == [])
        let results = outcome(room.receive(fetched(2)))
        guard case .assessments(_, _, _, let made)? = results[1] else {
            Issue.record("no assessments")
            return
        }
        #expect(made.map(\.artifact) == [2, 1, 3].map { SampleModel.id($0) })
    }

    @Test func `preparing loads and proves`() {
        var room = ModelRoom(loader: Self.loader)
        let task = PrepareTask(artifacts: [SampleModel.id(1), SampleModel.id(2)])
        #expect(room.receive(.order(1, .prepare(task))).count == 2)
        #expect(room.receive(fetched(2)) == [])
        #expect(room.receive(fetched(1)) == [.result(1, .prepared(task.artifacts))])
        #expect(room.loaded == [SampleModel.id(2), SampleModel.id(1)])
    }

    private func refusal(_ departures: [ModelRoom.Departure], _ request: UInt64) -> Refusal? {
        guard case .failed(let refusal)? = outcome(departures)[request] else { return nil }
        return refusal
    }

    @Test func `bad artifacts fail their orders and say why`() {
        var room = ModelRoom(loader: Self.loader)
        _ = room.receive(.order(1, assess(15, 1)))
        #expect(refusal(room.receive(fetched(15)), 1)?.detail == "not a model")
        #expect(room.waitingCount == 0)
        // The same bytes would be refused again: they are not fetched again.
        #expect(refusal(room.receive(.order(2, assess(15))), 2)?.detail == "not a model")
        _ = room.receive(.order(3, assess(14)))
        #expect(refusal(room.receive(fetched(14)), 3)?.detail.contains("golden row ") == true)
        _ = room.receive(.order(4, assess(5)))
        let missing = Refusal(.notFound, "gone")
        #expect(
            refusal(room.receive(.artifact(SampleModel.id(5), .failure(missing))), 4) == missing)
        // A fetch that failed may succeed later.
        #expect(room.receive(.order(5, assess(5))) == [.fetch(SampleModel.id(5))])
        _ = room.receive(.order(6, assess(6)))
        let other = room.receive(.artifact(SampleModel.id(6), .success([7])))
        #expect(refusal(other, 6)?.reason == .malformed)
    }

    @Test func `what waits and what is kept is bounded`() {
        var limits = ModelRoom.Limits()
        limits.modelCountMax = 2
        limits.waitingCountMax = 3
        limits.artifactCountMax = 4
        var room = ModelRoom(loader: Self.loader, limits: limits)
        for request in 1...3 { _ = room.receive(.order(UInt64(request), assess(1))) }
        #expect(refusal(room.receive(.order(4, assess(2))), 4)?.reason == .overloaded)
        #expect(refusal(room.receive(.order(5, assess(1, 2, 3, 4, 5))), 5)?.reason == .tooLarge)
        #expect(outcome(room.receive(fetched(1))).count == 3)
        _ = room.receive(.order(6, assess(2, 3, 4)))
        for digit in [2, 3] { #expect(room.receive(fetched(digit)) == []) }
        // More artifacts than are kept: still worked off.
        #expect(outcome(room.receive(fetched(4))).count == 1)
        #expect(room.loaded == [SampleModel.id(3), SampleModel.id(4)])
        _ = room.receive(.order(7, assess(3)))
        _ = room.receive(.order(8, assess(5)))
        _ = room.receive(fetched(5))
        #expect(room.loaded == [SampleModel.id(3), SampleModel.id(5)])
    }

    @Test func `what was not asked for is not taken`() {
        var room = ModelRoom(loader: Self.loader)
        #expect(room.receive(fetched(1)) == [])
        #expect(room.loaded == [])
        let order = WorkOrder.features(
            FeatureTask(
                twin: twin, modality: .vitals, fromRevision: 0, toRevision: 1, observations: []))
        #expect(refusal(room.receive(.order(1, order)), 1)?.reason == .unsupported)
    }

    @Test func `the same orders in any order give the same assessments`() {
        let seed: UInt64 = 17
        print("seed \(seed)")
        var random = SeededSequence(seed: seed)
        var reference: [UInt64: WorkResult] = [:]
        for round in 0..<20 {
            var room = ModelRoom(loader: Self.loader)
            var arrivals: [ModelRoom.Arrival] = (1...6).map {
                .order(UInt64($0), assess($0 % 3 + 1, $0 % 4 + 1))
            }
            var results: [UInt64: WorkResult] = [:]
            while !arrivals.isEmpty {
                let arrival = arrivals.remove(at: random.next(below: arrivals.count))
                for departure in room.receive(arrival) {
                    switch departure {
                    case .fetch(let id):
                        let digit = UInt8(id.hex.prefix(1), radix: 16) ?? 0
                        arrivals.append(.artifact(id, .success([digit])))
                    case .result(let request, let result): results[request] = result
                    }
                }
            }
            #expect(results.count == 6)
            if round == 0 { reference = results }
            #expect(results == reference)
        }
    }
}
