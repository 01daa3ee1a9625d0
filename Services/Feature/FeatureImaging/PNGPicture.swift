import TwinDeflate

/// A picture of bytes in a row, red, green and blue, as a PNG file.
enum PNGPicture {
    static func file(width: Int, height: Int, colours: [UInt8]) -> [UInt8] {
        precondition(width > 0 && height > 0 && colours.count == 3 * width * height)
        var lines: [UInt8] = []
        lines.reserveCapacity(colours.count + height)
        for row in 0..<height {
            // Each pixel as the difference from the one above: pictures are smooth.
            lines.append(row == 0 ? 0 : 2)
            let start = 3 * width * row
            for place in start..<start + 3 * width {
                lines.append(
                    row == 0 ? colours[place] : colours[place] &- colours[place - 3 * width])
            }
        }
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", word(width) + word(height) + [8, 2, 0, 0, 0])
            + chunk("IDAT", Deflater.deflate(lines, container: .zlib))
            + chunk("IEND", [])
    }

    private static func word(_ number: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }

    private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let named = Array(name.utf8) + content
        return word(content.count) + named + word(Int(Deflater.checksum(named)))
    }
}
