extension SplitMix64 {
    /// So many bytes by chance.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }
}

/// What files and names a disk holds, and which of it would survive a power cut.
package struct DiskModel: Sendable {
    package static let sectorByteCount = 512

    struct File: Sendable {
        var live: [UInt8] = []
        var durable: [UInt8] = []
        var unsynced: [(position: Int, bytes: [UInt8])] = []
    }

    package enum Operation: Sendable {
        case create(path: String, file: Int)
        case write(file: Int, position: Int, bytes: [UInt8])
        case sync(file: Int)
        /// The system forgot what it could not write; later syncs know nothing of it.
        case syncFailed(file: Int)
        case rename(path: String, newPath: String)
        case remove(path: String)
        case syncDirectory(String)
        /// Something that the test wants to find between the operations.
        case note(UInt64)
    }

    private enum NameChange: Sendable {
        case set(String, Int)
        case move(String, String, Int)
        case remove(String)

        var path: String {
            switch self {
            case .set(let path, _), .move(let path, _, _), .remove(let path): path
            }
        }
    }

    var files: [Int: File] = [:]
    package internal(set) var names: [String: Int] = [:]
    private var durableNames: [String: Int] = [:]
    private var unsyncedNames: [NameChange] = []

    package init() {}

    package mutating func apply(_ operation: Operation) {
        switch operation {
        case .create(let path, let file):
            files[file] = File()
            names[path] = file
            unsyncedNames.append(.set(path, file))
        case .write(let file, let position, let bytes):
            DiskModel.put(bytes, at: position, in: &files[file, default: File()].live)
            files[file]?.unsynced.append((position, bytes))
        case .sync(let file):
            for (position, bytes) in files[file]?.unsynced ?? [] {
                DiskModel.put(bytes, at: position, in: &files[file, default: File()].durable)
            }
            files[file]?.unsynced = []
        case .syncFailed(let file):
            files[file]?.unsynced = []
        case .rename(let path, let newPath):
            guard let file = names.removeValue(forKey: path) else { return }
            names[newPath] = file
            unsyncedNames.append(.move(path, newPath, file))
        case .remove(let path):
            names[path] = nil
            unsyncedNames.append(.remove(path))
        case .syncDirectory(let directory):
            let isInside = { (change: NameChange) in
                DiskModel.directory(of: change.path) == directory
            }
            for change in unsyncedNames where isInside(change) {
                DiskModel.apply(change, to: &durableNames)
            }
            unsyncedNames.removeAll(where: isInside)
        case .note: break
        }
    }

    /// The disk after the power was cut now: of what was not synced, every sector and every name
    /// is kept or lost by chance.
    package func afterPowerCut(_ random: inout SplitMix64) -> DiskModel {
        var after = DiskModel()
        after.durableNames = durableNames
        for change in unsyncedNames where Bool.random(using: &random) {
            DiskModel.apply(change, to: &after.durableNames)
        }
        after.names = after.durableNames
        // Often nothing or everything, else a coin for each sector.
        let style = Int.random(in: 0..<4, using: &random)
        for (number, file) in files.sorted(by: { $0.key < $1.key }) {
            var kept = file.durable
            for (position, bytes) in file.unsynced {
                for start in DiskModel.sectorStarts(position, bytes.count)
                where style == 1 || style > 1 && Bool.random(using: &random) {
                    let end = min(start.next - position, bytes.count)
                    let part = Array(bytes[start.offset..<end])
                    DiskModel.put(part, at: position + start.offset, in: &kept)
                }
            }
            after.files[number] = File(live: kept, durable: kept)
        }
        return after
    }

    package func bytes(of path: String) -> [UInt8]? { names[path].flatMap { files[$0]?.live } }

    package mutating func setBytes(of path: String, _ bytes: [UInt8]) {
        guard let file = names[path] else { return }
        files[file] = File(live: bytes, durable: bytes)
    }

    /// Where each sector that a write touches begins within the write, and where the next is.
    private static func sectorStarts(
        _ position: Int, _ count: Int
    ) -> [(offset: Int, next: Int)] {
        let first = position / sectorByteCount
        let last = (position + count + sectorByteCount - 1) / sectorByteCount
        return (first..<max(first, last)).map {
            (max(0, $0 * sectorByteCount - position), ($0 + 1) * sectorByteCount)
        }
    }

    private static func put(_ bytes: [UInt8], at position: Int, in file: inout [UInt8]) {
        let end = position + bytes.count
        if file.count < end {
            file.append(contentsOf: repeatElement(0, count: end - file.count))
        }
        file.replaceSubrange(position..<end, with: bytes)
    }

    private static func apply(_ change: NameChange, to names: inout [String: Int]) {
        switch change {
        case .set(let path, let file): names[path] = file
        case .move(let path, let newPath, let file):
            names[path] = nil
            names[newPath] = file
        case .remove(let path): names[path] = nil
        }
    }

    static func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
}
