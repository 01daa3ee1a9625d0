public import TwinJournal

/// What the process that is killed writes, so that the test knows it too.
public enum ProbeJournal {
    public static let limits = JournalLimits(segmentByteCount: 1 << 16, byteCountMax: 1 << 22)

    /// Record n says n, and as much more as n tells.
    public static func record(_ offset: UInt64) -> [UInt8] {
        let count = 8 + Int(offset &* 2_654_435_761 % 900)
        return (0..<count).map { UInt8(truncatingIfNeeded: offset >> UInt64($0 % 8 * 8)) }
    }
}
