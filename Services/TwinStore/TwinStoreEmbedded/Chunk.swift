import TwinCore
import TwinJournal
import TwinStoreCore

/// A part of a twin's timeline as bytes: the one place where observations become what lies in the
/// database, and come back.
struct ChunkCoding: Sendable {
    /// A chunk that has as many is left as it is.
    static let observationCountMax = 16_384
    private static let version: UInt8 = 1

    let observations: ByteCoding<[Observation]>

    /// The observations in their order; runs of the same revision are told once.
    func encode(_ stored: [StoredObservation]) -> [UInt8] {
        var runs: [(revision: Revision, time: Instant, count: UInt32)] = []
        for one in stored {
            if let last = runs.last, last.revision == one.commitRevision,
                last.time == one.commitTime
            {
                runs[runs.count - 1].count += 1
            } else {
                runs.append((one.commitRevision, one.commitTime, 1))
            }
        }
        var writer = ByteWriter()
        writer.append(ChunkCoding.version)
        writer.append(UInt32(clamping: runs.count))
        for run in runs {
            writer.append(run.revision)
            writer.append(run.time.microsecondsSinceEpoch)
            writer.append(run.count)
        }
        writer.append(blob: observations.encode(stored.map(\.observation)))
        writer.append(CRC32C.checksum(writer.bytes))
        return writer.bytes
    }

    func decode(
        _ bytes: [UInt8], of twin: TwinID
    ) throws(EngineError) -> [StoredObservation] {
        try reading("the timeline of \(twin)") {
            let end = bytes.count - 4
            guard end >= 0 else { throw MalformedBytes("cut short") }
            var tail = ByteReader(bytes, in: end..<bytes.count)
            guard try tail.number() == CRC32C.checksum(bytes[..<end]) else {
                throw MalformedBytes("the checksum is wrong")
            }
            var reader = ByteReader(bytes, in: 0..<end)
            guard try reader.number() == ChunkCoding.version else {
                throw MalformedBytes("unknown version")
            }
            var runs = ByteReader(bytes, in: 5..<end)
            let runCount = Int(try reader.number(UInt32.self))
            _ = try reader.raw(runCount.multipliedReportingOverflow(by: 20).partialValue)
            let values = try observations.decode(try reader.blob())
            var stored: [StoredObservation] = []
            stored.reserveCapacity(values.count)
            for _ in 0..<runCount {
                let revision: UInt64 = try runs.number()
                let time = Instant(microsecondsSinceEpoch: try runs.number())
                let count = Int(try runs.number(UInt32.self))
                guard count <= values.count - stored.count else { throw MalformedBytes("runs") }
                for value in values[stored.count..<stored.count + count] {
                    stored.append(
                        StoredObservation(
                            observation: value, commitRevision: revision, commitTime: time))
                }
            }
            guard stored.count == values.count else { throw MalformedBytes("runs") }
            return stored
        }
    }
}
