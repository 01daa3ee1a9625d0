import Foundation
import IngestOutbox
import Testing
import TwinCore
import TwinTestKit

struct QuarantineTests {
    private static let limits = QuarantineLimits(
        byteCountMax: 1000, entryCountMax: 5, entryByteCountMax: 400)

    enum Kind: CaseIterable {
        case onDisk
        case inMemory

        func make() throws -> any Quarantine {
            switch self {
            case .onDisk:
                try FileQuarantine(
                    directory: "q", limits: QuarantineTests.limits, disk: SimulatedDisk())
            case .inMemory: InMemoryQuarantine(limits: QuarantineTests.limits)
            }
        }
    }

    private static func add(
        _ bytes: [UInt8], to quarantine: any Quarantine
    ) throws -> UInt64 {
        try quarantine.add(
            bytes, refusal: Refusal(.malformed, "no MSH at byte 0", retryAfterMs: 5),
            receiveTime: Instant(microsecondsSinceEpoch: 77), source: "10.0.0.9", format: "HL7")
    }

    @Test(arguments: Kind.allCases)
    func `an entry is kept as it came until it is removed`(kind: Kind) throws {
        let quarantine = try kind.make()
        #expect(try QuarantineTests.add([1, 2, 3], to: quarantine) == 1)
        #expect(try QuarantineTests.add([], to: quarantine) == 2)
        let entry = try #require(try quarantine.entry(1))
        #expect(entry.bytes == [1, 2, 3])
        #expect(entry.summary.refusal == Refusal(.malformed, "no MSH at byte 0", retryAfterMs: 5))
        #expect(entry.summary.receiveTime.microsecondsSinceEpoch == 77)
        #expect(entry.summary.source == "10.0.0.9" && entry.summary.format == "HL7")
        #expect(quarantine.list(after: 0, limit: 10).map(\.id) == [1, 2])
        #expect(quarantine.list(after: 1, limit: 10).map(\.id) == [2])
        #expect(quarantine.list(after: 0, limit: 1).map(\.byteCount) == [3])
        try quarantine.remove(1)
        try quarantine.remove(1)
        #expect(try quarantine.entry(1) == nil)
        #expect(quarantine.entryCount == 1 && quarantine.heldByteCount == 0)
        #expect(try QuarantineTests.add([9], to: quarantine) == 3)
    }

    @Test(arguments: Kind.allCases)
    func `a full quarantine refuses and drops nothing`(kind: Kind) throws {
        let quarantine = try kind.make()
        let large = [UInt8](repeating: 1, count: 400)
        #expect(throws: QuarantineError.tooLarge(byteCount: 401, byteCountMax: 400)) {
            try QuarantineTests.add(large + [1], to: quarantine)
        }
        _ = try QuarantineTests.add(large, to: quarantine)
        _ = try QuarantineTests.add(large, to: quarantine)
        #expect(throws: QuarantineError.full) { try QuarantineTests.add(large, to: quarantine) }
        for _ in 0..<3 { _ = try QuarantineTests.add([1], to: quarantine) }
        #expect(throws: QuarantineError.full) { try QuarantineTests.add([], to: quarantine) }
        #expect(quarantine.entryCount == 5)
        try quarantine.remove(1)
        _ = try QuarantineTests.add(large, to: quarantine)
    }

    @Test func `entries survive a power cut once they are confirmed`() throws {
        let disk = SimulatedDisk()
        let quarantine = try FileQuarantine(
            directory: "q", limits: QuarantineTests.limits, disk: disk)
        for number in 1...4 {
            _ = try QuarantineTests.add([UInt8(number), 7], to: quarantine)
            disk.note(UInt64(number))
        }
        var model = DiskModel()
        var confirmed: UInt64 = 0
        var random = SplitMix64(seed: 12)
        for operation in disk.log {
            model.apply(operation)
            if case .note(let number) = operation { confirmed = number }
            for _ in 0..<5 {
                let after = try FileQuarantine(
                    directory: "q", limits: QuarantineTests.limits,
                    disk: SimulatedDisk(model.afterPowerCut(&random)))
                let ids = after.list(after: 0, limit: 9).map(\.id)
                #expect(ids.count >= confirmed)
                for id in ids { #expect(try after.entry(id)?.bytes == [UInt8(id), 7]) }
            }
        }
    }

    @Test func `a damaged entry is reported and the others are served`() throws {
        let disk = SimulatedDisk()
        let quarantine = try FileQuarantine(
            directory: "q", limits: QuarantineTests.limits, disk: disk)
        _ = try QuarantineTests.add([1, 2, 3], to: quarantine)
        _ = try QuarantineTests.add([4], to: quarantine)
        let path = try #require(disk.model.names.keys.sorted().first)
        let bytes = try #require(disk.model.bytes(of: path))
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 16
            try check(disk.model, path, changed)
            try check(disk.model, path, Array(bytes[..<index]))
        }
    }

    private func check(_ model: DiskModel, _ path: String, _ bytes: [UInt8]) throws {
        var model = model
        model.setBytes(of: path, bytes)
        let quarantine = try FileQuarantine(
            directory: "q", limits: QuarantineTests.limits, disk: SimulatedDisk(model))
        #expect(throws: QuarantineError.corrupted(id: 1)) { try quarantine.entry(1) }
        #expect(try quarantine.entry(2)?.bytes == [4])
        #expect(quarantine.list(after: 0, limit: 9).map(\.id) == [1, 2])
    }

    @Test func `only the owner clears away what was written by halves`() throws {
        let folder = try ScratchFolder()
        defer { folder.remove() }
        let half = folder.path + "/1.new"
        _ = try FileQuarantine(directory: folder.path)
        #expect(FileManager.default.createFile(atPath: half, contents: Data([1])))
        _ = try FileQuarantine(directory: folder.path, isOwner: false)
        #expect(FileManager.default.fileExists(atPath: half))
        _ = try FileQuarantine(directory: folder.path)
        #expect(!FileManager.default.fileExists(atPath: half))
    }
}
