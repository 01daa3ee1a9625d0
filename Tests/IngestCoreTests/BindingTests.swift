import Testing
import TwinCore

@testable import IngestCore

/// What operators bind, and what that says of a message.
struct BindingTests {
    private func time(_ minute: Int64) -> Instant {
        Instant(microsecondsSinceEpoch: 1_800_000_000_000_000).adding(seconds: minute * 60)
    }

    private func twin(_ name: String) -> TwinID { TwinID(name).unsafelyUnwrapped }

    private func binding(
        _ thing: Binding.Thing, _ name: String, _ from: Int64, _ until: Int64?
    ) -> Binding {
        Binding(
            thing, to: twin(name), from: time(from), until: until.map(time), operatorName: "eve")
    }

    @Test func `a binding holds from its first moment to before its last`() throws {
        var list = BindingList()
        try list.bind(binding(.device("M1"), "H|7", 10, 20))
        try list.bind(binding(.device("M1"), "H|8", 20, nil))
        for (minute, name) in [(9, nil), (10, "H|7"), (19, "H|7"), (20, "H|8"), (99, "H|8")]
            as [(Int64, String?)]
        {
            let found = try list.one(for: [.device("M1")], at: [time(minute)])
            #expect(found?.twin.text == name)
            #expect(try list.one(for: [.place("M1")], at: [time(minute)]) == nil)
        }
        // A message is one patient's, or nobody's.
        #expect(try list.one(for: [.device("M1")], at: [time(5), time(15)]) == nil)
        #expect(try list.one(for: [.device("M1")], at: []) == nil)
        #expect(throws: Refusal.self) {
            try list.one(for: [.device("M1")], at: [time(15), time(25)])
        }
    }

    @Test func `a device and its place that are bound to two patients say nothing`() throws {
        var list = BindingList()
        try list.bind(binding(.device("M1"), "H|7", 0, nil))
        try list.bind(binding(.place("ICU/1"), "H|7", 0, nil))
        let things: [Binding.Thing] = [.device("M1"), .place("ICU/1")]
        #expect(try list.one(for: things, at: [time(1)])?.twin.text == "H|7")
        try list.unbind(.place("ICU/1"), at: time(5))
        try list.bind(binding(.place("ICU/1"), "H|8", 5, nil))
        #expect(try list.one(for: things, at: [time(1)])?.twin.text == "H|7")
        #expect(throws: Refusal.self) { try list.one(for: things, at: [time(6)]) }
    }

    @Test func `what overlaps, ends before it begins or is not bound is refused`() throws {
        var list = BindingList()
        try list.bind(binding(.device("M1"), "H|7", 10, 20))
        for (from, until) in [(15, 16), (0, 11), (19, nil), (0, nil), (10, 20)]
            as [(Int64, Int64?)]
        {
            #expect(throws: Refusal.self) {
                try list.bind(binding(.device("M1"), "H|8", from, until))
            }
        }
        #expect(throws: Refusal.self) { try list.bind(binding(.device("M2"), "H|8", 5, 5)) }
        #expect(throws: Refusal.self) { try list.unbind(.device("M1"), at: time(20)) }
        #expect(throws: Refusal.self) { try list.unbind(.device("M2"), at: time(15)) }
        try list.unbind(.device("M1"), at: time(10))
        #expect(list.bindings.isEmpty)
        try list.bind(binding(.device("M1"), "H|8", 0, nil))
    }

    @Test func `the file is read as it was written, and damage is refused`() throws {
        var list = BindingList()
        try list.bind(binding(.device("00-A\u{e9}"), "H|7", 10, 20))
        try list.bind(binding(.place("ICU/1/B"), "8", 10, nil))
        #expect(try BindingList(Array(list.text.utf8)) == list)
        #expect(try BindingList([]).bindings.isEmpty)
        let line = "device\tM\tH|7\t2026-01-12T10:14:00Z\t-\teve"
        #expect(try BindingList(Array(line.utf8)).bindings.count == 1)
        for (old, new) in [
            ("device", "bed"), ("\tM\t", "\t\t"), ("H|7", ""), ("T10:14:00Z", ""),
            ("-\teve", "x\teve"),
            ("\teve", ""), ("eve", "e\u{1}ve"),
        ] {
            let damaged = Array(line.replacing(old, with: new).utf8)
            #expect(throws: Refusal.self) { try BindingList(damaged) }
        }
        #expect(throws: Refusal.self) {
            try BindingList([UInt8](repeating: 0x0A, count: BindingList.byteCountMax + 1))
        }
    }

    @Test func `any damage is survived`() {
        let line = Array(
            "place\tICU/1\tH|7\t2026-01-12T10:14:00Z\t2026-01-13T10:14:00Z\teve\n".utf8)
        for index in line.indices {
            for byte in [UInt8(0), 0x09, 0x0A, 0x2D, 0xFF] {
                var damaged = line + line
                damaged[index] = byte
                _ = try? BindingList(damaged)
                _ = try? BindingList(Array(damaged[..<index]))
            }
        }
    }
}
