import Foundation
import IngestCore
import IngestHL7
import TwinCore

// Ours against the peers of `peers/hl7_parsing.py`, which writes the message and starts this:
//     HL7Benchmark MESSAGE COUNT
// MESSAGE is a file with one message; both ways are measured on one core, COUNT messages each.

func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// The best of five rounds, in messages a second.
func measured(_ name: String, _ count: Int, _ work: () -> Int) {
    var best = 0.0
    var found = 0
    for _ in 0..<5 {
        let start = processorSeconds()
        found = 0
        for _ in 0..<count { found += work() }
        best = max(best, Double(count) / (processorSeconds() - start))
    }
    print("ours", name, Int(best), "messages/s,", found / count, "values each")
}

let arguments = CommandLine.arguments
guard arguments.count == 3, let count = Int(arguments[2]),
    let data = FileManager.default.contents(atPath: arguments[1])
else { fatalError("MESSAGE COUNT") }
let message = Array(data)
let adapter = HL7Adapter()
let now = Instant(microsecondsSinceEpoch: 1_800_000_000_000_000)

measured("parse", count) {
    adapter.read(message, channel: Channel(), receivedAt: now).reduce(0) { sum, read in
        guard case .observations(let raw) = read.content else { return sum }
        return sum + raw.observations.count
    }
}

var room = IngestRoom(adapters: [adapter], settings: .init(rememberedCountMax: 1000))
var number = 0
measured("parse, clean and answer", count) {
    // Every message has an id of its own, as the room would take it for a repeat.
    number += 1
    let bytes = message + Array("NTE|\(number)\r".utf8)
    var values = 0
    for departure in room.receive(
        .input(.hl7, bytes: bytes, from: Peer(connection: 1), receivedAt: now))
    {
        guard case .append(let batch, let token) = departure else { continue }
        values += batch.observations.count
        _ = room.receive(.appended(token))
    }
    return values
}
