import Testing
import TwinCore
import TwinLink
import TwinWire

/// Good messages, damaged: whatever comes out is a value or an error, never a crash.
struct MutationTests {
    private static let payloads =
        FossilSamples.messages.map { $0.message.payload() }.filter { !$0.body.isEmpty }

    /// Reads it, and proves that what was read can be said again.
    ///
    /// True if it was read.
    private static func read(_ payload: Payload) throws -> Bool {
        guard let message = try? Message(payload) else { return false }
        let again = try Message(message.payload())
        #expect(again == message)
        return true
    }

    @Test func `every truncation is a message or an error`() throws {
        for payload in MutationTests.payloads {
            for count in payload.body.indices {
                var cut = payload
                cut.body.removeSubrange(count...)
                _ = try MutationTests.read(cut)
            }
        }
    }

    @Test func `every changed byte gives a message or an error`() throws {
        var readCount = 0
        for payload in MutationTests.payloads {
            for index in payload.body.indices {
                for change in [0x01, 0x02, 0x04, 0x80, 0xFF] as [UInt8] {
                    var changed = payload
                    changed.body[index] ^= change
                    if try MutationTests.read(changed) { readCount += 1 }
                }
            }
        }
        #expect(readCount > 0)
    }

    @Test(arguments: [30, 31, 32, 33] as [UInt64])
    func `twenty-five thousand mutations give messages or errors`(seed: UInt64) throws {
        var samples = Samples(seed: seed)
        let small = MutationTests.payloads.filter { $0.body.count < 600 }
        for _ in 0..<25_000 {
            var payload = samples.one(of: small)
            for _ in 0...samples.count(3) { samples.mutate(&payload.body) }
            _ = try? Message(payload)
        }
    }

    @Test(arguments: [34] as [UInt64])
    func `random bytes are a message or an error`(seed: UInt64) throws {
        var samples = Samples(seed: seed)
        let subjects = Set(MutationTests.payloads.map(\.subject)).sorted()
        for _ in 0..<5_000 {
            let bytes = (0..<samples.count(64)).map { _ in UInt8(truncatingIfNeeded: samples.next())
            }
            _ = try? Message(Payload(subject: samples.one(of: subjects), body: bytes))
            _ = try? HeaderWire.decode(bytes)
        }
    }
}

extension Samples {
    /// One change of the kind that a broken sender or a hostile one makes.
    mutating func mutate(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let index = count(bytes.count - 1)
        switch count(5) {
        case 0: bytes[index] = UInt8(truncatingIfNeeded: next())
        case 1: bytes[index] ^= 1 << UInt8(count(7))
        case 2: bytes.remove(at: index)
        case 3: bytes.insert(UInt8(truncatingIfNeeded: next()), at: index)
        case 4: bytes.removeSubrange(index...)
        default:
            let end = min(bytes.count, index + count(20))
            bytes.insert(contentsOf: bytes[index..<end], at: count(bytes.count))
        }
    }
}
