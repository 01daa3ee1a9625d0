import TwinCore
import TwinWaveform

/// What an EDF, EDF+, BDF or BDF+ header says.
struct EDFHeader: Hashable {
    struct Signal: Hashable {
        var label: String
        var unit: String
        var scale: WaveformScale
        var samplesPerRecord: Int
        var isNotes: Bool
    }

    var bytesPerSample: Int
    /// EDF+D: each record says when it begins.
    var isDiscontinuous: Bool
    var startedAt: Instant?
    var flags: QualityFlags
    var recording: String
    var size: Int
    /// Nil where the writer had not yet known it.
    var recordCount: Int?
    var recordSeconds: Double
    var signals: [Signal]

    var bytesPerRecord: Int {
        signals.reduce(0) { $0 + $1.samplesPerRecord } * bytesPerSample
    }

    init(_ bytes: [UInt8], limits: WaveformLimits) throws(Refusal) {
        guard bytes.count >= 256 else { throw Refusal(.malformed, "an EDF header is cut short") }
        switch bytes[..<8] {
        case [48, 32, 32, 32, 32, 32, 32, 32]: bytesPerSample = 2
        case [255, 66, 73, 79, 83, 69, 77, 73]: bytesPerSample = 3
        default: throw Refusal(.malformed, "neither EDF nor BDF")
        }
        func text(_ start: Int, _ count: Int) -> String {
            TextScan.trimmed(TextScan.text(bytes[start..<start + count]))
        }
        let kind = text(192, 44)
        isDiscontinuous = kind.hasPrefix("EDF+D") || kind.hasPrefix("BDF+D")
        recording = text(88, 80)
        (startedAt, flags) = EDFHeader.start(date: text(168, 8), time: text(176, 8))
        guard let size = EDFHeader.integer(text(184, 8)),
            let records = EDFHeader.integer(text(236, 8)), records >= -1,
            let seconds = EDFHeader.number(text(244, 8)), seconds >= 0,
            let count = EDFHeader.integer(text(252, 4)), count > 0
        else { throw Refusal(.malformed, "a number of the EDF header") }
        guard count <= limits.waveformsMax else {
            throw Refusal(.tooLarge, "\(count) EDF signals")
        }
        guard size == 256 * (count + 1), bytes.count >= size else {
            throw Refusal(.malformed, "the EDF header's size is \(size) for \(count) signals")
        }
        self.size = size
        recordCount = records < 0 ? nil : records
        recordSeconds = seconds
        signals = []
        for index in 0..<count {
            // Field after field, each for all signals.
            func field(_ offset: Int, _ width: Int) -> String {
                text(256 + offset * count + index * width, width)
            }
            signals.append(try EDFHeader.signal(field))
        }
        try check(limits)
    }

    private static func signal(_ field: (Int, Int) -> String) throws(Refusal) -> Signal {
        let label = field(0, 16)
        let isNotes = label == "EDF Annotations" || label == "BDF Annotations"
        guard let low = number(field(104, 8)), let high = number(field(112, 8)),
            let lowStep = integer(field(120, 8)), let highStep = integer(field(128, 8)),
            let samples = integer(field(216, 8)), samples > 0
        else { throw Refusal(.malformed, "a number of EDF signal \(label)") }
        let steps = Double(highStep - lowStep) / (high - low)
        guard isNotes || (highStep > lowStep && high != low),
            let scale = isNotes
                ? .unscaled
                : WaveformScale(stepsPerUnit: steps, zeroStep: Double(lowStep) - low * steps)
        else { throw Refusal(.malformed, "the range of EDF signal \(label)") }
        return Signal(
            label: label, unit: field(96, 8), scale: scale, samplesPerRecord: samples,
            isNotes: isNotes)
    }

    private func check(_ limits: WaveformLimits) throws(Refusal) {
        var perRecord = 0
        for signal in signals {
            guard signal.samplesPerRecord <= limits.samplesMax - perRecord else {
                throw Refusal(.tooLarge, "an EDF record of more than \(limits.samplesMax) samples")
            }
            perRecord += signal.samplesPerRecord
            guard !signal.isNotes else { continue }
            guard recordSeconds > 0,
                Double(signal.samplesPerRecord) / recordSeconds <= limits.rateMax
            else {
                throw Refusal(
                    .malformed, "EDF records of \(recordSeconds) s give \(signal.label) no rate")
            }
        }
        guard !isDiscontinuous || signals.contains(where: \.isNotes) else {
            throw Refusal(.malformed, "a discontinuous EDF without annotations")
        }
    }

    /// Years 85 to 99 are of the last century, as the format says.
    private static func start(date: String, time: String) -> (Instant?, QualityFlags) {
        let date = date.split(separator: ".").map { Int($0) }
        let time = time.split(separator: ".").map { Int($0) }
        guard date.count == 3, time.count == 3, let day = date[0], let month = date[1],
            let year = date[2], (0...99).contains(year), let hour = time[0],
            let minute = time[1], let second = time[2],
            let civil = CivilTime(
                year: year < 85 ? 2000 + year : 1900 + year, month: month, day: day, hour: hour,
                minute: minute, second: second)
        else { return (nil, .timeMissing) }
        return (civil.instant(), .zoneUnknown)
    }

    static func integer(_ text: String) -> Int? {
        var rest = Substring(text)
        guard let value = TextScan.leadingInteger(&rest), rest.isEmpty,
            abs(value) <= 100_000_000
        else { return nil }
        return value
    }

    static func number(_ text: String) -> Double? {
        var rest = Substring(text)
        guard let value = TextScan.leadingNumber(&rest), rest.isEmpty else { return nil }
        return value
    }
}
