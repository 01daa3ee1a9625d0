import IngestCore
import IngestFHIR
import IngestRoster
import Testing
import TwinCore
import TwinTestKit

/// Damaged resources are read or refused, and answered once; none ends the process.
struct FuzzTests {
    static let sample = Array(
        Samples.observation(
            rest: #""identifier":[{"system":"urn:i","value":"\u00e9\ud834\udd1e1"}],"#
                + #""component":[{"code":{"text":"a \"b\" é"},"valueString":"x\n"},"#
                + #"{"code":{"text":"c"},"valueRange":{"low":{"value":-1.50e2},"high":{"value":2}}},"#
                + #"{"code":{"text":"d"},"valueSampledData":{"origin":{"value":0},"period":1000,"dimensions":1,"data":"1 E U -2.5"}}]"#
        ).utf8)

    static let bundle = Array(
        (#"{"resourceType":"Bundle","type":"transaction","entry":["#
            + #"{"fullUrl":"urn:uuid:p","resource":\#(BundleTests.patient),"request":{"method":"PUT","url":"Patient/1"}},"#
            + #"{"resource":\#(BundleTests.value),"request":{"method":"POST","url":"Observation"}},"#
            + #"{"resource":{"resourceType":"Device","id":"d"},"request":{"method":"POST","url":"Device"}}]}"#)
            .replacing(#""resourceType":"Patient","#, with: #""resourceType":"Patient","id":"1","#)
            .utf8)

    @Test func `the adapter of the roster keeps the contract`() {
        #expect(IngestRoster.adapters().map(\.format.name) == ["hl7", "fhir"])
        for adapter in IngestRoster.adapters() where adapter.format == .fhir {
            for sample in [Self.sample, Self.bundle] {
                let contract = AdapterContract(
                    adapter, sample: sample, receivedAt: Samples.receivedAt)
                #expect(contract.sampleIsRead() == [])
                #expect(contract.emptyIsRefused() == [])
                #expect(contract.damageIsSurvived(count: 2000, seed: 1, step: 3) == [])
            }
        }
    }

    @Test func `damage is answered once, whatever it is`() {
        var room = Samples.room()
        var wrong = 0
        let seed: UInt64 = 20_260_112
        Mutations.random(of: [Self.sample, Self.bundle], count: 6000, seed: seed) { bytes in
            if Samples.take(bytes, &room).answers.count != 1 { wrong += 1 }
        }
        #expect(wrong == 0, "seed \(seed)")
        #expect(room.pendingByteCount == 0)
    }

    @Test func `a cut number is never taken for a shorter one`() {
        let whole = Array(Samples.observation(value: Samples.quantity("170")).utf8)
        Mutations.truncations(of: whole) { bytes in
            var room = Samples.room()
            #expect(Samples.take(bytes, &room).observations.isEmpty)
        }
    }
}
