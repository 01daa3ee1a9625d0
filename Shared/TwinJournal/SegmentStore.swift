/// The files of a journal: makes segments ready, takes them into use, lets them go.
///
/// A new segment is written through with zeros first, so that a later append changes no length
/// and no allocation: its sync is one write, and it can't run out of space.
struct SegmentStore: Sendable {
    let disk: any Disk
    let directory: String
    let segmentByteCount: Int

    /// A segment without records that nobody uses yet.
    struct Spare: Hashable {
        var name: String
    }

    /// Removes what a crash left half made, and finds the spares that can be used.
    func spares(among names: [String]) throws(DiskError) -> [Spare] {
        var spares: [Spare] = []
        for name in names where name.hasPrefix("spare-") {
            let file = try disk.open(path(name), creating: false)
            let byteCount = try file.byteCount()
            file.close()
            if name.hasSuffix(".new") || byteCount != segmentByteCount || spares.count >= 2 {
                try disk.remove(path(name))
            } else {
                spares.append(Spare(name: name))
            }
        }
        return spares
    }

    /// Writes a spare through with zeros; `number` must be one that no spare has.
    func make(number: UInt64) throws(DiskError) -> Spare {
        let name = "spare-\(number)"
        let temporary = path(name) + ".new"
        do {
            let file = try disk.open(temporary, creating: true)
            defer { file.close() }
            for start in stride(from: 0, to: segmentByteCount, by: 1 << 20) {
                let count = min(1 << 20, segmentByteCount - start)
                try file.write([UInt8](repeating: 0, count: count), at: start)
            }
            try file.sync()
            try disk.rename(temporary, to: path(name))
        } catch {
            try? disk.remove(temporary)
            throw error
        }
        return Spare(name: name)
    }

    /// Takes a spare into use, durably, as the segment that begins with this offset.
    func activate(_ spare: Spare, firstOffset: UInt64) throws(DiskError) -> Segment {
        let file = try disk.open(path(spare.name), creating: false)
        let header = SegmentHeader(
            firstOffset: firstOffset, salt: UInt32.random(in: UInt32.min...UInt32.max),
            fileByteCount: UInt64(segmentByteCount))
        try file.write(header.bytes, at: 0)
        // What stands behind the header from an earlier life has another salt.
        try file.write(
            Frame.marks(
                durableThrough: firstOffset &- 1, at: SegmentHeader.byteCount, salt: header.salt),
            at: SegmentHeader.byteCount)
        try file.sync()
        let name = Segment.name(firstOffset: firstOffset)
        try disk.rename(path(spare.name), to: path(name))
        try disk.syncDirectory(directory)
        return Segment(file: file, name: name, header: header, byteCount: segmentByteCount)
    }

    /// Makes a segment a spare, or removes it, durably.
    func retire(_ segment: Segment, asSpare number: UInt64?) throws(DiskError) -> Spare? {
        segment.file.close()
        var spare: Spare?
        if let number, segment.byteCount == segmentByteCount {
            spare = Spare(name: "spare-\(number)")
            try disk.rename(path(segment.name), to: path("spare-\(number)"))
        } else {
            try disk.remove(path(segment.name))
        }
        // Before the next one goes: a gap in the middle would look like damage.
        try disk.syncDirectory(directory)
        return spare
    }

    private func path(_ name: String) -> String { "\(directory)/\(name)" }
}
