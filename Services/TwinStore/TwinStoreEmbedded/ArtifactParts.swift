import Crypto
import TwinCore
import TwinJournal
import TwinStoreCore

/// Artifacts that come in parts, each in a file of its own that nobody reads until it is whole.
///
/// What was half there when the store ended is forgotten: its sender begins anew.
final class ArtifactParts: Sendable {
    /// How many are under way at once; another one takes the place of that which waited longest.
    static let countMax = 4
    private static let ending = ".part"
    private static let blockByteCount = 1 << 20

    private struct Entry {
        let id: ArtifactID
        let byteCount: UInt64
        var received: UInt64 = 0
    }

    private let files: ArtifactFiles
    /// The most recently used last.
    private let entries = Monitor<[Entry]>([])

    init(_ files: ArtifactFiles) throws(EngineError) {
        self.files = files
        do throws(DiskError) {
            for name in try files.disk.names(in: files.directory)
            where name.hasSuffix(ArtifactParts.ending) {
                try files.disk.remove("\(files.directory)/\(name)")
            }
        } catch { throw .storageFailed(error.description) }
    }

    /// Keeps a part; how many bytes are there now.
    func put(_ part: ArtifactPart, _ bytes: [UInt8]) throws(EngineError) -> UInt64 {
        guard part.byteCount > 0, part.byteCount <= UInt64(files.byteCountMax),
            part.offset <= part.byteCount, UInt64(bytes.count) <= part.byteCount - part.offset
        else { throw .storageFailed("artifact \(part.artifact): a part outside of its bounds") }
        let result = entries.withLock { entries -> Result<UInt64, EngineError> in
            do throws(DiskError) {
                return .success(try put(part, bytes, &entries))
            } catch {
                forget(part.artifact, &entries)
                return .failure(.storageFailed(error.description))
            }
        }
        let received = try result.get()
        guard received == .max else { return received }
        throw .corrupted("artifact \(part.artifact) has another hash")
    }

    /// `max` where everything was there, and was something else.
    private func put(
        _ part: ArtifactPart, _ bytes: [UInt8], _ entries: inout [Entry]
    ) throws(DiskError) -> UInt64 {
        if try isWhole(part.artifact) { return part.byteCount }
        var entry = take(part, &entries)
        let file = try files.disk.open(path(entry.id), creating: true)
        defer { file.close() }
        let end = part.offset + UInt64(bytes.count)
        if part.offset <= entry.received, end > entry.received {
            try file.write(
                Array(bytes.dropFirst(Int(entry.received - part.offset))),
                at: Int(entry.received))
            entry.received = end
        }
        guard entry.received == entry.byteCount else {
            entries.append(entry)
            return entry.received
        }
        guard try identity(of: file, Int(entry.byteCount)) == entry.id else {
            try files.disk.remove(path(entry.id))
            return .max
        }
        try file.sync()
        try files.disk.rename(path(entry.id), to: "\(files.directory)/\(entry.id.hex)")
        try files.disk.syncDirectory(files.directory)
        return entry.received
    }

    private func isWhole(_ id: ArtifactID) throws(DiskError) -> Bool {
        do throws(DiskError) {
            try files.disk.open("\(files.directory)/\(id.hex)", creating: false).close()
            return true
        } catch {
            guard error.isMissing else { throw error }
            return false
        }
    }

    /// What is there of it, taken out of the list; a new entry where nothing is, or another size was said.
    private func take(_ part: ArtifactPart, _ entries: inout [Entry]) -> Entry {
        if let index = entries.firstIndex(where: { $0.id == part.artifact }) {
            if entries[index].byteCount == part.byteCount { return entries.remove(at: index) }
            forget(part.artifact, &entries)
        }
        if entries.count >= ArtifactParts.countMax { forget(entries[0].id, &entries) }
        return Entry(id: part.artifact, byteCount: part.byteCount)
    }

    private func forget(_ id: ArtifactID, _ entries: inout [Entry]) {
        entries.removeAll { $0.id == id }
        // Where it can't be removed, the next start does it.
        try? files.disk.remove(path(id))
    }

    private func path(_ id: ArtifactID) -> String {
        "\(files.directory)/\(id.hex)\(ArtifactParts.ending)"
    }

    private func identity(
        of file: any DiskFile, _ byteCount: Int
    ) throws(DiskError) -> ArtifactID {
        var hash = SHA256()
        var position = 0
        while position < byteCount {
            let block = try file.read(
                at: position, count: min(ArtifactParts.blockByteCount, byteCount - position))
            guard !block.isEmpty else { break }
            hash.update(data: block)
            position += block.count
        }
        return ArtifactID(digest: hash.finalize())
    }
}
