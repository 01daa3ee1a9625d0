import Testing
import TwinCore
import TwinLink
import TwinTestKit
import TwinWaveform
import TwinWire

struct WaveformWireTests {
    static func block(_ count: Int = 50, seed: Int32 = 1) -> WaveformBlock {
        let samples = (0..<Int32(count)).map { ($0 * seed * 7919) % 401 - 200 }
        let waveform = Waveform(
            label: "II", unit: "mV", samplesPerSecond: 250, scale: .unscaled, samples: samples)
        let start = Instant(microsecondsSinceEpoch: 1_700_000_000_000_000)
        guard let block = WaveformBlock(waveform, startedAt: start) else {
            preconditionFailure("a block")
        }
        return block
    }

    static func observation(_ value: ObservedValue, _ second: Int64 = 0) -> Observation {
        let time = Instant(microsecondsSinceEpoch: 1_700_000_000_000_000).adding(seconds: second)
        return Observation(
            twin: twinNamed("WARD|7"), code: .mdc("131330"), value: value, unit: "mV",
            eventTime: time, receiveTime: time.adding(seconds: 1), source: "Monitor 7")
    }

    /// Waveforms among others: rows for a few, columns for many.
    static func mixed(_ count: Int) -> [Observation] {
        (0..<Int64(count)).map { index in
            switch index % 3 {
            case 0: observation(.waveform(block(20, seed: Int32(index) + 1)), index)
            case 1: observation(.number(Double(index)), index)
            default: observation(.absent, index)
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 9, 40])
    func `waveforms travel beside the message, never in it`(count: Int) throws {
        let observations = Self.mixed(count)
        let message = Message.submit(ObservationBatch(observations))
        let payload = message.payload()
        let blocks = observations.compactMap { one -> [UInt8]? in
            guard case .waveform(let block) = one.value else { return nil }
            return block.bytes
        }
        #expect(payload.attachments == [Array(blocks.joined())])
        #expect(payload.body.count < 120 * count)
        #expect(try Message(payload) == message)
    }

    @Test func `every message that carries observations carries waveforms`() throws {
        let twin = twinNamed("WARD|7")
        let batch = ObservationBatch(Self.mixed(5))
        let messages: [Message] = [
            .commit(
                Commit(
                    ingest: "a",
                    records: [
                        OutboxRecord(offset: 1, batch: batch),
                        OutboxRecord(offset: 2, batch: ObservationBatch(Self.mixed(2))),
                    ])),
            .order(
                .features(
                    FeatureTask(
                        twin: twin, modality: .vitals, fromRevision: 0, toRevision: 2,
                        observations: batch.observations))),
            .answer(
                .history(
                    batch.observations.map {
                        StoredObservation(
                            observation: $0, commitRevision: 1, commitTime: $0.receiveTime)
                    })),
        ]
        for message in messages { #expect(try Message(message.payload()) == message) }
    }

    @Test(arguments: [1, 3, 4, 12])
    func `what is stored is one sequence of bytes, cut nowhere without notice`(count: Int) throws {
        let observations = Self.mixed(count)
        let bytes = ValueWire.encode(observations)
        #expect(bytes.first == 0)
        #expect(try ValueWire.observations(bytes) == observations)
        #expect(try ValueWire.batch(bytes).observations == observations)
        let payload = Message.submit(ObservationBatch(observations)).payload()
        #expect(ValueWire.record(payload) == bytes)
        Mutations.truncations(of: bytes) { cut in
            // Nothing at all is an empty batch, here as ever.
            guard !cut.isEmpty else { return }
            #expect(throws: WireError.self) { try ValueWire.observations(cut) }
        }
        #expect(throws: WireError.self) { try ValueWire.observations(bytes + [0]) }
    }

    @Test func `not a bit of a waveform changes without notice`() throws {
        let payload = Message.submit(ObservationBatch(Self.mixed(4))).payload()
        let attachment = try #require(payload.attachments.first)
        for place in attachment.indices {
            var damaged = payload
            damaged.attachments[0][place] ^= 1 << UInt8(place % 8)
            #expect(throws: WireError.self) { try Message(damaged) }
        }
    }

    @Test func `an attachment that is missing, short or too long is refused`() throws {
        let payload = Message.submit(ObservationBatch(Self.mixed(4))).payload()
        let whole = payload.attachments[0]
        let others: [[[UInt8]]] = [[], [[]], [Array(whole.dropLast())], [whole + [1]]]
        for attachments in others {
            let other = Payload(
                subject: payload.subject, body: payload.body, attachments: attachments)
            #expect(throws: WireError.self) { try Message(other) }
        }
    }

    @Test func `damaged submits end nothing`() throws {
        let payload = Message.submit(ObservationBatch(Self.mixed(6))).payload()
        let attachment = try #require(payload.attachments.first)
        Mutations.random(of: [payload.body], count: 3000, seed: 3) { body in
            _ = try? Message(Payload(subject: 10, body: body, attachments: [attachment]))
        }
        Mutations.random(of: [ValueWire.encode(Self.mixed(6))], count: 3000, seed: 4) { bytes in
            _ = try? ValueWire.observations(bytes)
        }
    }

    @Test func `a waveform counts as its bytes do`() {
        let block = Self.block(4000)
        #expect(ObservedValue.waveform(block).weight == 1 + block.bytes.count / 64)
        #expect([Self.observation(.number(1)), Self.observation(.absent)].weight == 2)
        #expect(WaveformBlock([]) == nil)
        #expect(WaveformBlock([UInt8](repeating: 0, count: WaveformBlock.byteCountMax + 1)) == nil)
    }

    @Test func `a fossil waveform is read as it was meant`() throws {
        for (name, count) in [("value-waveform-rows", 2), ("value-waveform-columns", 7)] {
            let observations = Self.mixed(count)
            let bytes = try FossilTests.bytes(name, today: ValueWire.encode(observations))
            #expect(try ValueWire.observations(bytes) == observations)
        }
    }
}
