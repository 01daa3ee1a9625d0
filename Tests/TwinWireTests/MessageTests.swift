import Testing
import TwinCore
import TwinLink
import TwinWire

struct MessageTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `every message is read as it was said`(seed: UInt64) throws {
        var samples = Samples(seed: seed)
        for round in 0..<250 {
            let message = samples.message()
            let payload = message.payload()
            #expect(try Message(payload) == message, "seed \(seed), round \(round)")
        }
    }

    @Test(arguments: [5, 6] as [UInt64])
    func `every header is read as it was said`(seed: UInt64) throws {
        var samples = Samples(seed: seed)
        for round in 0..<500 {
            let header = samples.header()
            #expect(
                try HeaderWire.decode(HeaderWire.encode(header)) == header,
                "seed \(seed), round \(round)")
        }
    }

    @Test(arguments: [7] as [UInt64])
    func `every stored value is read as it was written`(seed: UInt64) throws {
        var samples = Samples(seed: seed)
        for _ in 0..<200 {
            let observations = samples.list(40) { $0.observation() }
            #expect(try ValueWire.observations(ValueWire.encode(observations)) == observations)
            let batch = ObservationBatch(observations)
            #expect(try ValueWire.batch(ValueWire.encode(batch)) == batch)
            let features = samples.features()
            #expect(try ValueWire.featureSet(ValueWire.encode(features)) == features)
            let assessments = samples.list(3) { $0.assessment() }
            #expect(try ValueWire.assessments(ValueWire.encode(assessments)) == assessments)
            let artifact = samples.artifactInfo()
            #expect(try ValueWire.artifactInfo(ValueWire.encode(artifact)) == artifact)
            let activation = samples.activation()
            #expect(try ValueWire.activation(ValueWire.encode(activation)) == activation)
            let tally = samples.driftTally()
            #expect(try ValueWire.driftTally(ValueWire.encode(tally)) == tally)
        }
    }

    @Test func `attachments travel beside the message`() throws {
        let payload = Message.accepted(count: 3).payload(attachments: [[1, 2], []])
        #expect(payload.attachments == [[1, 2], []])
        #expect(try Message(payload) == .accepted(count: 3))
    }

    @Test func `the same value gives the same bytes`() {
        var first = Samples(seed: 8)
        var second = Samples(seed: 8)
        for _ in 0..<100 { #expect(first.message().payload() == second.message().payload()) }
    }

    @Test func `a later version is read as far as the link needs to refuse it`() throws {
        var header = LinkHeader(kind: .hello, session: 7)
        header.minor = 900
        #expect(try HeaderWire.decode(HeaderWire.encode(header)) == header)
        header.major = LinkHeader.wireMajor + 1
        #expect(try HeaderWire.decode(HeaderWire.encode(header)) == header)
        let strange = Proto().varint(1, 2).varint(3, 99).bytes
        let error = #expect(throws: WireError.self) { try HeaderWire.decode(strange) }
        #expect(error?.refusal.reason == .wrongVersion)
        guard case .failure(let refusal) = HeaderWire.read(strange) else {
            Issue.record("a strange header was read")
            return
        }
        #expect(refusal == error?.refusal)
        #expect(try HeaderWire.read(HeaderWire.encode(header)).get() == header)
        let nameless = Proto().varint(1, 1).varint(3, 99).bytes
        #expect(throws: WireError.invalid("a header of an unknown kind")) {
            try HeaderWire.decode(nameless)
        }
        header.major = 0
        #expect(throws: WireError.invalid("a header without a version")) {
            try HeaderWire.decode(HeaderWire.encode(header))
        }
        #expect(throws: WireError.self) { try HeaderWire.decode([]) }
    }

    @Test func `a subject that nobody knows is refused`() {
        #expect(throws: WireError.invalid("an unknown subject: 77")) {
            try Message(Payload(subject: 77, body: []))
        }
    }

    @Test func `a reason of a later version is a failure`() throws {
        let later = Proto().varint(1, 900).text(2, "who knows").bytes
        let message = try Message(Payload(subject: 1, body: later))
        #expect(message == .refused(Refusal(.failed, "who knows")))
    }

    @Test func `a NUL in a text can't cut it short`() throws {
        let refusal = Refusal(.failed, "a\0b")
        #expect(
            try Message(Message.refused(refusal).payload())
                == .refused(Refusal(.failed, "a\u{FFFD}b")))
    }
}
