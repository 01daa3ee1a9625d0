import IngestCore
import IngestHL7
import IngestRoster
import Testing
import TwinCore
import TwinTestKit

/// Damaged messages are parsed or refused; none ends the process.
struct FuzzTests {
    static let sample = Samples.message([
        Samples.row("70"), Samples.row("<^40", code: "L1^Test^L", type: "SN", unit: "mg/dL"),
        Samples.row("80~82~79", time: "20260112101500.1234+0130"),
        Samples.row(#"a\X0D\b\F\c"#, code: "T^Text^L", type: "ST"),
        "OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC^59408-5^SpO2^LN|1.3|98|262688^MDC_DIM_PERCENT^MDC"
            + "||INV|||R|||20260112120000+0530||||000F14^BEDMON^000F14^EUI-64",
    ])

    @Test func `the adapter of the roster keeps the contract`() {
        for adapter in IngestRoster.adapters() where adapter.format == .hl7 {
            let contract = AdapterContract(
                adapter, sample: Self.sample, receivedAt: Samples.receivedAt)
            #expect(contract.sampleIsRead() == [])
            #expect(contract.emptyIsRefused() == [])
            #expect(contract.damageIsSurvived(count: 2000, seed: 1) == [])
        }
    }

    @Test(arguments: ["A01", "A40", "A37"])
    func `a damaged movement is refused or read`(event: String) {
        let rest = ["PV1|1|I|ICU^12^B&x^MAIN", "MRG|9^^^H^MR", "PID|||9^^^H&1.2&ISO^MR"]
        let contract = AdapterContract(
            HL7Adapter(),
            sample: MovementTests.message(
                event,
                rest.filter {
                    !(event == "A40" && $0.hasPrefix("PID"))
                        && !(event == "A37" && $0.hasPrefix("MRG"))
                        && !(event == "A01" && $0.hasPrefix("PID"))
                }),
            receivedAt: Samples.receivedAt)
        #expect(contract.sampleIsRead() == [])
        #expect(contract.damageIsSurvived(count: 2000, seed: 7) == [])
    }

    /// Everything that a message goes through, up to the batch and the reply.
    private static func chew(_ bytes: [UInt8], _ room: inout IngestRoom) -> Int {
        Samples.replies(
            &room,
            .input(
                .hl7, bytes: bytes, from: Peer(connection: 1), receivedAt: Samples.receivedAt)
        ).count
    }

    private static func room() -> IngestRoom {
        IngestRoom(
            adapters: IngestRoster.adapters(),
            settings: IngestRoom.Settings(channels: [Samples.channel], rememberedCountMax: 100))
    }

    @Test(
        .enabled(if: SharedData.isPresent, "the shared data folder is absent"),
        arguments: [
            "pub_14_hapi_pcd01_bp_timesync_none.hl7", "syn_01_mindray_style.hl7",
            "syn_05_alt_separators.hl7",
        ])
    func `a message cut or changed at every other byte is refused or read, and answered`(
        file: String
    ) {
        var room = Self.room()
        var silent = 0
        let check: ([UInt8]) -> Void = { if Self.chew($0, &room) == 0 { silent += 1 } }
        Mutations.truncations(of: Samples.bytes(file), step: 2, check)
        Mutations.singleByteChanges(
            of: Samples.bytes(file), changes: [0x0D, 0x7C], step: 2, check)
        #expect(silent == 0)
    }

    @Test func `every byte value at every fifth place is survived`() {
        var room = Self.room()
        var silent = 0
        let short = Samples.message([Samples.row("70")])
        Mutations.singleByteChanges(of: short, changes: Array(0...255), step: 5) {
            if Self.chew($0, &room) == 0 { silent += 1 }
        }
        #expect(silent == 0)
    }

    @Test func `twenty thousand damaged messages are survived`() {
        var room = Self.room()
        var silent = 0
        let seed: UInt64 = 20_260_112
        Mutations.random(of: [Self.sample], count: 20_000, seed: seed) {
            if Self.chew($0, &room) == 0 { silent += 1 }
        }
        #expect(silent == 0, "seed \(seed)")
        #expect(room.pendingByteCount == 0)
    }

    @Test func `a cut number is never taken for a shorter one`() {
        let whole = Samples.message([Samples.row("170", time: "20260112101400+0000")])
        Mutations.truncations(of: whole) { bytes in
            for observation in Samples.observations(bytes) ?? [] {
                #expect(observation.number == 170)
            }
        }
    }

    @Test func `a framer survives any stream in any pieces`() {
        var generator = SplitMix64(seed: 7)
        let stream = MLLPFramer.framed(Self.sample) + MLLPFramer.framed(Samples.message([]))
        Mutations.random(of: [stream], count: 500, seed: 11) { bytes in
            var framer = MLLPFramer(frameByteCountMax: 900, noiseByteCountMax: 64)
            var largest = 0
            var index = 0
            while index < bytes.count {
                let end = min(bytes.count, index + Int.random(in: 1...200, using: &generator))
                for case .frame(let frame) in framer.receive(Array(bytes[index..<end])) {
                    largest = max(largest, frame.count)
                }
                index = end
            }
            _ = framer.end()
            #expect(largest <= 900)
        }
    }
}
