import Testing
import TwinCore
import TwinLink
import TwinWire

/// Bytes that nobody should send.
struct HostileTests {
    private static func error(_ bytes: [UInt8], subject: UInt32 = 10) -> WireError? {
        #expect(throws: WireError.self) { try Message(Payload(subject: subject, body: bytes)) }
    }

    private static func isMalformed(_ error: WireError?) -> Bool {
        if case .malformed? = error { true } else { false }
    }

    private static func isTooLarge(_ error: WireError?) -> Bool {
        if case .tooLarge? = error { true } else { false }
    }

    @Test(arguments: [10, 20, 21, 30, 31, 32, 40, 41] as [UInt32])
    func `nothing is no message where something is needed`(subject: UInt32) {
        let error = HostileTests.error([], subject: subject)
        guard case .invalid? = error else {
            Issue.record("\(subject): \(String(describing: error))")
            return
        }
    }

    @Test(
        arguments: [
            ("key of 11 bytes", [UInt8](repeating: 0x80, count: 10) + [1]),
            ("value of 11 bytes", [0x08] + [UInt8](repeating: 0x80, count: 10) + [1]),
            ("value beyond 64 bits", [0x08] + [UInt8](repeating: 0xFF, count: 9) + [2]),
            ("value cut off", [0x08, 0x80]), ("key cut off", [0x80]), ("field 0", [0x00, 0x00]),
            ("group", [0x0B, 0x0C]), ("end of a group", [0x0C]), ("wire type 6", [0x0E]),
            ("wire type 7", [0x0F]), ("fixed32 cut off", [0x7D, 0, 0, 0]),
            ("fixed64 cut off", [0x79, 0, 0, 0, 0, 0, 0, 0]),
            ("length beyond the end", [0x0A, 0x05, 0x00]),
            ("length 2^31", [0x0A, 0x80, 0x80, 0x80, 0x80, 0x08]),
            ("length 2^32-1", [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
            ("length 2^63", [0x0A, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]),
            (
                "length beyond the parent",
                Proto().bytes(1, [0x0A, 0x05]).with([0, 0, 0, 0, 0]).bytes
            ),
            (
                "message where a number belongs",
                Proto().message(1, Proto().bytes(5, [0]).varint(5, 1)).bytes
            ),
            ("columns twice", Proto().message(1, Proto()).message(1, Proto()).bytes),
            ("not UTF-8", Proto().message(1, Proto().bytes(1, [0x41, 0xFF])).bytes),
            ("overlong UTF-8", Proto().message(1, Proto().bytes(1, [0xC0, 0x80])).bytes),
            ("surrogate", Proto().message(1, Proto().bytes(3, [0xED, 0xA0, 0x80])).bytes),
            ("NUL", Proto().message(1, Proto().bytes(3, [0x41, 0x00])).bytes),
            ("twin twice", Proto().message(2, Proto().text(1, "a").text(1, "b")).bytes),
            ("two values", Proto().message(2, Proto().double(3, 1).text(4, "b")).bytes),
            ("doubles cut off", Proto().message(1, Proto().bytes(12, [1, 2, 3])).bytes),
            ("packed number cut off", Proto().message(1, Proto().bytes(7, [0x80])).bytes),
        ] as [(String, [UInt8])])
    func `what is no message is refused`(what: String, bytes: [UInt8]) {
        let error = HostileTests.error(bytes)
        #expect(HostileTests.isMalformed(error), "\(what): \(String(describing: error))")
    }

    @Test func `an overlong number is a number`() throws {
        let message = try Message(Payload(subject: 11, body: [0x08, 0x83, 0x80, 0x00]))
        #expect(message == .accepted(count: 3))
    }

    @Test func `fields of a later version are tolerated`() throws {
        let later = Proto().varint(77, 5).text(19_000, "later").double(78, 1)
        var samples = Samples(seed: 20)
        for _ in 0..<100 {
            let message = samples.message()
            var payload = message.payload()
            payload.body += later.bytes
            #expect(try Message(payload) == message)
        }
        let header = samples.header()
        #expect(try HeaderWire.decode(HeaderWire.encode(header) + later.bytes) == header)
    }

    @Test func `a megabyte of empty messages is too much`() {
        let flood = [UInt8](repeating: 0, count: 1 << 19).flatMap { _ in [0x12, 0x00] as [UInt8] }
        #expect(HostileTests.isTooLarge(HostileTests.error(flood)))
        // Few enough to be scanned: then the arena is what says no.
        let error = HostileTests.error(Array(flood[..<(1 << 18)]))
        #expect(error == .tooLarge("a message that takes too much memory"))
    }

    @Test func `a megabyte of unknown numbers is too much`() {
        let flood = [UInt8](repeating: 0, count: 1 << 19).flatMap { _ in [0x78, 0x01] as [UInt8] }
        #expect(HostileTests.isTooLarge(HostileTests.error(flood)))
        let error = HostileTests.error(Array(flood[..<(1 << 18)]))
        #expect(error == .tooLarge("a message that takes too much memory"))
    }

    @Test func `a message above its limit is not looked at`() {
        let long = [UInt8](repeating: 0x78, count: (16 << 20) + 1)
        #expect(HostileTests.isTooLarge(HostileTests.error(long)))
        #expect(throws: WireError.self) {
            try HeaderWire.decode([UInt8](repeating: 0x78, count: 65_537))
        }
    }

    @Test func `depth is bounded`() throws {
        // Answer, twin, latest, observations, rows, code: the deepest that the schema has is 6.
        var samples = Samples(seed: 21)
        let stored = [samples.stored()]
        let payload = Message.answer(.history(stored)).payload()
        #expect(try Message(payload, limits: WireLimits(depthMax: 5)) == .answer(.history(stored)))
        #expect(throws: WireError.tooLarge("messages nested deeper than 4")) {
            try Message(payload, limits: WireLimits(depthMax: 4))
        }
    }

    @Test func `memory is bounded whatever the bound is`() throws {
        var samples = Samples(seed: 22)
        let payload = Message.answer(.changes((0..<20).map { _ in samples.change() })).payload()
        var refusedCount = 0
        for bound in stride(from: 0, to: 60_000, by: 97) {
            do {
                _ = try Message(payload, limits: WireLimits(arenaByteCountMax: bound))
            } catch {
                #expect(error == .tooLarge("a message that takes too much memory"))
                refusedCount += 1
            }
        }
        #expect(refusedCount > 10)
    }

    @Test(
        arguments: [
            ("probability", Proto().message(5, Proto().double(1, 1.5))),
            ("no verdict", Proto()),
            ("infinite estimate", Proto().message(17, Proto().double(1, .infinity))),
            (
                "interval from above",
                Proto().message(17, Proto().message(3, Proto().double(1, 2).double(2, 1)))
            ),
            (
                "interval of all and more",
                Proto().message(17, Proto().message(3, Proto().double(3, 1.5)))
            ),
            ("infinite baseline", Proto().message(6, Proto()).double(7, .infinity)),
        ] as [(String, Proto)])
    func `an assessment that breaks a rule is refused`(what: String, part: Proto) {
        let assessment = Proto().text(1, "death").text(2, String(repeating: "a", count: 64))
            .message(11, Proto()).with(part.bytes)
        #expect(throws: WireError.self, "\(what)") {
            try ValueWire.assessments(Proto().message(1, assessment).bytes)
        }
        let good = Proto().text(1, "death").text(2, String(repeating: "a", count: 64))
            .message(11, Proto()).message(6, Proto())
        #expect(throws: Never.self) {
            try ValueWire.assessments(Proto().message(1, good).bytes)
        }
    }

    @Test(arguments: [
        ("short id", String(repeating: "a", count: 63)),
        ("long id", String(repeating: "a", count: 65)),
        ("upper case", String(repeating: "A", count: 64)), ("no id", ""),
    ])
    func `an artifact's id is 64 digits`(what: String, id: String) {
        #expect(throws: WireError.self, "\(what)") {
            try ValueWire.artifactInfo(Proto().text(1, id).bytes)
        }
    }

    @Test(arguments: [
        ("modality", Proto().varint(1, 4).text(5, "a").doubles(9, [1])),
        ("unsorted", Proto().varint(1, 1).text(5, "b").text(5, "a").doubles(9, [1, 2])),
        ("twice", Proto().varint(1, 1).text(5, "a").text(5, "a").doubles(9, [1, 2])),
        ("no value", Proto().varint(1, 1).text(5, "a")),
        ("too many values", Proto().varint(1, 1).text(5, "a").doubles(9, [1, 2])),
        ("missing is not there", Proto().varint(1, 1).text(5, "a").packed(8, [1])),
        ("missing twice", Proto().varint(1, 1).text(5, "a").text(5, "b").packed(8, [0, 0])),
        ("unit", Proto().varint(1, 1).text(5, "a").doubles(9, [1]).packed(6, [1]).packed(7, [1])),
        ("not finite", Proto().varint(1, 1).text(5, "a").doubles(9, [.nan])),
    ])
    func `features that break a rule are refused`(what: String, set: Proto) {
        #expect(throws: WireError.self, "\(what)") { try ValueWire.featureSet(set.bytes) }
        let good = Proto().varint(1, 1).text(5, "a").text(5, "b").packed(8, [0]).doubles(9, [1])
        #expect(throws: Never.self) { try ValueWire.featureSet(good.bytes) }
    }

    @Test func `outbox records have no gaps`() {
        let batch = ObservationBatch([])
        let gap = Commit(
            ingest: "a",
            records: [OutboxRecord(offset: 1, batch: batch), OutboxRecord(offset: 3, batch: batch)])
        for commit in [
            gap, Commit(ingest: "a", records: []), Commit(ingest: "", records: gap.records),
            Commit(ingest: "a", records: [OutboxRecord(offset: 0, batch: batch)]),
            Commit(
                ingest: "a",
                records: [.max, 0].map { OutboxRecord(offset: $0, batch: batch) }),
        ] {
            #expect(throws: WireError.self) { try Message(Message.commit(commit).payload()) }
        }
    }
}
