import IngestCore
import IngestFHIR
import Testing
import TwinCore
import TwinTestKit
import TwinWaveform

/// What SampledData becomes where it is a signal.
struct SignalTests {
    private static let lead =
        #"{"coding":[{"system":"urn:iso:std:iso:11073:10101","code":"131330","display":"MDC_ECG_ELEC_POTL_II"}]}"#
    private static let origin =
        #""origin":{"value":2,"unit":"mV","system":"http://unitsofmeasure.org","code":"mV"}"#

    private static func sampled(
        _ data: String, period: String = "4", dimensions: String = "1", origin: String = origin,
        rest: String = #""factor":0.5,"lowerLimit":-9,"upperLimit":9,"#
    ) -> String {
        #""valueSampledData":{\#(origin),"period":\#(period),\#(rest)"dimensions":\#(dimensions),"data":"\#(data)"}"#
    }

    private func take(
        _ value: String, code: String = lead, time: String = Samples.time, status: String = "final"
    ) -> Samples.Outcome {
        Samples.take(
            Samples.observation(
                code: code, status: #""status":"\#(status)""#, time: time, value: value))
    }

    private func waveform(_ observation: Observation?) throws -> Waveform {
        guard case .waveform(let block)? = observation?.value else {
            throw Refusal(.notFound, "no waveform: \(String(describing: observation))")
        }
        return try WaveformArchive(bytes: block.bytes).waveform()
    }

    private func values(_ observation: Observation?) throws -> [Double?] {
        let waveform = try waveform(observation)
        return waveform.samples.indices.map { waveform.value(at: $0) }
    }

    @Test func `a signal is one block that begins when the Observation does`() throws {
        let outcome = take(Self.sampled("2 -1 0.125 +4"))
        #expect(outcome.status == 201 && outcome.quarantined.isEmpty)
        let observation = try #require(outcome.observations.first)
        #expect(outcome.observations.count == 1)
        #expect(observation.code == .mdc("131330") && observation.unit == "mV")
        #expect(observation.eventTime == Samples.instant("2026-01-12T10:14:00Z"))
        #expect(observation.flags == [] && observation.isUsable)
        #expect(try values(observation) == [3, 1.5, 2.0625, 4])
        #expect(try waveform(observation).samplesPerSecond == 250)
    }

    @Test func `errors and what is beyond the limits are gaps with their reason, never zeros`()
        throws
    {
        let error = take(Self.sampled("2 E 4"))
        #expect(try values(error.observations.first) == [3, nil, 4])
        #expect(error.observations.first?.flags == .incomplete)
        for word in ["U", "L"] {
            let beyond = take(Self.sampled("2 \(word) 4"))
            #expect(try values(beyond.observations.first) == [3, nil, 4])
            #expect(beyond.observations.first?.flags.contains(.clipped) == true)
        }
        let nothing = take(Self.sampled("E E E"))
        #expect(nothing.observations.first?.flags.contains(.noResult) == true)
        #expect(nothing.observations.first?.isUsable == false)
    }

    @Test func `dimensions are interleaved, and each is a signal`() throws {
        let outcome = take(Self.sampled("1 10 100 2 E 200", dimensions: "3", rest: ""))
        #expect(outcome.observations.map(\.code.value) == ["131330", "131330-2", "131330-3"])
        #expect(
            try outcome.observations.map { try values($0) } == [[3, 4], [12, nil], [102, 202]])
        #expect(
            outcome.observations.map { $0.flags.contains(.incomplete) } == [false, true, false])
        // However slow: a row of several is no value.
        let slow = take(Self.sampled("1 10 2 20", period: "2000", dimensions: "2", rest: ""))
        #expect(try values(slow.observations.last) == [12, 22])
    }

    @Test func `components are signals of one start, in ISO's own name for its codes too`() throws {
        let component = { (code: String, data: String) in
            #"{"code":{"coding":[{"system":"urn:oid:2.16.840.1.113883.6.24","code":"\#(code)"}]},\#(Self.sampled(data))}"#
        }
        let outcome = Samples.take(
            Samples.observation(
                code: #"{"text":"EKG"}"#, value: "",
                rest:
                    #""component":[\#(component("131329", "1 2 3")),\#(component("150036", "1 2 3"))]"#
            ))
        #expect(outcome.observations.map(\.code) == [.mdc("131329"), .mdc("150036")])
        #expect(outcome.observations.map { $0.flags.contains(.unitUnknown) } == [false, true])
    }

    @Test func `a period's start is the start, and its length is held against the samples`() throws
    {
        func period(_ end: String) -> String {
            #""effectivePeriod":{"start":"2026-01-12T10:14:00Z","end":"2026-01-12T10:14:0\#(end)Z"}"#
        }
        let data = Array(repeating: "1 2", count: 125).joined(separator: " ")
        let fits = take(Self.sampled(data), time: period("1"))
        #expect(fits.observations.first?.eventTime == Samples.instant("2026-01-12T10:14:00Z"))
        #expect(fits.observations.first?.flags == [])
        #expect(take(Self.sampled(data), time: period("4")).flags == [.irregular])
        let timeless = take(Self.sampled("1 2"), time: "")
        #expect(timeless.status == 202 && timeless.observations.isEmpty)
        #expect(timeless.quarantined.map(\.reason.reason) == [.malformed])
    }

    @Test func `amended and withdrawn signals take each other's places`() throws {
        let first = try #require(take(Self.sampled("1 2 3")).observations.first)
        let amended = try #require(
            take(Self.sampled("1 2 4"), status: "amended").observations.first)
        let withdrawn = try #require(
            take(Self.sampled("1 2 4"), status: "entered-in-error").observations.first)
        #expect(first.isSuperseded(by: amended) && amended.isSuperseded(by: withdrawn))
        #expect(first.isSuperseded(by: withdrawn) && !withdrawn.isUsable)
    }

    @Test(arguments: [
        (sampled("1 x 2"), 422), (sampled("1 1e3"), 422), (sampled("1 2 3", dimensions: "2"), 422),
        (sampled("1 2", period: "0"), 422), (sampled("1 2", period: "-4"), 422),
        (sampled("1 2", dimensions: "0"), 422), (sampled("1 2", dimensions: "1.5"), 422),
        (sampled("1 2", dimensions: "65"), 400), (sampled("1 2", rest: #""factor":0,"#), 422),
        (sampled("1 2", rest: #""lowerLimit":"x","#), 422), (sampled("99999999999 1"), 422),
        (#""valueSampledData":{"period":4,"dimensions":1,"data":"1 2"}"#, 422),
        (#""valueSampledData":{\#(origin),"dimensions":1,"data":"1 2"}"#, 422),
        (sampled(String(repeating: "1 ", count: 131_073)), 413),
    ])
    func `what is malformed is refused in FHIR's words`(value: String, status: Int) {
        let outcome = take(value)
        #expect(outcome.status == status, "\(value.prefix(200)) \(outcome.answers)")
        #expect(outcome.body.contains("OperationOutcome"))
        #expect(outcome.observations.isEmpty)
    }

    @Test func `a rate that no signal has waits in quarantine`() {
        let outcome = take(Self.sampled("1 2", period: "1000000", dimensions: "2", rest: ""))
        #expect(outcome.status == 202 && outcome.observations.isEmpty)
        #expect(outcome.quarantined.map(\.reason.reason) == [.unsupported])
    }

    @Test func `damaged signals are refused or read`() {
        let sample = Array(
            Samples.observation(
                code: Self.lead, value: Self.sampled("1 E -2.5 U 3 L", dimensions: "2")
            )
            .utf8)
        let contract = AdapterContract(
            FHIRAdapter(), sample: sample, receivedAt: Samples.receivedAt)
        #expect(contract.sampleIsRead() == [])
        #expect(contract.damageIsSurvived(count: 3000, seed: 5) == [])
    }
}
