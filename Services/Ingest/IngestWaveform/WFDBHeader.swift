import TwinCore
import TwinWaveform

/// What a WFDB header says: of one record's signals, or of the segments that make a record.
struct WFDBHeader: Hashable {
    struct SignalLine: Hashable {
        var file: String
        var format: Int
        var samplesPerFrame: Int
        var skew: Int
        var byteOffset: Int
        var stepsPerUnit: Double
        var zeroStep: Double
        var unit: String
        /// Nil where the header gives none.
        var checksum: Int?
        var label: String
    }

    struct SegmentLine: Hashable {
        /// `~` is a gap.
        var name: String
        var frameCount: Int
    }

    var name: String
    var framesPerSecond: Double
    /// Nil where the header leaves it to the signal file.
    var frameCount: Int?
    var startedAt: Instant?
    var timeFlags: QualityFlags
    var signals: [SignalLine]
    var segments: [SegmentLine]

    init(_ bytes: [UInt8], limits: WaveformLimits) throws(Refusal) {
        guard bytes.count <= limits.headerBytesMax else {
            throw Refusal(.tooLarge, "a WFDB header of \(bytes.count) bytes")
        }
        // CR LF is one character: lines are parted as bytes.
        let lines = bytes.split { $0 == 10 || $0 == 13 }.map { TextScan.trimmed(TextScan.text($0)) }
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }
        guard let first = lines.first else {
            throw Refusal(.malformed, "a WFDB header without a record line")
        }
        var fields = first.split(whereSeparator: \.isWhitespace)[...]
        let (name, segmentCount) = try WFDBHeader.nameAndSegments(fields.popFirst() ?? "")
        self.name = name
        guard var countText = fields.popFirst(), let count = TextScan.leadingInteger(&countText),
            countText.isEmpty, count >= 0
        else { throw Refusal(.malformed, "the number of signals of WFDB record \(name)") }
        guard count <= limits.waveformsMax, segmentCount ?? 0 <= limits.segmentsMax else {
            throw Refusal(.tooLarge, "\(count) signals, \(segmentCount ?? 0) segments")
        }
        framesPerSecond = try WFDBHeader.rate(fields.popFirst(), limits: limits)
        frameCount = try WFDBHeader.frameCount(fields.popFirst(), limits: limits)
        (startedAt, timeFlags) = try WFDBHeader.start(Array(fields))
        let body = lines.dropFirst()
        guard body.count >= segmentCount ?? count else {
            throw Refusal(.malformed, "the header of WFDB record \(name) is cut short")
        }
        signals = []
        segments = []
        if let segmentCount {
            for line in body.prefix(segmentCount) {
                segments.append(try WFDBHeader.segment(line, limits: limits))
            }
        } else {
            for line in body.prefix(count) {
                signals.append(try WFDBHeader.signal(line, limits: limits))
            }
        }
    }

    private static func nameAndSegments(
        _ field: Substring
    ) throws(Refusal) -> (name: String, segmentCount: Int?) {
        let parts = field.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.first, isName(name), parts.count <= 2 else {
            throw Refusal(.malformed, "the name of a WFDB record")
        }
        guard parts.count == 2 else { return (String(name), nil) }
        var text = parts[1]
        guard let count = TextScan.leadingInteger(&text), text.isEmpty, count > 0 else {
            throw Refusal(.malformed, "the number of segments of WFDB record \(name)")
        }
        return (String(name), count)
    }

    /// A name that can't lead out of the record's own folder.
    static func isName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.utf8.count <= 255 && !name.hasPrefix(".")
            && name.utf8.allSatisfy { $0 > 32 && $0 != 47 && $0 != 92 && $0 != 127 }
    }

    private static func rate(
        _ field: Substring?, limits: WaveformLimits
    ) throws(Refusal) -> Double {
        // The format's own default, for headers that end before it.
        guard var text = field else { return 250 }
        guard let rate = TextScan.leadingNumber(&text), rate > 0, rate <= limits.rateMax,
            text.isEmpty || text.hasPrefix("/")
        else { throw Refusal(.malformed, "the sampling rate of a WFDB header") }
        return rate
    }

    private static func frameCount(
        _ field: Substring?, limits: WaveformLimits
    ) throws(Refusal) -> Int? {
        guard var text = field else { return nil }
        guard let count = TextScan.leadingInteger(&text), text.isEmpty, count >= 0 else {
            throw Refusal(.malformed, "the number of samples of a WFDB header")
        }
        guard count <= limits.samplesMax else {
            throw Refusal(.tooLarge, "\(count) samples a signal")
        }
        return count == 0 ? nil : count
    }

    /// `HH:MM:SS.fff DD/MM/YYYY`, both or the time alone, which dates nothing.
    private static func start(
        _ fields: [Substring]
    ) throws(Refusal) -> (Instant?, QualityFlags) {
        guard fields.count >= 2 else { return (nil, .timeMissing) }
        var clock = fields[0].split(separator: ":", omittingEmptySubsequences: false)
        let date = fields[1].split(separator: "/").map { Int($0) }
        guard clock.count <= 3, let seconds = Double(clock.removeLast()), seconds >= 0,
            seconds < 60, date.count == 3, let day = date[0], let month = date[1],
            let year = date[2]
        else { throw Refusal(.malformed, "the start of a WFDB record") }
        let minute = Int(clock.popLast() ?? "0")
        let hour = Int(clock.popLast() ?? "0")
        guard let minute, let hour,
            let civil = CivilTime(
                year: year, month: month, day: day, hour: hour, minute: minute,
                second: Int(seconds),
                microsecond: min(999_999, Int((seconds - seconds.rounded(.down)) * 1e6 + 0.5)))
        else { throw Refusal(.malformed, "the start of a WFDB record") }
        return (civil.instant(), .zoneUnknown)
    }

    private static func segment(
        _ line: String, limits: WaveformLimits
    ) throws(Refusal) -> SegmentLine {
        let fields = line.split(whereSeparator: \.isWhitespace)
        guard fields.count >= 2, fields[0] == "~" || isName(fields[0]), let count = Int(fields[1]),
            count >= 0
        else { throw Refusal(.malformed, "a segment line of a WFDB header: \(line.prefix(80))") }
        guard count <= limits.samplesMax else {
            throw Refusal(.tooLarge, "a segment of \(count) samples")
        }
        return SegmentLine(name: String(fields[0]), frameCount: count)
    }

    private static func signal(
        _ line: String, limits: WaveformLimits
    ) throws(Refusal) -> SignalLine {
        let fields = line.split(maxSplits: 8, whereSeparator: \.isWhitespace)
        func refusal(_ what: String) -> Refusal {
            Refusal(.malformed, "\(what) of a WFDB signal: \(line.prefix(80))")
        }
        guard fields.count >= 2, fields[0] == "~" || isName(fields[0]) else {
            throw refusal("the file")
        }
        var format = fields[1]
        guard let code = TextScan.leadingInteger(&format) else { throw refusal("the format") }
        var signal = SignalLine(
            file: String(fields[0]), format: code, samplesPerFrame: 1, skew: 0, byteOffset: 0,
            stepsPerUnit: 200, zeroStep: 0, unit: "mV", checksum: nil,
            label: fields.count > 8 ? String(fields[8].prefix(256)) : "")
        while let mark = format.popFirst() {
            guard let number = TextScan.leadingInteger(&format), number >= 0,
                number <= limits.samplesMax
            else { throw refusal("the format") }
            switch mark {
            case "x" where number > 0: signal.samplesPerFrame = number
            case ":": signal.skew = number
            case "+": signal.byteOffset = number
            default: throw refusal("the format")
            }
        }
        let numbers = fields.dropFirst(3).prefix(5).map { Int($0) }
        guard numbers.allSatisfy({ $0 != nil }) else { throw refusal("a number") }
        let adcZero = numbers.count > 1 ? numbers[1] ?? 0 : 0
        signal.checksum = numbers.count > 3 ? numbers[3] : nil
        signal.zeroStep = Double(adcZero)
        if fields.count > 2 { try readGain(fields[2], into: &signal, refusal) }
        return signal
    }

    /// `200(1024)/mV`: the zero is the converter's where no other is given.
    private static func readGain(
        _ field: Substring, into signal: inout SignalLine, _ refusal: (String) -> Refusal
    ) throws(Refusal) {
        var text = field
        guard let gain = TextScan.leadingNumber(&text) else { throw refusal("the gain") }
        if gain != 0 { signal.stepsPerUnit = gain }
        if TextScan.skip("(", in: &text) {
            guard let zero = TextScan.leadingNumber(&text), TextScan.skip(")", in: &text) else {
                throw refusal("the baseline")
            }
            signal.zeroStep = zero
        }
        if TextScan.skip("/", in: &text) {
            guard !text.isEmpty, text.utf8.count <= 64 else { throw refusal("the unit") }
            signal.unit = String(text)
            text = ""
        }
        guard text.isEmpty else { throw refusal("the gain") }
    }
}
