public import TwinCore
package import TwinJournal

/// A quarantine on disk: one file an entry.
public final class FileQuarantine: Quarantine {
    private struct State {
        /// In ascending order of id.
        var summaries: [QuarantineSummary] = []
        var nextID: UInt64 = 1
        var heldByteCount = 0

        func index(_ id: UInt64) -> Int? {
            let index = summaries.partitioningIndex { $0.id >= id }
            return index < summaries.count && summaries[index].id == id ? index : nil
        }
    }

    private let directory: String
    private let limits: QuarantineLimits
    private let disk: any Disk
    private let state: Monitor<State>

    /// Opens the quarantine in a directory, and makes it if there is none.
    ///
    /// An entry whose file is damaged is listed as such. Only its owner, ingest, clears away what
    /// was written by halves: who looks in from beside it must not.
    public convenience init(
        directory: String, limits: QuarantineLimits = QuarantineLimits(), isOwner: Bool = true
    ) throws(QuarantineError) {
        try self.init(directory: directory, limits: limits, disk: RealDisk(), isOwner: isOwner)
    }

    package init(
        directory: String, limits: QuarantineLimits, disk: any Disk, isOwner: Bool = true
    ) throws(QuarantineError) {
        self.directory = directory
        self.limits = limits
        self.disk = disk
        do {
            try disk.makeDirectory(directory)
            var state = State()
            for name in try disk.names(in: directory) {
                guard let id = QuarantineFile.id(named: name) else {
                    // Written by halves when the process ended: it was never confirmed.
                    if isOwner, name.hasSuffix(".new") { try disk.remove("\(directory)/\(name)") }
                    continue
                }
                state.summaries.append(try QuarantineFile.summary(id, disk, "\(directory)/\(name)"))
                state.heldByteCount += state.summaries.last?.byteCount ?? 0
                state.nextID = max(state.nextID, id &+ 1)
            }
            state.summaries.sort { $0.id < $1.id }
            self.state = Monitor(state)
        } catch {
            throw .storageFailed("\(error)")
        }
    }

    public func add(
        _ bytes: [UInt8], refusal: Refusal, receiveTime: Instant, source: Source, format: String
    ) throws(QuarantineError) -> UInt64 {
        // The lock is held while the disk works: the limits hold, and ids are in order.
        try state.withLock { state throws(QuarantineError) in
            try limits.check(
                bytes.count, heldByteCount: state.heldByteCount,
                entryCount: state.summaries.count)
            let summary = QuarantineSummary(
                id: state.nextID, refusal: refusal, receiveTime: receiveTime,
                source: source.prefix(utf8Count: QuarantineFile.textByteCountMax),
                format: format.prefix(utf8Count: QuarantineFile.textByteCountMax),
                byteCount: bytes.count)
            var kept = summary
            kept.refusal.detail = refusal.detail.prefix(
                utf8Count: QuarantineFile.textByteCountMax)
            do {
                try disk.replaceFile(
                    in: directory, named: QuarantineFile.name(kept.id),
                    with: QuarantineFile.encode(kept, bytes))
            } catch {
                throw .storageFailed("\(error)")
            }
            state.summaries.append(kept)
            state.heldByteCount += kept.byteCount
            state.nextID += 1
            return kept.id
        }
    }

    public func list(after id: UInt64, limit: Int) -> [QuarantineSummary] {
        state.look { state in
            let start = state.summaries.partitioningIndex { $0.id > id }
            return Array(state.summaries[start...].prefix(max(0, limit)))
        }
    }

    public func entry(_ id: UInt64) throws(QuarantineError) -> QuarantinedInput? {
        guard state.look({ $0.index(id) }) != nil else { return nil }
        let bytes: [UInt8]?
        do {
            bytes = try disk.readFile(
                "\(directory)/\(QuarantineFile.name(id))",
                byteCountMax: limits.entryByteCountMax + QuarantineFile.headerByteCountMax)
        } catch {
            throw .storageFailed("\(error)")
        }
        // Removed in between.
        guard let bytes else { return nil }
        return try QuarantineFile.decode(id, bytes)
    }

    public func remove(_ id: UInt64) throws(QuarantineError) {
        try state.withLock { state throws(QuarantineError) in
            guard let index = state.index(id) else { return }
            do {
                try disk.remove("\(directory)/\(QuarantineFile.name(id))")
                try disk.syncDirectory(directory)
            } catch {
                throw .storageFailed("\(error)")
            }
            state.heldByteCount -= state.summaries.remove(at: index).byteCount
        }
    }

    public var entryCount: Int { state.look { $0.summaries.count } }
    public var heldByteCount: Int { state.look { $0.heldByteCount } }
}

extension Array {
    /// The first index whose element is so, where all later ones are so too.
    fileprivate func partitioningIndex(_ isSo: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isSo(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension String {
    /// As many characters as fit into so many bytes.
    fileprivate func prefix(utf8Count: Int) -> String {
        guard utf8.count > utf8Count else { return self }
        var kept = ""
        var byteCount = 0
        for character in self {
            byteCount += character.utf8.count
            if byteCount > utf8Count { break }
            kept.append(character)
        }
        return kept
    }
}
