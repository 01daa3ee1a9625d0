package import TwinCore

/// Which artifact speaks for which twins, of one outcome.
///
/// Every twin has a place from 0 up to 1 that is a hash of its id. A canary speaks for the places
/// below its share: whatever process asks, and whenever, it speaks for the same twins, and a share
/// that grows only adds some.
package struct Voices: Sendable {
    /// The places from the end of the range before up to this end.
    private struct Range: Hashable, Sendable {
        var end: Double
        var speaker: Speaker
    }

    /// An artifact, and since which epoch it has spoken without a break.
    struct Speaker: Hashable, Sendable {
        var artifact: ArtifactID
        var since: UInt64
    }

    /// Steps of a canary's share beyond this number are not told apart: some of its twins are
    /// assessed once more than they would have to be.
    private static let rangeCountMax = 64

    /// In ascending order, the last one up to 1; empty where nothing speaks.
    private var ranges: [Range] = []

    var rangeCount: Int { ranges.count }

    /// The place of a twin: FNV-1a of its id, whose bits are then mixed well.
    package static func place(of twin: TwinID) -> Double {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in twin.text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        hash ^= hash >> 33
        return Double(hash >> 11) * 0x1p-53
    }

    func speaker(for twin: TwinID) -> Speaker? {
        // Without a canary nobody needs to know where the twin is.
        guard ranges.count > 1 else { return ranges.first?.speaker }
        let place = Voices.place(of: twin)
        return ranges.first { place < $0.end }?.speaker
    }

    /// From `epoch` on these speak; who spoke for a place before is not broken off there.
    ///
    /// Says whether anything has changed.
    mutating func redraw(base: ArtifactID, canary: Activation?, epoch: UInt64) -> Bool {
        let share = canary?.share ?? 0
        var ends = Set(ranges.map(\.end)).union([1])
        if share > 0 { ends.insert(share) }
        var redrawn: [Range] = []
        for end in ends.sorted() {
            let artifact = canary.flatMap { end <= share ? $0.artifact : nil } ?? base
            let before = ranges.first { end <= $0.end }?.speaker
            let isSame = before?.artifact == artifact
            let speaker = Speaker(
                artifact: artifact, since: isSame ? before?.since ?? epoch : epoch)
            if redrawn.last?.speaker == speaker { redrawn.removeLast() }
            redrawn.append(Range(end: end, speaker: speaker))
        }
        Voices.limit(&redrawn)
        let isChanged = redrawn != ranges
        ranges = redrawn
        return isChanged
    }

    /// Joins neighbours of one artifact while there are too many ranges.
    private static func limit(_ ranges: inout [Range]) {
        while ranges.count > rangeCountMax,
            let place = ranges.indices.dropFirst().first(where: {
                ranges[$0].speaker.artifact == ranges[$0 - 1].speaker.artifact
            })
        {
            let since = max(ranges[place].speaker.since, ranges[place - 1].speaker.since)
            ranges[place].speaker.since = since
            ranges.remove(at: place - 1)
        }
    }
}
