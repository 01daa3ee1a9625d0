import Testing
import TwinCore
import TwinTestKit
import TwinWaveform

@testable import IngestWaveform

/// Every format cut at every byte, and damaged at random: an answer or a refusal, within the limits.
struct DamageTests {
    static let formats = [16, 24, 32, 61, 80, 160, 212, 310, 311]

    static func limits() -> WaveformLimits {
        var limits = WaveformLimits()
        limits.samplesMax = 100_000
        return limits
    }

    static func bounded(_ recording: Recording?) -> Bool {
        (recording?.waveforms.reduce(0) { $0 + $1.samples.count } ?? 0) <= 100_000
    }

    /// Two signals of seven samples each, one of them twice as fast.
    static func record(_ format: Int) throws -> (header: [UInt8], data: [UInt8]) {
        let known = try #require(WFDBFormat(rawValue: format))
        let header =
            "r 2 360 7 10:14:00 12/01/2026\n"
            + "r.dat \(format)x2 200(10)/mV 12\nr.dat \(format) 100/mmHg 12\n"
        let data = (0..<known.byteCount(of: 21)).map { UInt8(truncatingIfNeeded: $0 * 37 + 5) }
        return (Array(header.utf8), data)
    }

    @Test(arguments: formats)
    func `a signal file that is cut anywhere is refused`(format: Int) throws {
        let (header, data) = try Self.record(format)
        let whole = try WFDBRecord.read(header: header) { _ in data }
        #expect(whole.waveforms.map(\.samples.count) == [14, 7])
        Mutations.truncations(of: data) { cut in
            #expect(throws: Refusal.self) { try WFDBRecord.read(header: header) { _ in cut } }
        }
    }

    @Test(arguments: formats)
    func `a damaged header or signal file ends nothing`(format: Int) throws {
        let (header, data) = try Self.record(format)
        var (taken, refused) = (0, 0)
        func read(_ header: [UInt8], _ data: [UInt8]) {
            let recording = try? WFDBRecord.read(header: header, limits: Self.limits()) { _ in data
            }
            if recording == nil { refused += 1 } else { taken += 1 }
            #expect(Self.bounded(recording))
        }
        Mutations.truncations(of: header) { read($0, data) }
        Mutations.random(of: [header], count: 1500, seed: UInt64(format)) { read($0, data) }
        Mutations.random(of: [data], count: 500, seed: UInt64(format)) { read(header, $0) }
        Mutations.singleByteChanges(of: header, changes: [0x20, 0x2F, 0x39, 0x78]) {
            read($0, data)
        }
        #expect(taken > 200 && refused > 200)
    }

    @Test(arguments: [false, true])
    func `damaged EDF and BDF files end nothing`(isBDF: Bool) {
        let one = EDFTests.Signal(samples: "4")
        let record = [UInt8](repeating: 3, count: isBDF ? 12 : 8)
        let good = EDFTests.file([one], records: [record, record], isBDF: isBDF)
        var (taken, refused) = (0, 0)
        func read(_ bytes: [UInt8]) {
            let recording = try? EDFRecording.read(bytes, limits: Self.limits())
            if recording == nil { refused += 1 } else { taken += 1 }
            #expect(Self.bounded(recording))
        }
        Mutations.truncations(of: good, read)
        Mutations.random(of: [good], count: 4000, seed: 11, read)
        Mutations.singleByteChanges(of: good, changes: [0, 0x20, 0x2D, 0x39, 0xFF], read)
        #expect(taken > 500 && refused > 500)
    }

    @Test func `every cut of a table and of annotations is refused or read`() {
        let table = Array("time_ms,II[mV],ABP[mmHg]\r\n0,0.5,80\r\n4,-0.25,81\r\n8,1,82\r\n".utf8)
        var taken = 0
        Mutations.truncations(of: table) { cut in
            guard let recording = try? WaveformTable.read(cut, limits: Self.limits()) else {
                return
            }
            taken += 1
            // Only whole rows were read: a number is never a shortened one.
            #expect(
                recording.waveforms.allSatisfy { $0.samples.count == 2 || $0.samples.count == 3 })
        }
        #expect(taken > 0)
        let marks: [UInt8] = [10, 4, 0, 0xEC, 9, 0, 0xC0, 0x27, 0, 0x14, 3, 0xFC, 1, 2, 3, 0, 0, 0]
        Mutations.truncations(of: marks) { cut in
            #expect(throws: Refusal.self) { try WFDBAnnotation.read(cut) }
        }
        Mutations.singleByteChanges(of: marks, changes: [0, 0x3F, 0xEC, 0xFF]) {
            _ = try? WFDBAnnotation.read($0)
        }
    }
}
