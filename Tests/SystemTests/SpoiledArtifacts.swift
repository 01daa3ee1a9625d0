import Foundation

/// What can be wrong with an artifact on its way into a model worker.
enum Spoiling: String, CaseIterable {
    case truncatedOnDisk, flippedOnDisk, unsigned, strangelySigned, wrongShape, noNumberInALeaf
    case tooLargeForTheStore, tooLargeForTheWorkers, cutShort, slow, crashing

    /// Whether the store takes it, so that only the model workers can refuse it.
    var isPushed: Bool {
        switch self {
        case .truncatedOnDisk, .flippedOnDisk, .wrongShape, .tooLargeForTheWorkers, .slow,
            .crashing:
            true
        case .unsigned, .strangelySigned, .noNumberInALeaf, .tooLargeForTheStore, .cutShort:
            false
        }
    }

    /// What the refusal says of it.
    var says: String {
        switch self {
        case .truncatedOnDisk: "parts that make no"
        case .flippedOnDisk: "are those of"
        case .unsigned: "--sign"
        case .strangelySigned: "artifacts.signers"
        case .wrongShape: "not the declared one"
        case .noNumberInALeaf: "class_weights of node "
        case .tooLargeForTheStore, .tooLargeForTheWorkers: "artifacts.megabytes"
        case .cutShort: "can't be run: "
        case .slow: "latency.ms"
        case .crashing: "died of it"
        }
    }
}

/// Files that differ from a good artifact in one thing, and from each other by a serial number.
struct SpoiledArtifacts {
    let good: [UInt8]

    func bytes(_ spoiling: Spoiling, serial: Int) throws -> [UInt8] {
        var bytes = good
        switch spoiling {
        case .wrongShape:
            // The file ends with the width of its last output.
            guard bytes.last == 2 else { throw SystemFailure("the file ends otherwise") }
            bytes[bytes.count - 1] = 3
        case .noNumberInALeaf:
            try replace(&bytes, in: "class_weights", with: [0, 0, 0xC0, 0x7F])
        case .tooLargeForTheStore: bytes += Self.filler(5 << 20)
        case .tooLargeForTheWorkers: bytes += Self.filler(3 << 20)
        case .cutShort: return Array(bytes.prefix(bytes.count - 1 - serial % 100))
        case .slow: return bytes + Self.field(Array("spoiled \(serial) planted slow".utf8))
        case .crashing: return bytes + Self.field(Array("spoiled \(serial) planted crash".utf8))
        case .truncatedOnDisk, .flippedOnDisk, .unsigned, .strangelySigned: break
        }
        return bytes + Self.field(Array("spoiled \(serial)".utf8))
    }

    /// Changes the first of the values of an attribute.
    private func replace(_ bytes: inout [UInt8], in name: String, with value: [UInt8]) throws {
        guard let found = bytes.firstRange(of: Array(name.utf8)) else {
            throw SystemFailure("the file has no \(name)")
        }
        // The type of the attribute, then the tag of its first value.
        let place = found.upperBound + 4
        guard bytes[place - 1] == 0x3D else {
            throw SystemFailure("\(name) is written otherwise")
        }
        bytes.replaceSubrange(place..<place + value.count, with: value)
    }

    /// A field that nobody knows, and that is skipped.
    static func field(_ content: [UInt8]) -> [UInt8] {
        var (rest, count) = (content.count, [UInt8]())
        while rest >= 128 {
            count.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return [0xFA, 0x07] + count + [UInt8(rest)] + content
    }

    private static func filler(_ count: Int) -> [UInt8] {
        field([UInt8](repeating: 0x2A, count: count))
    }
}
