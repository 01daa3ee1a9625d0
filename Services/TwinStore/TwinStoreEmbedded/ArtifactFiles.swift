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
        guard ArtifactFiles.name(of: bytes) == id.hex else {
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
        guard ArtifactFiles.name(of: bytes) == id.hex else {
            throw .corrupted("artifact \(id) was changed on disk")
        }
        return bytes
    }

    private static func name(of bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let hex = SHA256.hash(data: bytes).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: hex, as: UTF8.self)
    }
}
