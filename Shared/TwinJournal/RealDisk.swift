import Glibc

extension DiskError {
    /// Whether there was no space, or no more of it was allowed, and trying again may help.
    ///
    /// A sync that failed is never tried again, whatever it says.
    package var isFull: Bool {
        doing != .sync && (code == ENOSPC || code == EDQUOT || code == EFBIG)
    }
    /// Whether there is no such file.
    package var isMissing: Bool { code == ENOENT }

    package static let full = ENOSPC
    package static let tooLarge = EFBIG
    package static let broken = EIO
    package static let missing = ENOENT
}

/// The system's files.
package struct RealDisk: Disk {
    package init() {}

    package func makeDirectory(_ path: String) throws(DiskError) {
        if unsafe mkdir(path, 0o700) == 0 {
            let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
            try syncDirectory(parent.isEmpty ? "/" : parent)
        } else if errno != EEXIST {
            throw DiskError(code: errno, doing: .makeDirectory, path: path)
        }
    }

    package func names(in directory: String) throws(DiskError) -> [String] {
        guard let stream = unsafe opendir(directory) else {
            throw DiskError(code: errno, doing: .list, path: directory)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) {
                unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    package func open(_ path: String, creating: Bool) throws(DiskError) -> any DiskFile {
        try RealFile(path, flags: O_RDWR | O_CLOEXEC | (creating ? O_CREAT : 0))
    }

    package func rename(_ path: String, to newPath: String) throws(DiskError) {
        guard unsafe Glibc.rename(path, newPath) == 0 else {
            throw DiskError(code: errno, doing: .rename, path: path)
        }
    }

    package func remove(_ path: String) throws(DiskError) {
        guard unsafe unlink(path) == 0 else {
            throw DiskError(code: errno, doing: .remove, path: path)
        }
    }

    package func syncDirectory(_ path: String) throws(DiskError) {
        let directory = try RealFile(path, flags: O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { directory.close() }
        try directory.sync()
    }

    package func lock(_ path: String) throws(DiskError) -> (any DiskFile)? {
        let file = try RealFile(path, flags: O_RDWR | O_CREAT | O_CLOEXEC)
        if file.lock() { return file }
        defer { file.close() }
        guard errno == EWOULDBLOCK else {
            throw DiskError(code: errno, doing: .lock, path: path)
        }
        return nil
    }
}

/// A file descriptor that is closed when nobody has it.
private final class RealFile: DiskFile {
    private let descriptor: Int32
    private let path: String

    init(_ path: String, flags: Int32) throws(DiskError) {
        self.path = path
        descriptor = unsafe Glibc.open(path, flags, 0o600)
        guard descriptor >= 0 else { throw DiskError(code: errno, doing: .open, path: path) }
    }

    deinit { _ = Glibc.close(descriptor) }

    /// The descriptor lives as long as the object: another thread may still read.
    func close() { _ = flock(descriptor, LOCK_UN) }

    func lock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    func byteCount() throws(DiskError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure(.measure) }
        return Int(status.st_size)
    }

    func read(at position: Int, count: Int) throws(DiskError) -> [UInt8] {
        var code: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, done in
            while done < count {
                let got = unsafe pread(
                    descriptor, buffer.baseAddress.map { unsafe $0 + done }, count - done,
                    position + done)
                if got < 0, errno == EINTR { continue }
                if got < 0 { code = errno }
                if got <= 0 { return }
                done += got
            }
        }
        guard code == 0 else { throw DiskError(code: code, doing: .read, path: path) }
        return bytes
    }

    func write(_ bytes: [UInt8], at position: Int) throws(DiskError) {
        var done = 0
        while done < bytes.count {
            let put = unsafe bytes.withUnsafeBytes {
                unsafe pwrite(
                    descriptor, $0.baseAddress.map { unsafe $0 + done }, $0.count - done,
                    position + done)
            }
            if put < 0, errno == EINTR { continue }
            guard put > 0 else { throw failure(.write) }
            done += put
        }
    }

    func sync() throws(DiskError) {
        // Never again after an error: the kernel may have dropped the pages it could not write.
        guard fdatasync(descriptor) == 0 else { throw failure(.sync) }
    }

    private func failure(_ doing: DiskError.Doing) -> DiskError {
        DiskError(code: errno, doing: doing, path: path)
    }
}
