import Testing
import TwinCore
import TwinTestKit
import TwinWaveform

@testable import IngestWaveform

struct EDFTests {
    struct Signal {
        var label = "ECG"
        var unit = "mV"
        var range = ("-5", "5", "-32768", "32767")
        var samples = "4"
    }

    static func padded(_ text: String, _ width: Int) -> [UInt8] {
        Array(text.utf8) + [UInt8](repeating: 32, count: width - text.utf8.count)
    }

    static func file(
        _ signals: [Signal], records: [[UInt8]], count: String? = nil, seconds: String = "1",
        kind: String = "", isBDF: Bool = false, size: String? = nil
    ) -> [UInt8] {
        var bytes = isBDF ? [255] + Array("BIOSEMI".utf8) : padded("0", 8)
        bytes += padded("X", 80) + padded("Startdate 12-JAN-2026", 80) + padded("12.01.26", 8)
        bytes += padded("10.14.00", 8) + padded(size ?? "\(256 * (signals.count + 1))", 8)
        bytes += padded(kind, 44) + padded(count ?? "\(records.count)", 8) + padded(seconds, 8)
        bytes += padded("\(signals.count)", 4)
        func field(_ width: Int, _ text: (Signal) -> String) {
            for signal in signals { bytes += padded(text(signal), width) }
        }
        field(16) { $0.label }
        field(80) { _ in "" }
        field(8) { $0.unit }
        field(8) { $0.range.0 }
        field(8) { $0.range.1 }
        field(8) { $0.range.2 }
        field(8) { $0.range.3 }
        field(80) { _ in "" }
        field(8) { $0.samples }
        field(32) { _ in "" }
        return bytes + records.flatMap { $0 }
    }

    static let notes = Signal(
        label: "EDF Annotations", unit: "", range: ("-1", "1", "-1", "1"), samples: "16")

    static func noteBytes(_ text: String) -> [UInt8] {
        Array(text.utf8) + [UInt8](repeating: 0, count: 32 - text.utf8.count)
    }

    @Test func `samples, scale, rate, unit and start are the file's`() throws {
        let bytes = Self.file(
            [
                Signal(range: ("-10", "10", "-100", "100")),
                Signal(label: "ABP", unit: "mmHg", samples: "2"),
            ],
            records: [[1, 0, 255, 255, 0, 128, 255, 127, 5, 0, 6, 0]], seconds: "0.5")
        let recording = try EDFRecording.read(bytes)
        #expect(recording.waveforms.map(\.samples) == [[1, -1, -32_768, 32_767], [5, 6]])
        #expect(recording.waveforms.map(\.samplesPerSecond) == [8, 4])
        #expect(recording.waveforms.map(\.unit) == ["mV", "mmHg"])
        #expect(recording.waveforms[0].value(at: 0) == 0.1)
        #expect(recording.startedAt?.description == "2026-01-12T10:14:00Z")
        #expect(recording.flags == .zoneUnknown)
    }

    @Test func `BDF has three bytes a sample`() throws {
        let bytes = Self.file(
            [Signal(range: ("-1", "1", "-8388608", "8388607"), samples: "3")],
            records: [[1, 0, 0, 255, 255, 255, 0, 0, 128]], isBDF: true)
        #expect(try EDFRecording.read(bytes).waveforms[0].samples == [1, -1, -8_388_608])
    }

    @Test func `annotations have their onset, duration and text, and gaps are missing`() throws {
        let one = Signal(samples: "2")
        let records = [
            [1, 0, 2, 0] + Self.noteBytes("+5\u{14}\u{14}\0+5.5\u{15}2\u{14}lead off\u{14}\0"),
            [3, 0, 4, 0] + Self.noteBytes("+7.5\u{14}\u{14}\0"),
        ]
        let split = try EDFRecording.read(
            Self.file([one, Self.notes], records: records, kind: "EDF+D"))
        let gap = Waveform.missing
        #expect(split.waveforms.map(\.samples) == [[1, 2, gap, gap, gap, 3, 4]])
        #expect(split.startedAt?.description == "2026-01-12T10:14:05Z")
        #expect(
            split.notes == [RecordingNote(onsetSeconds: 0.5, durationSeconds: 2, text: "lead off")])
        let whole = try EDFRecording.read(
            Self.file([one, Self.notes], records: records, kind: "EDF+C"))
        #expect(whole.waveforms.map(\.samples) == [[1, 2, 3, 4]])
        let turned = Self.file([one, Self.notes], records: records.reversed(), kind: "EDF+D")
        #expect(throws: Refusal.self) { try EDFRecording.read(turned) }
        let overlapping = [
            [1, 0, 2, 0] + Self.noteBytes("+5\u{14}\u{14}\0"),
            [3, 0, 4, 0] + Self.noteBytes("+5\u{14}\u{14}\0"),
        ]
        #expect(throws: Refusal.self) {
            try EDFRecording.read(
                Self.file([one, Self.notes], records: overlapping, kind: "EDF+D"))
        }
        let silent = Self.file([one], records: [[1, 0, 2, 0]], kind: "EDF+D")
        #expect(throws: Refusal.self) { try EDFRecording.read(silent) }
    }

    @Test func `a gap that would fill memory is refused`() {
        let records = ["+0", "+9999999999"].map {
            [1, 0, 2, 0] + Self.noteBytes("\($0)\u{14}\u{14}\0")
        }
        let bytes = Self.file([Signal(samples: "2"), Self.notes], records: records, kind: "EDF+D")
        #expect { try EDFRecording.read(bytes) } throws: { ($0 as? Refusal)?.reason == .tooLarge }
    }

    @Test func `a header that is cut or false is refused, one cut in its data is flagged`() throws {
        let bytes = Self.file(
            [Signal()], records: [[UInt8]](repeating: [1, 0, 2, 0, 3, 0, 4, 0], count: 3))
        for count in 0..<512 {
            #expect(throws: Refusal.self) { try EDFRecording.read(Array(bytes[..<count])) }
        }
        for count in 512..<bytes.count {
            let recording = try EDFRecording.read(Array(bytes[..<count]))
            #expect(recording.flags.contains(.incomplete))
            #expect(recording.waveforms[0].samples.count == (count - 512) / 8 * 4)
            #expect(recording.waveforms[0].flags == .incomplete)
        }
        #expect(throws: Refusal.self) { try EDFRecording.read(bytes + [0]) }
        let unknown = Self.file([Signal()], records: [[1, 0, 2, 0, 3, 0, 4, 0]], count: "-1")
        #expect(try EDFRecording.read(unknown).waveforms[0].samples.count == 4)
        for false_ in [
            Self.file([Signal()], records: [], size: "99999"),
            Self.file([Signal()], records: [], seconds: "0"),
            Self.file([Signal()], records: [], seconds: "-1"),
            Self.file([Signal()], records: [], seconds: "nan"),
            Self.file([Signal()], records: [], count: "-2"),
            Self.file([Signal(range: ("5", "5", "-1", "1"))], records: []),
            Self.file([Signal(range: ("-5", "5", "1", "1"))], records: []),
            Self.file([Signal(samples: "0")], records: []),
            Self.file([Signal(samples: "x")], records: []),
        ] {
            #expect(throws: Refusal.self) { try EDFRecording.read(false_) }
        }
    }

    @Test func `damaged files end nothing`() {
        let records = ["+5", "+7.5"].map {
            [1, 0, 2, 0] + Self.noteBytes("\($0)\u{14}\u{14}\0+6\u{15}2\u{14}x\u{14}\0")
        }
        let good = Self.file([Signal(samples: "2"), Self.notes], records: records, kind: "EDF+D")
        var limits = WaveformLimits()
        limits.samplesMax = 100_000
        var taken = 0
        func read(_ bytes: [UInt8]) {
            guard let recording = try? EDFRecording.read(bytes, limits: limits) else { return }
            taken += 1
            #expect(recording.waveforms.allSatisfy { $0.samples.count <= 100_000 })
        }
        Mutations.random(of: [good], count: 5000, seed: 6, read)
        Mutations.singleByteChanges(of: good, changes: [0, 0x2D, 0x39, 0xFF], read)
        #expect(taken > 1000)
    }

    @Test(
        .enabled(if: SharedData.isPresent, "the shared data folder is absent: set TWINLINE_DATA"),
        arguments: ["04_ns_9999", "06_hdr_mismatch", "08_dur_zero", "10_header_cut"])
    func `the malformed files are refused`(name: String) throws {
        let bytes = try #require(SharedData.bytes("malformed/files/\(name).edf"))
        #expect(throws: Refusal.self) { try EDFRecording.read(bytes) }
    }

    @Test(.enabled(if: SharedData.isPresent, "the shared data folder is absent: set TWINLINE_DATA"))
    func `the malformed file that is short is read as far as it goes`() throws {
        let bytes = try #require(SharedData.bytes("malformed/files/02_trunc_data.edf"))
        let recording = try EDFRecording.read(bytes)
        #expect(recording.waveforms.map(\.samples.count) == [10])
        #expect(recording.flags.contains(.incomplete))
    }
}

struct WaveformTableTests {
    static func read(
        _ text: String, _ dialect: WaveformTable.Dialect = .init()
    ) throws(Refusal) -> Recording {
        try WaveformTable.read(Array(text.utf8), dialect: dialect)
    }

    @Test func `values, units, rate and rows left out are the table's`() throws {
        let recording = try Self.read(
            "\u{FEFF}time_ms,II[mV],ABP [mmHg]\r\n0,0.5,80\r\n4,-0.25,\r\n16,NaN,81.125\r\n")
        let gap = Waveform.missing
        #expect(recording.waveforms.map(\.label) == ["II", "ABP"])
        #expect(recording.waveforms.map(\.unit) == ["mV", "mmHg"])
        #expect(recording.waveforms.map(\.samplesPerSecond) == [250, 250])
        #expect(recording.waveforms[0].samples == [50, -25, gap, gap, gap])
        #expect(recording.waveforms[0].value(at: 1) == -0.25)
        #expect(recording.waveforms[1].samples == [80_000, gap, gap, gap, 81_125])
        #expect(recording.flags == .timeMissing)
    }

    @Test func `times that are rounded are even all the same`() throws {
        let rows = (0..<3600).map { "\(String(Double($0 * 1000 / 360) / 1000)),1\n" }
        let recording = try Self.read("time_s,x\n" + rows.joined())
        #expect(abs(recording.waveforms[0].samplesPerSecond / 360 - 1) < 0.001)
        #expect(recording.waveforms[0].samples.count == 3600)
        #expect(recording.waveforms[0].flags == .unitMissing)
    }

    @Test func `a comma is a decimal mark only where that is declared`() throws {
        let text = "time_s;x[Cel]\n0;37,5\n1;37,25\n"
        #expect(throws: Refusal.self) { try Self.read(text) }
        let recording = try Self.read(text, .init(separator: ";", decimalMark: ","))
        #expect(recording.waveforms[0].value(at: 0) == 37.5)
        let dated = try Self.read(
            "time,x\n2026-01-12T10:14:00Z,1\n2026-01-12T10:14:00.5Z,2\n")
        #expect(dated.startedAt?.description == "2026-01-12T10:14:00Z")
        #expect(dated.waveforms[0].samplesPerSecond == 2)
    }

    @Test(arguments: [
        "", "\n", "time_s\n", "x,time_s\n1,2\n", "time_s,x,x\n0,1,2\n1,1,2\n", "time_s,x\n0,1\n",
        "time_s,x\n", "time_s,x\n0,1\n0,2\n", "time_s,x\n1,1\n0,2\n", "time_s,x\n0,1\n1\n",
        "time_s,x\n0,1\n1,1e5\n", "time_s,x\n0,1\n1,=A1\n", "time_s,x\n0,1\n1,99999999999\n",
        "time_s,x\n0,1\n1,2\n2.4,3\n", "time_s,x\n,1\n1,2\n", "time,x\n2026-01-12T10:14:00,1\n",
        "time_s,x\n0,1\n1,2", "time_s,x\n0,1\n0.000000001,2\n9999999,3\n", "time_s,x\n0,1\n1,0x5\n",
    ])
    func `what is no even table of numbers is refused`(text: String) {
        #expect(throws: Refusal.self) { try Self.read(text) }
    }

    @Test func `damaged tables end nothing`() {
        let good = Array("time_ms,II[mV],ABP[mmHg]\n0,0.5,80\n4,-0.25,\n16,NaN,81.125\n".utf8)
        var limits = WaveformLimits()
        limits.samplesMax = 100_000
        Mutations.random(of: [good], count: 20_000, seed: 7) { bytes in
            let recording = try? WaveformTable.read(bytes, limits: limits)
            #expect(recording?.waveforms.allSatisfy { $0.samples.count <= 100_000 } ?? true)
        }
    }
}
