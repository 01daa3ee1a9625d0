import Testing
import TwinCore
import TwinTestKit

@testable import IngestCore

struct TableTests {
    @Test func `a table finds what it holds and nothing else`() {
        var generator = SplitMix64(seed: 3)
        var texts: Set<String> = []
        while texts.count < 1000 {
            texts.insert(String(Int.random(in: 0...100_000, using: &generator), radix: 36))
        }
        let order = texts.sorted()
        let table = ByteTable(order.enumerated().map { ($1, $0) })
        for (index, text) in order.enumerated() {
            #expect(table.value(of: Array(text.utf8).span) == index)
            #expect(table.value(of: Array((text + "!").utf8).span) == nil)
        }
        #expect(table.value(of: [UInt8]().span) == nil)
    }

    @Test func `case is ignored where it says so`() {
        let table = ByteTable([("mmHg", 1), ("\u{B5}g", 2)], ignoresCase: true)
        #expect(table.value(of: Array("MMhG".utf8).span) == 1)
        #expect(table.value(of: Array("\u{B5}G".utf8).span) == 2)
        #expect(ByteTable([("LN", 1)]).value(of: Array("ln".utf8).span) == nil)
    }

    @Test func `a fingerprint knows every byte, and where texts meet`() {
        var seen: Set<UInt64> = [Fingerprint.of([UInt8]().span)]
        for count in 1...40 {
            var bytes = [UInt8](repeating: 0, count: count)
            seen.insert(Fingerprint.of(bytes.span))
            for index in 0..<count {
                bytes[index] = 1
                seen.insert(Fingerprint.of(bytes.span))
                bytes[index] = 0
            }
        }
        #expect(seen.count == 1 + 40 + 40 * 41 / 2)
        var one = Fingerprint()
        var other = Fingerprint()
        for text in ["ab", "c"] { one.add(Array(text.utf8).span) }
        for text in ["a", "bc"] { other.add(Array(text.utf8).span) }
        #expect(one.value != other.value)
    }

    @Test func `the newest messages are remembered, and only so many`() {
        var recent = RecentMessages(countMax: 3)
        func at(_ seconds: Int64) -> Instant {
            Instant(microsecondsSinceEpoch: seconds * 1_000_000)
        }
        for id in 1...4 as ClosedRange<UInt64> {
            recent.remember(identity: id, fingerprint: id * 10, slot: id, at: at(Int64(id)))
        }
        #expect(recent.count == 3)
        #expect(recent.verdict(identity: 1, fingerprint: 10) == .new)
        #expect(recent.verdict(identity: 2, fingerprint: 20) == .duplicate(slot: 2))
        #expect(recent.verdict(identity: 2, fingerprint: 21) == .idReused)
        recent.forget(identity: 2, fingerprint: 20)
        #expect(recent.verdict(identity: 2, fingerprint: 20) == .new)
        recent.remember(identity: 2, fingerprint: 20, slot: 9, at: at(9))
        recent.forget(before: at(5))
        #expect(recent.verdict(identity: 2, fingerprint: 20) == .duplicate(slot: 9))
        #expect(recent.verdict(identity: 4, fingerprint: 40) == .new)
        for round in 0..<10_000 as Range<UInt64> {
            recent.remember(identity: round, fingerprint: round, slot: round, at: at(10))
        }
        #expect(recent.count == 3)
    }
}
