import Glibc
import TwinJournal
import TwinStoreCore
import TwinStoreEmbedded
import TwinTestKit

/// Appends to a journal, or commits to an engine, for ever and says on standard output what was
/// acknowledged: a process to be killed.
///
/// `CrashProbe journal|engine|hasty-engine DIRECTORY [FILE-BYTE-COUNT-MAX]`; the hasty one has a
/// planted bug.
@main
struct CrashProbe {
    static func main() {
        guard CommandLine.arguments.count >= 3 else { exit(2) }
        if CommandLine.arguments.count > 3, let most = UInt(CommandLine.arguments[3]) {
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: most, rlim_max: most)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        }
        do {
            switch CommandLine.arguments[1] {
            case "journal": try append(to: CommandLine.arguments[2])
            case "engine": try commit(to: CommandLine.arguments[2], planted: nil)
            case "hasty-engine":
                try commit(to: CommandLine.arguments[2], planted: .acknowledgeBeforeJournal)
            default: exit(2)
            }
        } catch {
            say("error \(error)")
            exit(1)
        }
    }

    private static func append(to directory: String) throws {
        let journal = try SegmentJournal(
            directory: directory, limits: ProbeJournal.limits)
        let inFlight = Monitor(0)
        var next = journal.nextOffset
        while true {
            let count = 1 + next % 5
            inFlight.wait { $0 < 32 ? $0 += 1 : nil }
            journal.append((0..<count).map { ProbeJournal.record(next + $0) }) { answer in
                inFlight.withLock { $0 -= 1 }
                switch answer {
                case .success(let offsets): say("\(offsets.upperBound)")
                case .failure(let error):
                    say("refused \(error)")
                    exit(3)
                }
            }
            next += count
            if journal.nextOffset - journal.firstOffset > 512 {
                try journal.trim(through: journal.nextOffset - 256)
            }
        }
    }

    private static func commit(to directory: String, planted: PlantedEngineBug?) throws {
        let engine = try EmbeddedEngine(
            directory: directory,
            coding: EngineCoding(
                observations: PlainCodings.observations, featureSet: PlainCodings.featureSet,
                assessments: PlainCodings.assessments, artifactInfo: PlainCodings.artifactInfo,
                activation: PlainCodings.activation, driftTally: PlainCodings.driftTally),
            limits: EngineLimits(
                gatherMs: 5,
                journal: JournalLimits(segmentByteCount: 1 << 20, byteCountMax: 1 << 24)),
            planted: planted)
        let inFlight = Monitor(0)
        var next = try engine.recover().cursor + 1
        while true {
            let count = 1 + next % 9
            inFlight.wait { $0 < 16 ? $0 += 1 : nil }
            engine.commit((0..<count).map { ProbeEngine.record(next + $0) }) { [next] answer in
                inFlight.withLock { $0 -= 1 }
                switch answer {
                case .success: say("\(next + count - 1)")
                case .failure(let error):
                    say("refused \(error)")
                    exit(3)
                }
            }
            next += count
        }
    }

    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
    }
}
