import Crypto
import TwinCore
import TwinJournal
import TwinStoreCore

/// The bytes of artifacts, each in a file that is named by their hash.
struct ArtifactFiles: Sendable {
    let disk: any Disk
    let directory: String
    let byteCountMax: Int

    /// Keeps the bytes durably once it returns; nothing happens if they are there.
    func put(_ id: ArtifactID, _ bytes: [UInt8]) throws(EngineError) {
        guard bytes.count <= byteCountMax else {
            throw .storageFailed("artifact \(id) has more than \(byteCountMax) bytes")
        }
        guard ArtifactID(digest: SHA256.hash(data: bytes)) == id else {
            throw .corrupted("artifact \(id) has another hash")
        }
        do {
            try disk.replaceFile(in: directory, named: id.hex, with: bytes)
        } catch {
            throw .storageFailed(error.description)
        }
    }

    /// Nil if there is none; an error if they are not what was put.
    func bytes(_ id: ArtifactID) throws(EngineError) -> [UInt8]? {
        let bytes: [UInt8]?
        do {
            bytes = try disk.readFile("\(directory)/\(id.hex)", byteCountMax: byteCountMax)
        } catch {
            throw .storageFailed(error.description)
        }
        guard let bytes else { return nil }
        guard ArtifactID(digest: SHA256.hash(data: bytes)) == id else {
            throw .corrupted("artifact \(id) was changed on disk")
        }
        return bytes
    }

    /// Some of the bytes; nil if there are none.
    func bytes(
        _ id: ArtifactID, from offset: UInt64, count: Int
    ) throws(EngineError) -> [UInt8]? {
        do throws(DiskError) {
            let file = try disk.open("\(directory)/\(id.hex)", creating: false)
            defer { file.close() }
            let rest = max(0, try file.byteCount() - Int(clamping: offset))
            return try file.read(at: Int(clamping: offset), count: min(count, rest))
        } catch {
            if error.isMissing { return nil }
            throw .storageFailed(error.description)
        }
    }
}
