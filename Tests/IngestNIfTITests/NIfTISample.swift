/// A NIfTI file as a writer would make it.
struct NIfTISample {
    var isSecond = false
    var isBigEndian = false
    var code = 4
    var bits = 16
    var sides = [3, 2, 2]
    var slope = 0.0
    var intercept = 0.0
    var rows: [Double]? = [-2, 0, 0, 10, 0, -3, 0, 20, 0, 0, 4, 30]
    var turn: [Double]?
    var steps = [1.0, 2, 3, 4]
    var magic: [UInt8]?
    var body: [UInt8] = []

    var headerSize: Int { isSecond ? 540 : 348 }

    func bytes() -> [UInt8] {
        var out = [UInt8](repeating: 0, count: headerSize + 4)
        func put(_ place: Int, _ word: UInt64, _ count: Int) {
            for index in 0..<count {
                let shift = 8 * UInt64(isBigEndian ? count - 1 - index : index)
                out[place + index] = UInt8(truncatingIfNeeded: word >> shift)
            }
        }
        func real(_ place: Int, _ value: Double) {
            isSecond
                ? put(place, value.bitPattern, 8)
                : put(place, UInt64(Float(value).bitPattern), 4)
        }
        let wide = isSecond ? 8 : 4
        put(0, UInt64(headerSize), 4)
        let shape = [sides.count] + sides
        for (index, side) in shape.enumerated() {
            let word = UInt64(bitPattern: Int64(side))
            isSecond ? put(16 + 8 * index, word, 8) : put(40 + 2 * index, word, 2)
        }
        put(isSecond ? 12 : 70, UInt64(code), 2)
        put(isSecond ? 14 : 72, UInt64(bits), 2)
        for (index, step) in steps.enumerated() { real((isSecond ? 104 : 76) + wide * index, step) }
        if isSecond { put(168, UInt64(headerSize + 4), 8) } else { real(108, 352) }
        real(isSecond ? 176 : 112, slope)
        real(isSecond ? 184 : 116, intercept)
        if isSecond { put(500, 2, 4) } else { out[123] = 2 }
        let codes = isSecond ? (344, 348, 4) : (252, 254, 2)
        if let turn {
            put(codes.0, 1, codes.2)
            for (index, part) in turn.enumerated() {
                real((isSecond ? 352 : 256) + wide * index, part)
            }
        }
        if let rows {
            put(codes.1, 1, codes.2)
            for (index, part) in rows.enumerated() {
                real((isSecond ? 400 : 280) + wide * index, part)
            }
        }
        let word = magic ?? Array((isSecond ? "n+2\0\r\n\u{1A}\n" : "n+1\0").utf8)
        out.replaceSubrange((isSecond ? 4 : 344)..<(isSecond ? 4 : 344) + word.count, with: word)
        return out + body
    }

    /// Fills the body with words of the file's order.
    func with(_ words: [UInt64]) -> NIfTISample {
        var copy = self
        for word in words {
            for index in 0..<bits / 8 {
                let shift = 8 * UInt64(isBigEndian ? bits / 8 - 1 - index : index)
                copy.body.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return copy
    }
}
