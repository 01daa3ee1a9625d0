import Testing
import TwinCleaning
import TwinCore

@testable import IngestCore

/// Units and codes of the native door, cleaned; every conversion is pinned to a number.
struct ConversionTests {
    static let cleaner = Cleaner()
    static let now = Instant(microsecondsSinceEpoch: 1_800_000_000_000_000)

    static func clean(
        _ code: Code, _ value: ObservedValue, _ unit: String, comparator: Comparator = .equal
    ) throws -> Observation {
        let twin = try #require(TwinID("H|1"))
        return cleaner.clean(
            Observation(
                twin: twin, code: code, value: value, comparator: comparator, unit: unit,
                eventTime: now, receiveTime: now, source: "t"), receivedAt: now)
    }

    static let conversions: [(code: String, unit: String, value: Double, canonical: Double)] = [
        ("8310-5", "[degF]", 98.6, 37), ("8310-5", "°F", 101.3, 38.5), ("8310-5", "K", 310.15, 37),
        ("8480-6", "kPa", 16, 120.01), ("2703-7", "kPa", 13.3, 99.758), ("8867-4", "Hz", 1.2, 72),
        ("59408-5", "1", 0.97, 97), ("3150-6", "1", 0.4, 40), ("2345-7", "mg/dL", 90, 4.9957),
        ("15074-8", "mg/dL", 180.156, 10), ("2160-0", "mg/dL", 1.1, 97.262),
        ("14682-9", "mmol/L", 0.097, 97), ("1975-2", "mg/dL", 1.2, 20.525),
        ("3094-0", "mg/dL", 20, 7.139), ("3091-6", "mg/dL", 20, 3.330),
        ("14118-4", "mg/dL", 18, 1.9983), ("2093-3", "mg/dL", 200, 5.1726),
        ("19123-9", "mg/dL", 2, 0.8229), ("2601-3", "meq/L", 2, 1), ("2951-2", "meq/L", 140, 140),
        ("1751-7", "g/L", 40, 4), ("718-7", "g/L", 130, 13), ("718-7", "mmol/L", 8, 12.891),
        ("4544-3", "L/L", 0.4, 40), ("6690-2", "G/L", 7, 7), ("6690-2", "/uL", 7000, 7),
        ("777-3", "giga.l-1", 221, 221), ("777-3", "K/uL", 221, 221),
        ("1742-6", "ukat/L", 1, 59.99),
        ("1988-5", "mg/dL", 2, 20), ("10839-9", "ng/L", 40, 0.04), ("33762-6", "ng/mL", 0.5, 500),
        ("4548-4", "mmol/mol", 48, 6.543), ("29463-7", "[lb_av]", 154, 69.853),
        ("29463-7", "g", 3500, 3.5), ("8302-2", "[in_i]", 70, 177.8), ("8302-2", "m", 1.78, 178),
        ("30525-0", "mo", 18, 1.5), ("9187-6", "L", 1.5, 1500), ("3151-8", "mL/min", 500, 0.5),
    ]

    @Test(arguments: conversions)
    func `a value becomes canonical`(
        row: (code: String, unit: String, value: Double, canonical: Double)
    ) throws {
        let observation = try Self.clean(.loinc(row.code), .number(row.value), row.unit)
        let number = try #require(observation.number)
        #expect(abs(number - row.canonical) <= 0.0005 * row.canonical)
        #expect(observation.isUsable)
        #expect(observation.flags.contains(.converted) == (row.value != row.canonical))
        #expect(Concept.of(observation.code)?.unit == observation.unit)
    }

    @Test(arguments: [
        (
            "8867-4",
            ["/min", "bpm", "BPM", "{beats}/min", " /min ", "264864", "MDC_DIM_BEAT_PER_MIN"]
        ),
        ("8480-6", ["mm[Hg]", "mmHg", "mm Hg", "MMHG", "266016", "3872"]),
        ("14682-9", ["umol/L", "\u{B5}mol/L", "\u{3BC}mol/L", "umol/l"]),
        ("8310-5", ["Cel", "C", "°C", "degC", "268192"]),
        ("2951-2", ["mmol/L", "mEq/L"]), ("6690-2", ["10*9/L", "10^9/L", "10*3/uL", "x10E9/L"]),
    ])
    func `every spelling of the canonical unit is understood`(
        code: String, units: [String]
    ) throws {
        for unit in units {
            let observation = try Self.clean(.loinc(code), .number(72), unit)
            #expect(!observation.flags.contains(.unitUnknown), "\(unit)")
            #expect(observation.number == 72)
            #expect(observation.flags.isDisjoint(with: .converted), "\(unit)")
        }
    }

    @Test(
        arguments: [
            ("8867-4", 72.0, "", QualityFlags.unitMissing), ("3150-6", 0.4, "", .unitMissing),
            ("8867-4", 72, "mmHg", .unitUnknown), ("2345-7", 90, "g/mol", .unitUnknown),
            ("19889-5", 5, "%", .unitUnknown), ("2744-1", 7.31, "", []), ("6301-6", 2.5, "", []),
            ("9269-2", 15, "", []), ("8867-4", 0, "/min", .sentinel),
            ("8480-6", 0, "mmHg", .sentinel),
            ("9187-6", 0, "mL", []), ("19889-5", 0, "mmHg", []),
            ("8480-6", -100, "mmHg", .sentinel),
            ("59408-5", 8_388_607, "%", .sentinel), ("59408-5", 101, "%", .outOfRange),
            ("8310-5", 384.5, "Cel", .outOfRange), ("3150-6", 0.4, "%", .outOfRange),
            ("2744-1", 73.1, "", .outOfRange), ("8302-2", 1.78, "cm", .outOfRange),
        ] as [(String, Double, String, QualityFlags)])
    func `what is wrong is flagged and kept`(
        code: String, value: Double, unit: String, flags: QualityFlags
    ) throws {
        let observation = try Self.clean(.loinc(code), .number(value), unit)
        #expect(observation.flags == flags)
        #expect(observation.number == value)
        if !flags.isDisjoint(with: [.unitMissing, .unitUnknown]) {
            #expect(observation.unit == unit)
        }
    }

    @Test func `words that stand for numbers become them, and others are no numbers`() throws {
        #expect(try Self.clean(.loinc("67775-7"), .text("V"), "").number == 2)
        #expect(try Self.clean(.loinc("46098-0"), .text("Male"), "").number == 1)
        let other = try Self.clean(.loinc("67775-7"), .text("asleep"), "")
        #expect(other.value == .text("asleep"))
        #expect(other.flags == .notNumeric)
        let number = try Self.clean(.loinc("8867-4"), .number(.infinity), "/min")
        #expect(number.value == .absent)
        #expect(!number.isUsable)
    }

    @Test func `an unknown code is kept as it was sent`() throws {
        let code = Code(system: "urn:vendor", value: "X1")
        let observation = try Self.clean(code, .number(5), "furlong")
        #expect(observation.code == code)
        #expect(observation.unit == "furlong")
        #expect(observation.flags == .codeUnknown)
    }

    @Test func `codes of other terminologies become the canonical one`() throws {
        let cuff = try Self.clean(.mdc("150021"), .number(120), "266016")
        #expect(cuff.code == .loinc("76534-7"))
        #expect(try Self.clean(.mdc("149546"), .number(70), "/min").code == .mdc("149546"))
        let site = Cleaner(localCodes: [LocalCode(system: "99W", code: "HF", concept: "heart_rate")]
        )
        var sent = cuff
        sent.code = Code(system: "99W", value: "HF")
        sent.unit = "/min"
        #expect(site.clean(sent, receivedAt: Self.now).code == .loinc("8867-4"))
    }

    @Test func `every concept has its analyte, and takes its own unit`() throws {
        let analytes = Analyte.all(.standard)
        #expect(analytes.map(\.concept) == Concept.all)
        for analyte in analytes {
            let plausible = try #require(analyte.plausible)
            let value = (plausible.lowerBound + plausible.upperBound) / 2
            let observation = try Self.clean(
                analyte.concept.code, .number(value), analyte.concept.unit)
            #expect(observation.isUsable, "\(analyte.concept.name)")
            #expect(observation.flags == [], "\(analyte.concept.name)")
            let spelled = Vocabulary(localCodes: []).conversion(
                of: analyte.concept.unit,
                for: CodeAlias(
                    analyte: analytes.firstIndex { $0.concept == analyte.concept } ?? 0,
                    perDecilitre: nil, hasReferenceIDs: false))
            guard case .known(let conversion) = spelled else {
                Issue.record("\(analyte.concept.name): its own unit is unknown")
                continue
            }
            #expect(conversion.isIdentity)
        }
    }

    @Test func `every row of the code tables names a concept, and no code names two`() {
        let names =
            CodeTable.loinc.map(\.concept) + CodeTable.mdc.map(\.concept)
            + CodeTable.wider.keys + CodeTable.wider.values
        #expect(names.allSatisfy { Concept.named($0) != nil })
        let codes =
            CodeTable.loinc.flatMap(\.codes) + CodeTable.mdc.map { String($0.number) }
            + CodeTable.mdc.flatMap(\.referenceIDs)
        #expect(Set(codes).count == codes.count)
    }
}
