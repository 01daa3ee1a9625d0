import IngestCore
import TwinCore
import TwinWaveform

/// SampledData: values at even distances, of one signal or of several at once.
struct FHIRSampledData {
    static let pointCountMax = 10_000
    static let dimensionCountMax = 64
    /// What comes more often than this is a signal.
    static let seriesPeriodMsMin = 1000.0

    struct Point: Sendable {
        let value: RawValue
        let flags: QualityFlags
    }

    let origin: FHIRQuantity
    let periodMs: Double
    private let element: FHIRElement
    private let dimensionCount: Int
    private let factor: Double
    private let limits: (lower: Double?, upper: Double?)
    private let data: [UInt8]

    init(_ element: FHIRElement) throws(FHIRProblem) {
        self.element = element
        guard let own = try element.object("origin"), let period = element.child("period"),
            let dimensions = element.child("dimensions")
        else { throw element.problem(.required, "origin, period and dimensions are needed") }
        origin = try FHIRQuantity(own)
        periodMs = try period.number()
        guard periodMs > 0 else { throw period.problem(.value, "a period above zero") }
        let count = try dimensions.number()
        guard count >= 1, count == count.rounded() else {
            throw dimensions.problem(.value, "a whole number above zero")
        }
        guard count <= Double(FHIRSampledData.dimensionCountMax) else {
            throw dimensions.problem(.tooCostly, "too many dimensions", status: 400)
        }
        dimensionCount = Int(count)
        factor = try element.child("factor")?.number() ?? 1
        guard factor != 0 else {
            throw element.problem(.value, "a factor of zero leaves nothing of the data")
        }
        limits = (
            try element.child("lowerLimit")?.number(), try element.child("upperLimit")?.number()
        )
        data = Array((try element.string("data") ?? "").utf8)
    }

    /// Whether its values are values of their own: too slow for a signal.
    var isSeries: Bool { dimensionCount == 1 && periodMs >= FHIRSampledData.seriesPeriodMsMin }

    /// A whole number where the period is one's reciprocal, but for its last digits.
    var samplesPerSecond: Double {
        let (exact, whole) = (1000 / periodMs, (1000 / periodMs).rounded())
        return abs(exact - whole) <= 1e-9 * whole ? whole : exact
    }

    func points() throws(FHIRProblem) -> [Point] {
        var points: [Point] = []
        for word in words {
            guard points.count < FHIRSampledData.pointCountMax else {
                throw element.problem(.tooLong, "too many values", status: 413)
            }
            func bound(_ limit: Double?, _ comparator: Comparator) -> Point {
                Point(value: limit.map { .number($0, comparator) } ?? .empty, flags: [])
            }
            switch word {
            case [0x45]: points.append(Point(value: .empty, flags: .deviceInvalid))
            case [0x55]: points.append(bound(limits.upper, .greater))
            case [0x4C]: points.append(bound(limits.lower, .less))
            default:
                guard let number = Decimal.number(Array(word).span) else { throw noNumber }
                let value = (origin.number ?? 0) + number * factor
                points.append(Point(value: .number(value, .equal), flags: []))
            }
        }
        return points
    }

    private var words: [ArraySlice<UInt8>] {
        data.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    }

    private var noNumber: FHIRProblem { element.problem(.value, "data of numbers, E, U and L") }

    /// A signal for each dimension, and why parts of it are missing: an error of the device
    /// (`incomplete`), or beyond what it can tell (`clipped`).
    func signals(
        label: String
    ) throws(FHIRProblem) -> (signals: [Waveform], gaps: [QualityFlags]) {
        let words = words
        guard words.count % dimensionCount == 0 else {
            throw element.problem(.value, "data of whole rows of all dimensions")
        }
        guard words.count <= RawSamples.countMax * dimensionCount else {
            throw element.problem(.tooLong, "too many samples", status: 413)
        }
        var samples = Array(repeating: RawSamples(), count: dimensionCount)
        var gaps = Array(repeating: QualityFlags(), count: dimensionCount)
        for (index, word) in words.enumerated() {
            let channel = index % dimensionCount
            switch word {
            case [0x45]:
                samples[channel].addMissing()
                gaps[channel].insert(.incomplete)
            case [0x55], [0x4C]:
                samples[channel].addMissing()
                gaps[channel].insert(.clipped)
            default:
                guard samples[channel].add(Array(word).span) else { throw noNumber }
            }
        }
        var signals: [Waveform] = []
        for one in samples {
            guard
                let signal = one.waveform(
                    label: String(label.prefix(64)), unit: origin.signalUnit,
                    samplesPerSecond: samplesPerSecond, factor: factor,
                    offset: origin.number ?? 0)
            else { throw element.problem(.value, "samples, or a scale of theirs, out of bounds") }
            signals.append(signal)
        }
        return (signals, gaps)
    }
}
