/// What a disk can fail with.
package struct DiskError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Doing: String, Hashable, Sendable, CaseIterable {
        case makeDirectory, list, open, lock, measure, read, write, sync, rename, remove
    }

    /// The system's error number.
    package var code: Int32
    package var doing: Doing
    package var path: String

    package init(code: Int32, doing: Doing, path: String) {
        self.code = code
        self.doing = doing
        self.path = path
    }

    package var description: String { "\(doing.rawValue) \(path): error \(code)" }
}

/// What durable rooms ask of a disk.
///
/// It is a protocol so that tests can cut the power, fill the disk and count the syncs.
package protocol Disk: Sendable {
    /// Makes the directory if there is none, durably.
    func makeDirectory(_ path: String) throws(DiskError)
    /// The names in a directory, in ascending order.
    func names(in directory: String) throws(DiskError) -> [String]
    func open(_ path: String, creating: Bool) throws(DiskError) -> any DiskFile
    /// Replaces what has the new name; durable after `syncDirectory`.
    func rename(_ path: String, to newPath: String) throws(DiskError)
    func remove(_ path: String) throws(DiskError)
    func syncDirectory(_ path: String) throws(DiskError)
    /// Nil if another holder has it; held until `close`.
    func lock(_ path: String) throws(DiskError) -> (any DiskFile)?
}

/// An open file.
package protocol DiskFile: AnyObject, Sendable {
    func byteCount() throws(DiskError) -> Int
    /// Fewer bytes only where the file ends.
    func read(at position: Int, count: Int) throws(DiskError) -> [UInt8]
    /// All of them or an error.
    func write(_ bytes: [UInt8], at position: Int) throws(DiskError)
    /// Everything written before is durable once it returns.
    func sync() throws(DiskError)
    func close()
}

extension Disk {
    /// Writes a whole file so that it is there completely or not at all, durably.
    package func replaceFile(
        in directory: String, named name: String, with bytes: [UInt8]
    ) throws(DiskError) {
        let temporary = "\(directory)/\(name).new"
        do {
            // What a crash may have left there could be longer.
            try? remove(temporary)
            let file = try open(temporary, creating: true)
            defer { file.close() }
            try file.write(bytes, at: 0)
            try file.sync()
            try rename(temporary, to: "\(directory)/\(name)")
        } catch {
            try? remove(temporary)
            throw error
        }
        try syncDirectory(directory)
    }

    /// The whole file; nil if there is none, an error if it is longer than `byteCountMax`.
    package func readFile(_ path: String, byteCountMax: Int) throws(DiskError) -> [UInt8]? {
        let file: any DiskFile
        do {
            file = try open(path, creating: false)
        } catch  where error.isMissing {
            return nil
        }
        defer { file.close() }
        let count = try file.byteCount()
        guard count <= byteCountMax else {
            throw DiskError(code: DiskError.tooLarge, doing: .read, path: path)
        }
        return try file.read(at: 0, count: count)
    }
}
