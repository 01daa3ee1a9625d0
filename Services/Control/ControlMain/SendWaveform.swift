import ArgumentParser
import Foundation
import IngestWaveform
import TwinCore
import TwinLinkZeroMQ
import TwinRuntime
import TwinWaveform

extension SendCommand {
    struct Wave: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "waveform",
            abstract: "Signals of WFDB, EDF, BDF and CSV files, in blocks, to the native door.")
        @OptionGroup var output: OutputOptions
        @Argument(help: "A .hea, .edf, .bdf, .csv or .twv file; a WFDB record without its ending.")
        var paths: [String]
        @Option(help: "Whose they are: AUTHORITY|identifier.") var patient: String
        @Option(help: "The native door.") var to = "tcp://127.0.0.1:5570"
        @Option(
            help: "When the recording began (2026-01-31T08:00:00Z), or `now` for one that ends now."
        )
        var start: String?
        @Option(help: "How long a block is, in seconds.") var block = 10.0
        @Option(help: "The device that made them.") var source = "twinctl"
        @Option(help: "Replay so many times faster than real time; at once where none is given.")
        var speed: Double?
        @Option(help: "A file with a CURVE secret key; also TWINLINE_KEYS_SECRET.")
        var keysSecret: String?
        @Option(help: "Ingest's public CURVE key; also TWINLINE_KEYS_SERVER.")
        var serverKey: String?

        func validate() throws {
            guard RecordingBlocks.secondsRange.contains(block), speed.map({ $0 > 0 }) ?? true else {
                throw ValidationError("--block 0.1 to 600 seconds, --speed above 0")
            }
            guard TwinID(patient) != nil else {
                throw ValidationError("--patient is a name of 1 to 256 bytes")
            }
        }

        func run() async throws {
            let blocks = try paths.flatMap(blocks).sorted { $0.endsAt < $1.endsAt }
            let summary = try await NativeClient.use(address, curve()) { client in
                try await WaveformSender(client: client, speed: speed).send(blocks)
            }
            if output.json {
                try Output.json(summary)
            } else {
                Output.line(summary.text)
            }
            if summary.refused > 0 { throw ExitCode(1) }
        }

        private var address: String { to.contains("://") ? to : "tcp://\(to)" }

        private func curve() throws -> Curve? {
            var options = StoreOptions()
            options.keysSecret = keysSecret
            options.serverKey = serverKey
            return try options.curve()
        }

        private func blocks(of path: String) throws -> [RecordingBlocks.Timed] {
            let twin = try TwinID.named(patient)
            let recording = try WaveSource.recording(of: path)
            let maker = RecordingBlocks(twin: twin, source: source, blockSeconds: block)
            do { return try maker.blocks(of: recording, start: try begin(recording)) } catch {
                throw CommandFailure(
                    "\(path): \((error as? Refusal)?.detail ?? "\(error)"); see --start")
            }
        }

        private func begin(_ recording: Recording) throws -> Instant? {
            guard let start else { return nil }
            if start == "now" {
                let seconds = recording.waveforms.map(\.durationSeconds).max() ?? 0
                let now = MachineClock.now.microsecondsSinceEpoch
                return Instant(microsecondsSinceEpoch: now - Int64(seconds * 1e6))
            }
            guard let instant = Instant(rfc3339: start) else {
                throw CommandFailure(
                    "--start is '\(start)': 2026-01-31T08:00:00Z or now", status: 2)
            }
            return instant
        }
    }
}

/// Submits blocks in batches, a few of them under way at once.
struct WaveformSender {
    struct Summary: Encodable {
        var blocks = 0
        var accepted = 0
        var refused = 0
        var bytes = 0
        var refusals: [String] = []

        var text: String {
            "\(blocks) blocks, \(bytes) bytes: \(accepted) accepted, \(refused) refused"
                + refusals.map { "\n  " + $0 }.joined()
        }
    }

    private static let windowCount = 8
    /// A quarter of what a batch may hold.
    private static let weightMax = 16_384

    let client: NativeClient
    let speed: Double?

    func send(_ blocks: [RecordingBlocks.Timed]) async throws -> Summary {
        var summary = Summary()
        let pace = Pace(rate: nil, speed: speed, first: blocks.first?.endsAt)
        var progress = Progress("sending", total: blocks.count)
        try await withThrowingTaskGroup(of: (Int, Refusal?).self) { group in
            var underWay = 0
            for batch in WaveformSender.batches(blocks, isPaced: speed != nil) {
                if underWay == WaveformSender.windowCount, let answer = try await group.next() {
                    underWay -= 1
                    WaveformSender.take(answer, &summary)
                    progress.update(summary.accepted + summary.refused)
                }
                pace.wait(before: 0, batch.last?.endsAt)
                let observations = batch.map(\.observation)
                for one in observations {
                    guard case .waveform(let block) = one.value else { continue }
                    summary.bytes += block.bytes.count
                }
                summary.blocks += batch.count
                underWay += 1
                group.addTask { [client] in
                    (observations.count, try await client.submit(observations))
                }
            }
            for try await answer in group {
                WaveformSender.take(answer, &summary)
                progress.update(summary.accepted + summary.refused)
            }
        }
        return summary
    }

    private static func take(_ answer: (count: Int, refusal: Refusal?), _ summary: inout Summary) {
        guard let refusal = answer.refusal else {
            summary.accepted += answer.count
            return
        }
        summary.refused += answer.count
        if summary.refusals.count < 10 { summary.refusals.append("\(refusal)") }
    }

    /// As many blocks as fit; paced, those that end together.
    private static func batches(
        _ blocks: [RecordingBlocks.Timed], isPaced: Bool
    ) -> [[RecordingBlocks.Timed]] {
        var batches: [[RecordingBlocks.Timed]] = []
        var weight = 0
        for block in blocks {
            let own = block.observation.value.weight
            let isTogether = !isPaced || batches.last?.last?.endsAt == block.endsAt
            if batches.isEmpty || weight + own > weightMax || !isTogether {
                batches.append([])
                weight = 0
            }
            batches[batches.count - 1].append(block)
            weight += own
        }
        return batches
    }
}
