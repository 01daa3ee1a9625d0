/// Ways to damage a good sample, for parsers that must survive all of them.
public enum Mutations {
    /// Calls back with every proper prefix of the sample, or each `step`-th.
    public static func truncations(
        of sample: [UInt8], step: Int = 1, _ body: ([UInt8]) -> Void
    ) {
        for count in stride(from: 0, to: sample.count, by: step) { body(Array(sample[..<count])) }
    }

    /// Calls back with the sample with one byte changed, for every place and `changes` new values
    /// of it.
    public static func singleByteChanges(
        of sample: [UInt8], changes: [UInt8], step: Int = 1, _ body: ([UInt8]) -> Void
    ) {
        var copy = sample
        for index in stride(from: 0, to: sample.count, by: step) {
            for change in changes where change != sample[index] {
                copy[index] = change
                body(copy)
            }
            copy[index] = sample[index]
        }
    }

    /// Calls back with `count` samples that are damaged at random: bytes changed, cut out, put in,
    /// doubled, and pieces of other samples.
    public static func random(
        of samples: [[UInt8]], count: Int, seed: UInt64, _ body: ([UInt8]) -> Void
    ) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<count {
            guard var bytes = samples.randomElement(using: &generator) else { return }
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                damage(&bytes, samples, &generator)
            }
            body(bytes)
        }
    }

    private static func damage(
        _ bytes: inout [UInt8], _ samples: [[UInt8]], _ generator: inout SplitMix64
    ) {
        guard !bytes.isEmpty else { return bytes.append(0) }
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        let end = min(bytes.count, place + Int.random(in: 1...40, using: &generator))
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 4: bytes.insert(interesting.randomElement(using: &generator) ?? 0, at: place)
        default:
            guard let other = samples.randomElement(using: &generator), !other.isEmpty else {
                return
            }
            let start = Int.random(in: 0..<other.count, using: &generator)
            bytes.insert(
                contentsOf: other[start..<min(other.count, start + 60)], at: place)
        }
    }

    /// Bytes that parsers stumble over.
    public static let interesting: [UInt8] = [
        0, 0x0A, 0x0B, 0x0D, 0x1C, 0x22, 0x26, 0x2C, 0x2D, 0x2E, 0x30, 0x39, 0x5C, 0x5E, 0x7C,
        0x7E, 0x7F, 0x80, 0xC0, 0xEF, 0xFF,
    ]
}
