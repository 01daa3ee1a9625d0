import ModelCore
import Testing
import TwinTestKit

@Suite struct ModelSlotTests {
    /// A model whose answer tells its name: n / 16.
    private func named(_ digit: Int, golden: Double? = nil) throws -> LoadedModel {
        let answer = Float(digit) / 16
        let expected = golden ?? Double(answer)
        return try LoadedModel(
            id: SampleModel.id(digit),
            manifest: SampleModel.manifest(golden: [
                GoldenRow(input: [1, 2, 3], output: [1 - expected, expected])
            ]), scorer: FixedScorer([1 - answer, answer]),
            explainer: FixedExplainer(
                Explanation(
                    baseline: Double(answer), contributions: [0, 0, 0], link: .identity)))
    }

    @Test func `empty, then serving, then swapped`() throws {
        let slot = ModelSlot()
        #expect(slot.phase == .empty)
        #expect(slot.serving == nil)
        try slot.offer(try named(1))
        #expect(slot.phase == .serving(SampleModel.id(1)))
        try slot.offer(try named(2))
        #expect(slot.serving?.id == SampleModel.id(2))
    }

    @Test func `a candidate with wrong golden rows leaves everything as it was`() throws {
        let slot = ModelSlot()
        let bad = try named(3, golden: 0.9)
        let error = ModelError.goldenMismatch(
            row: 0, column: 0, expected: 1 - 0.9, got: 0.8125)
        #expect(throws: error) { try slot.offer(bad) }
        #expect(slot.phase == .empty)
        try slot.offer(try named(1))
        #expect(throws: error) { try slot.offer(bad) }
        #expect(slot.phase == .serving(SampleModel.id(1)))
    }

    /// Swaps while others score; returns the answers that are not their model's.
    private func mixedAnswers(in slot: ModelSlot, swaps: Int) async throws -> Int {
        let models = try (1...4).map { try named($0) }
        try slot.offer(models[0])
        let done = Seen()
        return try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                defer { done.note() }
                for swap in 0..<swaps { try slot.offer(models[swap % models.count]) }
                return 0
            }
            group.addTask {
                var mixed = 0
                var reads = 0
                while done.count == 0 || reads < swaps {
                    guard let model = slot.serving else { return .max }
                    let scores = try model.scorer.score([1, 2, 3], count: 1)
                    let digit = Int(scores[1] * 16)
                    if SampleModel.id(digit) != model.id { mixed += 1 }
                    if model.manifest.golden[0].output[1] != Double(scores[1]) { mixed += 1 }
                    reads += 1
                }
                return mixed
            }
            return try await group.reduce(0, +)
        }
    }

    @Test func `ten thousand swaps under scoring never mix two models`() async throws {
        #expect(try await mixedAnswers(in: ModelSlot(), swaps: 10_000) == 0)
    }

    @Test func `a candidate waits while another is proved`() throws {
        let slot = ModelSlot()
        // A scorer that offers another model while it is being proved.
        struct Intruder: Scorer {
            let slot: ModelSlot
            let other: LoadedModel
            var featureCount: Int { 3 }
            var classCount: Int { 2 }
            var operationsPerRow: Int { 1 }

            func score(_ rows: [Float], count: Int) throws(ModelError) -> [Float] {
                try slot.offer(other)
                return []
            }
        }
        let model = try named(1)
        let intruder = try LoadedModel(
            id: model.id, manifest: model.manifest, scorer: Intruder(slot: slot, other: model),
            explainer: model.explainer)
        #expect(throws: ModelError.busy) { try slot.offer(intruder) }
        #expect(slot.phase == .empty)
    }

    #if DEBUG
    @Test func `a slot that tears models is found`() async throws {
        #expect(try await mixedAnswers(in: ModelSlot(plantedBug: .tearsModel), swaps: 10_000) > 0)
    }

    @Test func `a slot that serves what is not proved is found`() throws {
        let slot = ModelSlot(plantedBug: .servesUnproved)
        let seen = Seen()
        struct Watcher: Scorer {
            let slot: ModelSlot
            let seen: Seen
            var featureCount: Int { 3 }
            var classCount: Int { 2 }
            var operationsPerRow: Int { 1 }

            func score(_ rows: [Float], count: Int) throws(ModelError) -> [Float] {
                if case .serving = slot.phase { seen.note() }
                return (0..<count).flatMap { _ in [Float(0.5), 0.5] }
            }
        }
        let model = try named(8)
        let watched = try LoadedModel(
            id: model.id, manifest: model.manifest, scorer: Watcher(slot: slot, seen: seen),
            explainer: model.explainer)
        try slot.offer(watched)
        #expect(seen.count > 0)
        let sound = ModelSlot()
        let unseen = Seen()
        try sound.offer(
            try LoadedModel(
                id: model.id, manifest: model.manifest,
                scorer: Watcher(slot: sound, seen: unseen), explainer: model.explainer))
        #expect(unseen.count == 0)
    }
    #endif
}
