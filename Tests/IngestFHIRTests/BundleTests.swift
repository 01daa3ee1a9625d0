import IngestCore
import IngestFHIR
import Testing
import TwinCore

/// Bundles, repeats and answers.
struct BundleTests {
    static let patient =
        #"{"resourceType":"Patient","identifier":[{"system":"urn:a","value":"7"}],"gender":"male"}"#
    static let value = Samples.observation(subject: #""subject":{"reference":"urn:uuid:p"}"#)

    @Test func `references within a transaction find their patient`() {
        let outcome = Samples.take(
            Samples.bundle(
                "transaction", [Self.value, Self.patient], urls: ["urn:uuid:o", "urn:uuid:p"]))
        #expect(outcome.status == 200)
        #expect(outcome.observations.map(\.twin.text) == ["urn:a|7", "urn:a|7"])
        #expect(
            outcome.body.hasPrefix(
                #"{"resourceType":"Bundle","type":"transaction-response","entry":[{"response":{"status":"201 Created","location":"Observation/"#
            ))
    }

    @Test func `a message is taken whole and answered by a message`() {
        let header =
            #"{"resourceType":"MessageHeader","id":"h1","eventUri":"urn:e","source":{"endpoint":"urn:s"}}"#
        func message(_ value: String) -> String {
            #"{"resourceType":"Bundle","type":"message","entry":[{"resource":\#(header)},{"resource":\#(value)}]}"#
        }
        let taken = Samples.take(message(Samples.observation()))
        #expect(taken.status == 200)
        #expect(taken.observations.count == 1)
        #expect(taken.body.contains(#""response":{"identifier":"h1","code":"ok"}"#))
        let entry = #"{"fullUrl":"urn:uuid:h2","resource""#
        let named = Samples.take(
            message(Samples.observation()).replacing(#""id":"h1","#, with: "")
                .replacing(#""entry":[{"resource""#, with: #""entry":["# + entry))
        #expect(named.body.contains(#""response":{"identifier":"h2","code":"ok"}"#))
        let nameless = Samples.take(
            message(Samples.observation()).replacing(#""id":"h1","#, with: ""))
        #expect(nameless.body.contains(#""response":{"code":"ok"}"#))
        let refused = Samples.take(message(Samples.observation(code: "")))
        #expect(refused.status == 422)
        #expect(refused.observations.isEmpty)
    }

    @Test func `what is sent again does nothing again`() {
        let identified = Samples.observation(
            rest: #""identifier":[{"system":"urn:i","value":"1"}]"#)
        var room = Samples.room()
        let first = Samples.take(Array(identified.utf8), &room)
        // White space and what its server adds make no other resource of it.
        let again =
            identified.replacing(",", with: " ,\n").dropLast() + #","meta":{"versionId":"2"}}"#
        let second = Samples.take(Array(again.utf8), &room)
        #expect(first.observations.count == 1)
        #expect(second.observations.isEmpty)
        #expect(second.status == 201)
        #expect(first.answers.first?.location == second.answers.first?.location)
        let amended = Samples.take(
            Array(
                identified.replacing("final", with: "amended").replacing(":70", with: ":71").utf8),
            &room)
        #expect(amended.numbers == [71])
        #expect(amended.answers.first?.location == first.answers.first?.location)
        #expect(room.counts.duplicates == 1)
    }

    @Test func `a repeat is not acknowledged before the first is durable`() {
        var room = Samples.room()
        let bytes = Array(Samples.observation().utf8)
        let input = IngestRoom.Arrival.input(
            .fhir, bytes: bytes, from: Peer(connection: 1), receivedAt: Samples.receivedAt)
        let first = room.receive(input)
        #expect(room.receive(input).isEmpty)
        guard case .append(_, let token)? = first.first else {
            Issue.record("nothing is appended")
            return
        }
        #expect(room.receive(.appended(token)).count == 2)
    }

    @Test func `what can't be stored is to be sent later, and is taken then`() {
        var room = Samples.room()
        for text in [
            Samples.observation(), Samples.bundle("batch", [Samples.observation(), "{}"]),
        ] {
            let failed = Samples.take(Array(text.utf8), &room, appendFails: true)
            #expect(failed.status == 503)
            #expect(failed.answers.first?.retryAfterSeconds == 1)
        }
        #expect(Samples.take(Array(Samples.observation().utf8), &room).observations.count == 1)
    }

    @Test func `an overloaded room says when to come again`() {
        var room = IngestRoom(
            adapters: [FHIRAdapter()], settings: IngestRoom.Settings(pendingByteCountMax: 100))
        let outcome = Samples.take(
            Array(Samples.bundle("batch", [Samples.observation()]).utf8), &room)
        #expect(outcome.status == 429)
        #expect(outcome.answers.first?.retryAfterSeconds == 1)
    }

    @Test func `many patients of one bundle are each their own twin`() {
        let resources = (1...3).map { number in
            Samples.observation(subject: #""subject":{"reference":"Patient/\#(number)"}"#)
        }
        let outcome = Samples.take(Samples.bundle("batch", resources))
        #expect(outcome.observations.map(\.twin.text) == ["1", "2", "3"])
        #expect(outcome.answers.count == 1)
    }

    @Test func `an empty bundle has an empty answer`() {
        let outcome = Samples.take(#"{"resourceType":"Bundle","type":"batch"}"#)
        #expect(outcome.status == 200)
        #expect(outcome.body == #"{"resourceType":"Bundle","type":"batch-response"}"#)
    }

    @Test func `what has no place goes into quarantine once a bundle, however often it comes`() {
        let resources =
            #"{"resource":{"resourceType":"Claim"}},{"resource":{"resourceType":"Device"}}"#
        let text = #"{"resourceType":"Bundle","type":"collection","entry":[\#(resources)]}"#
        var room = Samples.room()
        let outcome = Samples.take(Array(text.utf8), &room)
        #expect(outcome.status == 200)
        #expect(outcome.quarantined.map(\.bytes) == [Array(text.utf8)])
        #expect(outcome.quarantined.first?.reason.detail.contains("Claim, Device") == true)
        #expect(outcome.body.components(of: #""status":"202 Accepted""#) == 2)
        #expect(Samples.take(Array(text.utf8), &room).quarantined.isEmpty)
    }

    @Test func `an id in the request is that of the resource`() {
        let own = Samples.observation(rest: #""id":"o1""#)
        let taken = Samples.take("PUT Observation/o1\n" + own)
        #expect(taken.status == 200)
        #expect(taken.answers.first?.location == "Observation/o1")
        #expect(Samples.take("PUT Observation/o2\n" + own).status == 400)
        #expect(Samples.take("PUT Observation/o1\n" + Samples.observation()).status == 400)
        #expect(Samples.take("POST Patient\n" + own).status == 400)
    }

    @Test func `a person says whose it is, and nothing else changes`() throws {
        let twin = try #require(TwinID("H|7"))
        let lost = Samples.observation(
            subject: #""subject":{"reference":"Patient/unknown"}"#, value: Samples.quantity("70.00")
        )
        let found = try #require(
            FHIRRequest.readdressed(Array(("POST Observation\n" + lost).utf8), to: twin))
        #expect(String(decoding: found, as: UTF8.self).contains("70.00"))
        #expect(
            Samples.take(String(decoding: found, as: UTF8.self)).observations.map(\.twin) == [twin])
        let other = Samples.observation(subject: "", value: Samples.quantity("71"))
        let nobody = Array(Samples.bundle("batch", [other, lost]).utf8)
        let both = try #require(FHIRRequest.readdressed(nobody, to: twin))
        #expect(
            Samples.take(String(decoding: both, as: UTF8.self)).observations.map(\.twin)
                == [twin, twin])
        #expect(FHIRRequest.readdressed(Array(Self.patient.utf8), to: twin) == nil)
    }

    @Test
    func `a Patient of too many or too long identifiers is refused before anybody repeats them`() {
        func patient(_ count: Int, _ value: String) -> String {
            let one = #"{"system":"urn:a","value":"\#(value)"}"#
            let all = Array(repeating: one, count: count).joined(separator: ",")
            return #"{"resourceType":"Patient","gender":"male","identifier":[\#(all)]}"#
        }
        let long = String(repeating: "7", count: 4097)
        for (identifiers, status) in [
            (patient(100, "7"), 201), (patient(101, "7"), 400), (patient(1, long), 413),
        ] { #expect(Samples.take("POST Patient\n" + identifiers).status == status) }
    }
}
