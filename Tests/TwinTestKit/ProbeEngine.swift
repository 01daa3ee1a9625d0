public import TwinCore
public import TwinStoreCore

/// What the process that is killed commits, so that the test knows it too.
public enum ProbeEngine {
    public static let twinCount: UInt64 = 7

    public static func twin(_ number: UInt64) -> TwinID {
        guard let twin = TwinID("PROBE|\(number)") else { preconditionFailure("a name") }
        return twin
    }

    /// Record n adds one slice to twin n mod 7; its values say n.
    public static func record(_ cursor: UInt64) -> StoreRecord {
        let twin = twin(cursor % twinCount)
        let time = Instant(microsecondsSinceEpoch: Int64(cursor))
        let observations = (0..<(1 + cursor % 40)).map { part in
            Observation(
                twin: twin, code: .loinc("\(part)-0"), value: .number(Double(cursor)), unit: "/min",
                eventTime: time, receiveTime: time, source: "probe")
        }
        return StoreRecord(
            cursor: cursor, commitTime: time,
            change: .observations(
                ingest: "probe", offset: cursor,
                slices: [
                    TwinSlice(
                        twin: twin, revision: revision(of: cursor % twinCount, through: cursor),
                        observations: observations)
                ]))
    }

    /// The number of records through `cursor` that concern a twin.
    public static func revision(of number: UInt64, through cursor: UInt64) -> Revision {
        let first = number == 0 ? twinCount : number
        return cursor < first ? 0 : (cursor - first) / twinCount + 1
    }
}
