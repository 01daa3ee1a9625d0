import Testing
import TwinCore
import TwinWire

struct ObservationTests {
    /// Vitals as monitors send them: runs of 16 for each twin, eight quantities at one time.
    private static func vitals(_ count: Int) -> [Observation] {
        var samples = Samples(seed: 9)
        let concepts = Concept.all.prefix(8)
        return (0..<count).map { index in
            let concept = concepts[index % 8]
            let eventTime = Instant(
                microsecondsSinceEpoch: 1_700_000_000_123_456 + Int64(index / 8) * 60_123_456)
            return Observation(
                twin: twinNamed("CINC|\(132_539 + index / 16)"), code: concept.code,
                value: .number(samples.number()), unit: concept.unit, eventTime: eventTime,
                receiveTime: eventTime.adding(seconds: 2), source: "monitor-\(index / 16 % 5)")
        }
    }

    private static func rows(_ observations: [Observation]) -> Proto {
        observations.reduce(Proto()) { batch, observation in
            var row = Proto().text(1, observation.twin.text)
                .message(
                    2, Proto().text(1, observation.code.system).text(2, observation.code.value))
            switch observation.value {
            case .number(let number): row = row.double(3, number)
            case .text(let text): row = row.text(4, text)
            case .absent, .waveform: break
            }
            row = row.varint(5, UInt64(observation.comparator.rawValue)).text(6, observation.unit)
                .varint(7, UInt64(bitPattern: observation.eventTime.microsecondsSinceEpoch))
                .varint(8, UInt64(bitPattern: observation.receiveTime.microsecondsSinceEpoch))
                .text(9, observation.source).varint(10, UInt64(observation.flags.rawValue))
            for reason in observation.reasons { row = row.message(11, self.reason(reason)) }
            return batch.message(2, row)
        }
    }

    private static func reason(_ reason: RuleReason) -> Proto {
        Proto().text(1, reason.rule).text(2, reason.limit).text(3, reason.saw)
            .text(4, reason.rules)
    }

    @Test func `a thousand vitals take at most 22 bytes each`() throws {
        let vitals = ObservationTests.vitals(1000)
        let bytes = ValueWire.encode(vitals)
        #expect(bytes.count <= 22 * vitals.count, "\(bytes.count) bytes")
        #expect(try ValueWire.observations(bytes) == vitals)
    }

    @Test(arguments: [10, 11] as [UInt64])
    func `rows and columns say the same`(seed: UInt64) throws {
        var samples = Samples(seed: seed)
        for count in [1, 3, 4, 5, 9, 100] {
            let observations = (0..<count).map { _ in samples.observation() }
            let rows = ObservationTests.rows(observations)
            #expect(try ValueWire.observations(rows.bytes) == observations)
            #expect(try ValueWire.observations(ValueWire.encode(observations)) == observations)
        }
    }

    @Test func `columns come before rows`() throws {
        let vitals = ObservationTests.vitals(10)
        let both =
            ValueWire.encode(Array(vitals[..<8])) + ObservationTests.rows(Array(vitals[8...])).bytes
        #expect(try ValueWire.observations(both) == vitals)
    }

    /// Columns as a device would write them, with what may be left out left out.
    private static let device = Proto().text(1, "A|7")
        .message(2, Proto().text(1, "http://loinc.org").text(2, "8867-4"))
        .packed(6, [3_400_000_000_000_000, 2_000_000]).doubles(12, [72, 73.5])

    private static func placed(_ index: UInt64) -> Proto {
        Proto().varint(1, index).message(2, Proto().text(1, "range"))
    }

    private static func read(_ columns: Proto) throws(WireError) -> [Observation] {
        try ValueWire.observations(Proto().message(1, columns).bytes)
    }

    @Test func `what a device leaves out has its plain meaning`() throws {
        let observations = try ObservationTests.read(ObservationTests.device)
        let first = Observation(
            twin: twinNamed("A|7"), code: .loinc("8867-4"), value: .number(72), unit: "",
            eventTime: Instant(microsecondsSinceEpoch: 1_700_000_000_000_000),
            receiveTime: Instant(microsecondsSinceEpoch: 1_700_000_000_000_000), source: "")
        #expect(observations.first == first)
        #expect(observations.count == 2)
        #expect(observations.last?.eventTime == first.eventTime.adding(seconds: 1))
    }

    @Test func `packed and unpacked numbers mix`() throws {
        let mixed = Proto().text(1, "A|7").message(2, Proto().text(2, "HR"))
            .signed(6, 1_700_000_000_000_000).packed(6, [0, 2]).double(12, 1).doubles(12, [2, 3])
        #expect(try ObservationTests.read(mixed).compactMap(\.number) == [1, 2, 3])
    }

    @Test(arguments: [
        ("twin", device.packed(7, [0, 1])), ("code", device.packed(8, [1, 0])),
        ("unit", device.packed(9, [0, 1])), ("source", device.packed(10, [9, 0])),
        ("short column", device.packed(7, [0])), ("long column", device.packed(16, [0, 0, 0])),
        ("short receive times", device.packed(14, [2])), ("kind", device.packed(11, [0, 3])),
        ("more numbers", device.doubles(12, [1])), ("fewer numbers", device.packed(6, [2])),
        ("text without texts", device.packed(11, [0, 1])), ("more texts", device.packed(13, [0])),
        ("comparator", device.packed(15, [0, 5])), ("time", device.packed(6, [UInt64.max])),
        ("not a number", device.packed(6, [0]).doubles(12, [.nan])),
        ("infinite", device.packed(6, [0]).doubles(12, [-.infinity])),
        ("a reason of nobody", device.message(17, placed(2))),
        ("reasons out of order", device.message(17, placed(1)).message(17, placed(0))),
        ("no reason", device.message(17, Proto().varint(1, 0))),
        (
            "a long reason",
            device.message(
                17, Proto().message(2, Proto().text(3, String(repeating: "x", count: 1025))))
        ),
        ("empty twin", device.text(1, "")),
        ("long twin", device.text(1, String(repeating: "x", count: 257))),
        ("control character", device.text(1, "a\u{7}")),
        ("empty code", device.message(2, Proto().text(1, "http://loinc.org"))),
        ("long unit", device.text(3, String(repeating: "x", count: 1025))),
        ("long text", device.text(5, String(repeating: "x", count: 65_537))),
    ])
    func `columns that break a rule are refused`(what: String, columns: Proto) {
        let error = #expect(throws: WireError.self, "\(what)") {
            try ObservationTests.read(columns)
        }
        guard case .invalid? = error else {
            Issue.record("\(what): \(String(describing: error))")
            return
        }
    }

    @Test func `a batch holds at most what a batch may hold`() throws {
        let count = ObservationBatch.countMax + 1
        let columns = Proto().text(1, "A").message(2, Proto().text(2, "HR"))
            .packed(6, [UInt64](repeating: 0, count: count))
            .packed(11, [UInt64](repeating: 2, count: count))
        let bytes = Proto().message(1, columns).bytes
        #expect(throws: WireError.self) { try ValueWire.batch(bytes) }
        #expect(try ValueWire.observations(bytes).count == count)
        let limits = WireLimits(observationCountMax: count - 1)
        #expect(throws: WireError.tooLarge("too many observations in one message")) {
            try ValueWire.observations(bytes, limits: limits)
        }
    }

    @Test func `what the other end would refuse can be known before`() throws {
        var samples = Samples(seed: 12)
        for _ in 0..<300 { try ValueWire.prove(samples.observation()) }
        let good = ObservationTests.vitals(1)[0]
        let changes: [(inout Observation) -> Void] = [
            { $0.value = .number(.nan) }, { $0.code = Code(system: "x", value: "") },
            { $0.eventTime = Instant(microsecondsSinceEpoch: .max) },
            { $0.receiveTime = Instant(microsecondsSinceEpoch: .min) },
            { $0.unit = String(repeating: "x", count: 1025) },
            { $0.source = String(repeating: "x", count: 1025) },
            { $0.value = .text(String(repeating: "x", count: 65_537)) },
        ]
        for change in changes {
            var bad = good
            change(&bad)
            #expect(throws: WireError.self) { try ValueWire.prove(bad) }
            #expect(throws: WireError.self) {
                try ValueWire.observations(ValueWire.encode([bad]))
            }
        }
    }
}
