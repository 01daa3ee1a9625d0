import IngestDICOM
import TwinDeflate

/// Writes data sets as devices do.
struct DICOMSample {
    var isExplicit = true
    var isBigEndian = false
    var bytes: [UInt8] = []

    func word(_ number: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { index in
            UInt8(truncatingIfNeeded: number >> (8 * (isBigEndian ? count - 1 - index : index)))
        }
    }

    mutating func add(_ tag: UInt32, _ kind: String, _ value: [UInt8], length: Int? = nil) {
        bytes += word(Int(tag >> 16), 2) + word(Int(tag & 0xFFFF), 2)
        let length = length ?? value.count
        let isLong = ["OB", "OW", "SQ", "UN", "UT", "OF", "ZZ"].contains(kind)
        if isExplicit {
            bytes += Array(kind.utf8)
            bytes += isLong ? [0, 0] + word(length, 4) : word(length, 2)
        } else {
            bytes += word(length, 4)
        }
        bytes += value
    }

    mutating func add(_ tag: UInt32, _ kind: String, _ text: String) {
        let utf8 = Array(text.utf8)
        add(tag, kind, utf8.count % 2 == 0 ? utf8 : utf8 + [0x20])
    }

    mutating func add(_ tag: UInt32, _ number: Int) { add(tag, "US", word(number, 2)) }

    /// A sequence of unknown length, its items too.
    mutating func addSequence(_ tag: UInt32, _ items: [(inout DICOMSample) -> Void]) {
        add(tag, "SQ", [], length: 0xFFFF_FFFF)
        for item in items {
            bytes += word(0xFFFE, 2) + word(0xE000, 2) + word(0xFFFF_FFFF, 4)
            item(&self)
            bytes += word(0xFFFE, 2) + word(0xE00D, 2) + word(0, 4)
        }
        bytes += word(0xFFFE, 2) + word(0xE0DD, 2) + word(0, 4)
    }

    var syntax: DICOMSyntax {
        isBigEndian ? .explicitBig : isExplicit ? .explicitLittle : .implicitLittle
    }

    /// The file of part 10.
    func file(_ syntax: DICOMSyntax? = nil) -> [UInt8] {
        let syntax = syntax ?? self.syntax
        var meta = DICOMSample()
        let padded = syntax.identifier.utf8.count % 2 == 0 ? "" : "\0"
        meta.add(0x0002_0010, "UI", syntax.identifier + padded)
        var length = DICOMSample()
        length.add(0x0002_0000, "UL", meta.word(meta.bytes.count, 4))
        let body = syntax.isDeflated ? Deflater.deflate(bytes, container: .raw) : bytes
        return [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + length.bytes + meta.bytes
            + body
    }

    /// An axial slice of three columns and two rows at a height.
    static func slice(
        _ number: Int, height: Double, isBigEndian: Bool = false, isExplicit: Bool = true,
        shift: Double = 0, modality: String = "CT",
        more: (inout DICOMSample) -> Void = { _ in }
    ) -> DICOMSample {
        var sample = DICOMSample(isExplicit: isExplicit, isBigEndian: isBigEndian)
        sample.add(0x0008_0018, "UI", "1.2.\(number)")
        sample.add(0x0008_0060, "CS", modality)
        more(&sample)
        sample.add(0x0018_0050, "DS", "2.5")
        sample.add(0x0020_000E, "UI", "1.9")
        sample.add(0x0020_0032, "DS", "-10\\\(shift)\\\(height)")
        sample.add(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0")
        sample.add(0x0028_0002, 1)
        sample.add(0x0028_0010, 2)
        sample.add(0x0028_0011, 3)
        sample.add(0x0028_0030, "DS", "0.5\\0.75")
        sample.add(0x0028_0100, 16)
        sample.add(0x0028_0101, 12)
        sample.add(0x0028_0102, 11)
        sample.add(0x0028_0103, 0)
        sample.add(0x0028_1052, "DS", "-1000")
        sample.add(0x0028_1053, "DS", "1")
        let pixels = (0..<6).flatMap { sample.word(1000 + 10 * number + $0, 2) }
        sample.add(0x7FE0_0010, "OW", pixels)
        return sample
    }
}
