import Testing
import TwinDeflate
import TwinTestKit

struct DeflateTests {
    static let sample: [UInt8] = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 7 ^ $0 >> 9) }

    @Test(arguments: [DeflateContainer.gzip, .zlib, .raw])
    func `what was deflated comes back, in pieces and at once`(
        container: DeflateContainer
    ) throws {
        let deflated = Deflater.deflate(Self.sample, container: container)
        #expect(deflated.count < Self.sample.count / 4)
        var inflater = Inflater(deflated, container: container)
        var pieces: [UInt8] = []
        while !inflater.hasEnded { pieces += try inflater.read(777) }
        #expect(pieces == Self.sample)
        let all = try Inflater.all(
            of: deflated, container: container, countMax: Self.sample.count)
        #expect(all == Self.sample)
        #expect(throws: DeflateError.tooLarge) {
            try Inflater.all(of: deflated, container: container, countMax: Self.sample.count - 1)
        }
    }

    @Test func `members of gzip follow each other`() throws {
        let twice =
            Deflater.deflate([1, 2, 3], container: .gzip)
            + Deflater.deflate([4, 5], container: .gzip)
        #expect(try Inflater.all(of: twice, container: .gzip, countMax: 10) == [1, 2, 3, 4, 5])
    }

    @Test func `a cut or changed stream is refused and ends no process`() {
        let deflated = Deflater.deflate(Array(Self.sample[..<2000]), container: .gzip)
        Mutations.truncations(of: deflated) { bytes in
            #expect(throws: DeflateError.self) {
                try Inflater.all(of: bytes, container: .gzip, countMax: 4000)
            }
        }
        Mutations.random(of: [deflated], count: 3000, seed: 7) { bytes in
            let inflated = try? Inflater.all(of: bytes, container: .gzip, countMax: 4000)
            #expect((inflated?.count ?? 0) <= 4000)
        }
    }

    @Test func `the checksum is that of PNG`() {
        #expect(Deflater.checksum(Array("IEND".utf8)) == 0xAE42_6082)
    }
}
