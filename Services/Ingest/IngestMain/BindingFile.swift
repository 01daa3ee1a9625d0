import Foundation
import IngestCore
import Logging
import TwinCore

/// The file of what operators have bound, read again whenever it has changed.
struct BindingFile {
    private struct Stamp: Equatable {
        var seconds = 0
        var nanoseconds = 0
        var byteCount = 0
        var number: UInt64 = 0
    }

    let path: String
    let logger: Logger
    private var stamp = Stamp()

    init(_ path: String, _ logger: Logger) {
        self.path = path
        self.logger = logger
    }

    /// The list, if it is another one than the last time.
    mutating func change() -> BindingList? {
        // Asked at every wake of the room: one call of the system, a microsecond.
        var status = stat()
        var now = Stamp()
        if stat(path, &status) == 0 {
            now = Stamp(
                seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec,
                byteCount: Int(status.st_size), number: UInt64(status.st_ino))
        }
        guard now != stamp else { return nil }
        stamp = now
        guard let bytes = FileManager.default.contents(atPath: path) else { return BindingList() }
        do throws(Refusal) {
            return try BindingList(Array(bytes))
        } catch {
            logger.error("the bindings stay as they were: \(path): \(error.detail)")
            return nil
        }
    }
}
