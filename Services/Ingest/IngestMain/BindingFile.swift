import Foundation
import IngestCore
import Logging
import TwinCore

/// The file of what operators have bound, read again whenever it has changed.
struct BindingFile {
    private struct Stamp: Equatable {
        var modified: Date?
        var byteCount: Int?
        var number: UInt64?
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
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let now = Stamp(
            modified: attributes?[.modificationDate] as? Date,
            byteCount: (attributes?[.size] as? NSNumber)?.intValue,
            number: (attributes?[.systemFileNumber] as? NSNumber)?.uint64Value)
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
