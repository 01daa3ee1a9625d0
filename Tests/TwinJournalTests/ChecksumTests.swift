import Testing
import TwinJournal
import TwinTestKit

struct ChecksumTests {
    @Test func `the checksum is CRC-32C`() {
        // The check value of the catalogue of CRC algorithms.
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(CRC32C.portableChecksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(CRC32C.checksum([UInt8]()) == 0)
    }

    @Test func `the processor's instruction and the table agree`() {
        var random = SplitMix64(seed: 7)
        for count in 0..<300 {
            let bytes = random.bytes(count)
            let seed = UInt32.random(in: 0...UInt32.max, using: &random)
            #expect(
                CRC32C.checksum(bytes, seed: seed) == CRC32C.portableChecksum(bytes, seed: seed))
        }
    }

    @Test func `a checksum can be continued`() {
        let bytes = Array("123456789".utf8)
        #expect(CRC32C.checksum(bytes[4...], seed: CRC32C.checksum(bytes[..<4])) == 0xE306_9283)
    }
}
