import IngestCore
import IngestFHIR
import Testing
import TwinCore

/// What each kind of resource becomes.
struct ResourceTests {
    static let statuses: [(status: String, flags: QualityFlags)] = [
        ("final", []), ("amended", .corrected), ("corrected", .corrected),
        ("preliminary", .preliminary), ("unknown", .preliminary), ("entered-in-error", .deleted),
        ("cancelled", [.deleted, .noResult]), ("registered", .noResult),
    ]

    @Test(arguments: statuses)
    func `a status corrects or withdraws as in HL7`(status: String, flags: QualityFlags) {
        let outcome = Samples.take(Samples.observation(status: #""status":"\#(status)""#))
        #expect(outcome.status == 201)
        #expect(outcome.flags == [flags])
    }

    @Test func `a withdrawal without a time fits no value and waits for a person`() {
        let outcome = Samples.take(
            Samples.observation(status: #""status":"entered-in-error""#, time: ""))
        #expect(outcome.status == 202)
        #expect(outcome.quarantined.count == 1)
    }

    struct Unit: Sendable {
        let code: String
        let number: String
        let unit: String
        let canonical: Double
    }

    static let units = [
        Unit(code: "8310-5", number: "98.6", unit: "[degF]", canonical: 37),
        Unit(code: "8310-5", number: "310.15", unit: "K", canonical: 37),
        Unit(code: "8480-6", number: "16.0", unit: "kPa", canonical: 120.01),
        Unit(code: "59408-5", number: "0.97", unit: "1", canonical: 97),
        Unit(code: "59408-5", number: "97", unit: "%", canonical: 97),
        Unit(code: "3150-6", number: "0.4", unit: "1", canonical: 40),
        Unit(code: "2345-7", number: "126", unit: "mg/dL", canonical: 6.994),
        Unit(code: "2160-0", number: "1.2", unit: "mg/dL", canonical: 106.1),
        Unit(code: "29463-7", number: "150", unit: "[lb_av]", canonical: 68.04),
        Unit(code: "26464-8", number: "8.2e3", unit: "/uL", canonical: 8.2),
    ]

    @Test(arguments: units)
    func `a unit is converted as the quantity needs`(unit: Unit) throws {
        let outcome = Samples.take(
            Samples.observation(
                code: Samples.code(unit.code), value: Samples.quantity(unit.number, unit.unit)))
        let number = try #require(outcome.observations.first?.number)
        #expect(abs(number - unit.canonical) <= 0.001 * unit.canonical)
        #expect(outcome.observations.map(\.isUsable) == [true])
    }

    @Test func `SNOMED codes mean what LOINC's do, and ACVPU has its SNOMED answers`() {
        let heart = #"{"coding":[{"system":"http://snomed.info/sct","code":"364075005"}]}"#
        #expect(
            Samples.take(Samples.observation(code: heart)).observations.map(\.code)
                == [.loinc("8867-4")])
        let answer =
            #""valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"450847001"}]}"#
        let outcome = Samples.take(
            Samples.observation(code: Samples.code("67775-7"), value: answer))
        #expect(outcome.numbers == [3])
        #expect(outcome.observations.map(\.isUsable) == [true])
    }

    @Test func `a day has no zone that anybody would assume, but for the one that is configured`() {
        let day = Samples.observation(time: #""effectiveDateTime":"2026-01-12""#)
        #expect(Samples.take(day).flags == [.zoneUnknown])
        let configured = Samples.take(day, channel: Channel(zoneOffsetMinutes: 60))
        #expect(configured.flags == [[]])
        #expect(
            configured.observations.map(\.eventTime) == [Samples.instant("2026-01-11T23:00:00Z")])
        #expect(
            Samples.take(Samples.observation(time: #""effectiveDateTime":"2026-01""#)).flags
                == [.timeMissing])
        #expect(Samples.take(Samples.observation(time: "")).flags == [.timeMissing])
        let leap = Samples.take(
            Samples.observation(time: #""effectiveInstant":"2016-12-31T23:59:60.5Z""#))
        #expect(leap.observations.map(\.eventTime) == [Samples.instant("2017-01-01T00:00:00Z")])
    }

    @Test func `a slow series is its values`() {
        func sampled(_ period: String) -> String {
            #""valueSampledData":{"origin":{"value":60,"code":"/min","system":"http://unitsofmeasure.org"},"#
                + #""period":\#(period),"factor":0.5,"dimensions":1,"lowerLimit":30,"upperLimit":250,"#
                + #""data":"20 E -4 U L"}"#
        }
        let slow = Samples.take(Samples.observation(value: sampled("60000")))
        #expect(slow.status == 201)
        #expect(slow.numbers == [70, nil, 58, 250, 30])
        #expect(slow.observations.map(\.comparator) == [.equal, .equal, .equal, .greater, .less])
        #expect(slow.observations.map(\.isUsable) == [true, false, true, false, false])
        #expect(slow.observations.last?.eventTime == Samples.instant("2026-01-12T10:18:00Z"))
    }

    @Test func `a patient has sex and age, and goes on in another's place`() {
        let patient =
            #"{"resourceType":"Patient","id":"p1","identifier":[{"system":"urn:a","value":"7","type":{"coding":[{"code":"MR"}]}},{"system":"urn:b","value":"8"}],"#
            + #""gender":"female","birthDate":"1960-01-13","meta":{"lastUpdated":"2026-01-12T10:00:00Z"},"#
            + #""link":[{"type":"replaced-by","other":{"identifier":{"system":"urn:a","value":"9"}}},"#
            + #"{"type":"replaces","other":{"reference":"Patient/old"}}]}"#
        let outcome = Samples.take("PUT Patient/p1\n" + patient)
        #expect(outcome.status == 200)
        #expect(outcome.answers.first?.location == "Patient/p1")
        let said = outcome.observations.map { observation in
            "\(observation.twin.text) \(observation.code.value) \(observation.value)"
        }
        #expect(
            said == [
                #"urn:a|7 46098-0 number(0.0)"#, #"urn:a|7 30525-0 number(66.0)"#,
                #"urn:a|7 survivor text("urn:a|9")"#, #"old survivor text("urn:a|7")"#,
                #"p1 survivor text("urn:a|7")"#,
            ])
        #expect(
            Set(outcome.observations.map(\.eventTime)) == [Samples.instant("2026-01-12T10:00:00Z")])
    }

    @Test func `two record numbers that differ are ambiguous`() {
        let type = #""type":{"coding":[{"code":"MR"}]}"#
        let outcome = Samples.take(
            #"{"resourceType":"Patient","gender":"male","identifier":[{"value":"1",\#(type)},{"value":"2",\#(type)}]}"#
        )
        #expect(outcome.status == 422)
    }

    @Test func `conditions and medications are kept and shown, and enter no score`() {
        let condition =
            #"{"resourceType":"Condition","clinicalStatus":{"coding":[{"code":"active"}]},\#(Samples.subject),"#
            + #""code":{"coding":[{"system":"http://snomed.info/sct","code":"91302008"}]},"#
            + #""recordedDate":"2026-01-12T10:00:00Z","onsetDateTime":"2026-01-10"}"#
        let sepsis = Samples.take(condition)
        #expect(sepsis.status == 201)
        #expect(sepsis.observations.map(\.value) == [.text("active, since 2026-01-10")])
        #expect(sepsis.flags == [.codeUnknown])
        let drug =
            #"{"resourceType":"MedicationAdministration","status":"completed",\#(Samples.subject),"#
            + #""medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"7512"}]},"#
            + #""effectivePeriod":{"start":"2026-01-12T10:00:00Z"},"dosage":{"rateQuantity":{"value":0.10,"code":"ug/kg/min","system":"http://unitsofmeasure.org"}}}"#
        let given = Samples.take(drug)
        #expect(given.status == 201)
        #expect(given.numbers == [0.1])
        #expect(given.observations.map(\.unit) == ["ug/kg/min"])
        #expect(given.observations.allSatisfy { !$0.isUsable })
    }

    @Test func `what has no place is kept aside and said to be`() {
        let outcome = Samples.take(#"{"resourceType":"Device","id":"d1"}"#)
        #expect(outcome.status == 202)
        #expect(outcome.body.contains("kept in quarantine"))
        #expect(outcome.quarantined.map(\.reason.reason) == [.unsupported])
    }

    @Test func `what a device is called is where its values come from`() {
        let device =
            #"{"resourceType":"Device","id":"d1","deviceName":[{"name":"BEDMON-7","type":"other"}]}"#
        let value = Samples.observation(rest: #""device":{"reference":"Device/d1"}"#)
        let outcome = Samples.take(
            #"{"resourceType":"Bundle","type":"collection","entry":[{"resource":\#(device)},{"resource":\#(value)}]}"#
        )
        #expect(outcome.status == 200)
        #expect(outcome.observations.map(\.source) == ["BEDMON-7"])
        #expect(outcome.quarantined.isEmpty)
    }
}
