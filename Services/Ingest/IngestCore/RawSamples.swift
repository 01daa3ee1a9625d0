import TwinCore
public import TwinWaveform

/// The samples of one signal as they were written, with all their digits, on their way to whole
/// numbers.
public struct RawSamples: Sendable {
    /// What one array may hold, so that its block can travel: six minutes at 360 samples a second.
    public static let countMax = 131_072
    private static let digitCountMax = 18
    private static let missing = Int64.min

    /// All digits of each, without their point.
    private var mantissas: [Int64] = []
    /// How many of the digits come after the point.
    private var places: [UInt8] = []
    /// Whether any of them was written with a point.
    public private(set) var hasPoint = false

    public init() {}

    public var count: Int { mantissas.count }

    /// Adds one that was not measured.
    public mutating func addMissing() {
        mantissas.append(RawSamples.missing)
        places.append(0)
    }

    /// Adds the sample that the text is: an optional sign, digits, an optional point and digits;
    /// false where it is no number.
    ///
    /// Digits beyond the 18th add nothing to a signal: after the point they are let go.
    public mutating func add(_ text: Span<UInt8>) -> Bool {
        var index = 0
        var isNegative = false
        if text.count > 0, text[0] == 0x2B || text[0] == 0x2D {
            isNegative = text[0] == 0x2D
            index = 1
        }
        guard text.count - index <= Decimal.digitCountMax else { return false }
        var mantissa: Int64 = 0
        var (digitCount, fractionCount) = (0, 0)
        var isFraction = false
        while index < text.count {
            let byte = text[index]
            index += 1
            if byte == 0x2E, !isFraction {
                isFraction = true
                continue
            }
            guard byte &- 0x30 < 10 else { return false }
            if mantissa != 0 || byte != 0x30 || digitCount == 0 { digitCount += 1 }
            guard digitCount <= RawSamples.digitCountMax else {
                if isFraction { continue }
                return false
            }
            mantissa = mantissa * 10 + Int64(byte - 0x30)
            if isFraction { fractionCount += 1 }
        }
        guard digitCount > 0 else { return false }
        if isFraction { hasPoint = true }
        mantissas.append(isNegative ? -mantissa : mantissa)
        places.append(UInt8(min(fractionCount, 255)))
        return true
    }

    /// Marks every sample that is written as this whole number as not measured.
    public mutating func drop(_ whole: Int64) {
        for index in mantissas.indices where mantissas[index] == whole && places[index] == 0 {
            mantissas[index] = RawSamples.missing
        }
    }

    /// The signal whose value is `offset` and each sample times `factor`; nil where a sample, or
    /// what it is worth, is no number that a signal can have.
    ///
    /// As they were written, unless their digits take more than 31 bits: then to that.
    public func waveform(
        label: String, unit: String, samplesPerSecond: Double, factor: Double = 1,
        offset: Double = 0
    ) -> Waveform? {
        guard let place = commonPlace else { return nil }
        let stepsPerUnit = RawSamples.powersOfTen[place] / factor
        guard
            let scale = WaveformScale(stepsPerUnit: stepsPerUnit, zeroStep: -offset * stepsPerUnit)
        else { return nil }
        return Waveform(
            label: label, unit: unit, samplesPerSecond: samplesPerSecond, scale: scale,
            samples: mantissas.indices.map { sample(at: $0, place) })
    }

    /// After how many digits after the point all of them end, or must.
    private var commonPlace: Int? {
        var largest = 0.0
        var longest = 0
        for index in mantissas.indices where mantissas[index] != RawSamples.missing {
            let own = Int(places[index])
            largest = max(
                largest, Double(mantissas[index].magnitude) / RawSamples.power(of: own))
            longest = max(longest, own)
        }
        var place = min(longest, RawSamples.powersOfTen.count - 1)
        while place > 0, largest * RawSamples.powersOfTen[place] > Double(Int32.max) - 1 {
            place -= 1
        }
        return largest * RawSamples.powersOfTen[place] <= Double(Int32.max) - 1 ? place : nil
    }

    private func sample(at index: Int, _ place: Int) -> Int32 {
        let mantissa = mantissas[index]
        guard mantissa != RawSamples.missing else { return Waveform.missing }
        let own = Int(places[index])
        if own <= place {
            return Int32(Double(mantissa) * RawSamples.powersOfTen[place - own])
        }
        return Int32((Double(mantissa) / RawSamples.power(of: own - place)).rounded())
    }

    private static let powersOfTen: [Double] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

    private static func power(of place: Int) -> Double {
        var (power, rest) = (1.0, place)
        while rest > 9 {
            power *= 1e9
            rest -= 9
        }
        return power * powersOfTen[rest]
    }
}
