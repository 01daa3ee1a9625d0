import ModelCore
import ModelONNX
import Testing
import TwinTestKit

/// Damaged files are refused or answer; they never end the process, and never pass for the whole.
@Suite struct MutationTests {
    /// Reads and, where it can be read, runs on one row.
    private func tryOut(_ bytes: [UInt8], width: Int) -> Bool {
        guard let artifact = try? ONNXArtifact(bytes: bytes) else { return false }
        let row = (0..<(artifact.featureCount.map { min($0, 64) } ?? width)).map { Float($0) / 3 }
        _ = try? artifact.run(row, count: 1)
        _ = try? ONNXScorer(artifact, featureCount: width).exactForm(positive: 1)
        return true
    }

    static let small = [
        "logistic", "linear_one_none", "shapes", "gemm_sigmoid", "trees_single_mixed_logistic",
    ]

    @Test(arguments: small)
    func `every truncation is refused or harmless`(_ name: String) throws {
        let fixture = try Fixture(name)
        for count in 0..<fixture.bytes.count {
            _ = tryOut(Array(fixture.bytes.prefix(count)), width: fixture.width)
        }
    }

    @Test(arguments: small)
    func `every changed byte is refused or harmless`(_ name: String) throws {
        let fixture = try Fixture(name)
        for index in fixture.bytes.indices {
            for change: UInt8 in [0x01, 0x80, 0xFF] {
                var bytes = fixture.bytes
                bytes[index] ^= change
                _ = tryOut(bytes, width: fixture.width)
            }
        }
    }

    @Test func `ten thousand random changes are refused or harmless`() throws {
        let seed: UInt64 = 2_024
        var random = SeededSequence(seed: seed)
        let fixtures = try Fixture.names.map(Fixture.init).filter { $0.bytes.count < 3_000 }
        var read = 0
        for _ in 0..<10_000 {
            let fixture = fixtures[random.next(below: fixtures.count)]
            var bytes = fixture.bytes
            for _ in 0...random.next(below: 4) {
                let place = random.next(below: bytes.count)
                switch random.next(below: 3) {
                case 0: bytes[place] = UInt8(random.next(below: 256))
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8(random.next(below: 256)), at: place)
                }
            }
            if tryOut(bytes, width: fixture.width) { read += 1 }
        }
        print("seed \(seed): \(read) of 10000 changed files were still models")
    }

    @Test func `a damaged artifact never loads under its name`() throws {
        let sample = ArtifactTests.samples[0]
        let bytes = try ArtifactWriter.bytes(
            sample.ensemble, link: sample.link, manifest: sample.manifest)
        let id = ONNXArtifact.identity(of: bytes)
        for count in stride(from: 0, to: bytes.count, by: 97) {
            if case .success = ArtifactTests.loader(id, Array(bytes.prefix(count))) {
                Issue.record("\(count) bytes load")
            }
        }
        for index in stride(from: 0, to: bytes.count, by: 61) {
            var changed = bytes
            changed[index] ^= 1
            if case .success = ArtifactTests.loader(id, changed) {
                Issue.record("a changed byte \(index) loads")
            }
        }
    }

    @Test func `changed weights are found by the golden rows`() throws {
        let sample = ArtifactTests.samples[1]
        var ensemble = sample.ensemble
        for tree in ensemble.trees.indices {
            for node in ensemble.trees[tree].indices { ensemble.trees[tree][node].value /= 2 }
        }
        let bytes = try ArtifactWriter.bytes(
            ensemble, link: sample.link, manifest: sample.manifest)
        let id = ONNXArtifact.identity(of: bytes)
        let model = try ArtifactTests.loader(id, bytes).get()
        #expect(throws: ModelError.self) { try Proof.prove(model) }
    }
}
