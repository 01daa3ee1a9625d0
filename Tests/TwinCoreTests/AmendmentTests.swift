import Testing
import TwinCore

/// What corrections and withdrawals take away.
struct AmendmentTests {
    private func value(
        _ number: Double?, _ flags: QualityFlags, code: String = "8867-4", source: Source = "a",
        at microseconds: Int64 = 7
    ) -> Observation {
        Observation(
            twin: TwinID("A|1").unsafelyUnwrapped, code: .loinc(code),
            value: number.map { .number($0) } ?? .absent, unit: "/min",
            eventTime: Instant(microsecondsSinceEpoch: microseconds),
            receiveTime: Instant(microsecondsSinceEpoch: 9), source: source, flags: flags)
    }

    @Test(
        arguments: [
            ([], .corrected, 72, true), ([], .deleted, 70, true), ([], .wrongPatient, nil, true),
            ([], [], 72, false), ([], .preliminary, 72, false),
            (.corrected, .corrected, 72, false), (.corrected, .deleted, 70, true),
            (.corrected, .deleted, nil, true), (.corrected, .wrongPatient, 71, false),
            (.deleted, .deleted, 70, false), (.deleted, .corrected, 72, false),
            (.wrongPatient, .corrected, 72, false),
        ] as [(QualityFlags, QualityFlags, Double?, Bool)])
    func `an amendment takes away what it speaks of`(
        flags: QualityFlags, amending: QualityFlags, number: Double?, isSuperseded: Bool
    ) {
        let old = value(70, flags)
        #expect(old.isSuperseded(by: value(number, amending)) == isSuperseded)
        for stranger in [
            value(number, amending, code: "9279-1"), value(number, amending, source: "b"),
            value(number, amending, at: 8),
        ] {
            #expect(!old.isSuperseded(by: stranger))
        }
    }

    @Test func `a note of a merge is read as it was made`() throws {
        let twin = try #require(TwinID("H|1"))
        let retired = try #require(TwinID("H|x|2"))
        let time = Instant(microsecondsSinceEpoch: 1)
        for through in [nil, 0, 7, .max] as [Revision?] {
            let reference = MergeReference(retired: retired, through: through)
            let note = reference.observation(on: twin, recorded: time, at: time)
            #expect(MergeReference(note) == reference)
            #expect(!note.isUsable && note.twin == twin)
        }
        #expect(MergeReference(value(7, [])) == nil)
    }
}
