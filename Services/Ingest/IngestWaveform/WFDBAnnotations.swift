public import TwinCore

/// One annotation of a WFDB annotation file.
public struct WFDBAnnotation: Hashable, Sendable {
    public var sample: Int
    /// 1 to 49.
    public var code: UInt8
    public var subtype: Int8
    public var channel: UInt8
    public var number: Int8
    public var text: String

    public init(
        sample: Int, code: UInt8, subtype: Int8 = 0, channel: UInt8 = 0, number: Int8 = 0,
        text: String = ""
    ) {
        self.sample = sample
        self.code = code
        self.subtype = subtype
        self.channel = channel
        self.number = number
        self.text = text
    }

    /// Whether it marks a beat.
    public var isBeat: Bool {
        (1...13).contains(code) || [25, 30, 34, 35, 38, 41].contains(code)
    }

    /// Whether it marks a beat that annotators call normal.
    public var isNormalBeat: Bool { code == 1 }

    /// Whether it begins a stretch of ventricular flutter or fibrillation.
    public var beginsFlutter: Bool { code == 32 }
    public var endsFlutter: Bool { code == 33 }

    /// The letter that annotators use.
    public var letter: Character {
        let letters = Array(" NLRaVFJASEj/Q~ | sT*D\"=pB^t+u?![]en@xf()r")
        return Int(code) < letters.count ? letters[Int(code)] : "?"
    }

    /// Reads an annotation file in the MIT format.
    ///
    /// A file without its end mark is cut short, and refused.
    public static func read(
        _ bytes: [UInt8], limits: WaveformLimits = WaveformLimits()
    ) throws(Refusal) -> [WFDBAnnotation] {
        var reader = WFDBAnnotationReader(bytes: bytes, limits: limits)
        while try reader.next() {}
        return reader.annotations
    }
}

/// The walk through an annotation file.
private struct WFDBAnnotationReader {
    let bytes: [UInt8]
    let limits: WaveformLimits
    var annotations: [WFDBAnnotation] = []
    private var place = 0
    private var sample = 0
    private var channel: UInt8 = 0
    private var number: Int8 = 0

    init(bytes: [UInt8], limits: WaveformLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    private mutating func word() throws(Refusal) -> Int {
        guard place + 2 <= bytes.count else {
            throw Refusal(.malformed, "the annotation file is cut short at byte \(place)")
        }
        defer { place += 2 }
        return Int(bytes[place]) | Int(bytes[place + 1]) << 8
    }

    /// Takes one entry; false at the end mark.
    mutating func next() throws(Refusal) -> Bool {
        let word = try word()
        let value = word & 0x3FF
        switch word >> 10 {
        case 0 where value == 0: return false
        case 59: try skip()
        case 60: number = Int8(truncatingIfNeeded: value)
        case 61: try change { $0.subtype = Int8(truncatingIfNeeded: value) }
        case 62: channel = UInt8(truncatingIfNeeded: value)
        case 63: try takeText(count: value)
        case let code where code <= 49:
            guard annotations.count < limits.notesMax else {
                throw Refusal(.tooLarge, "more than \(limits.notesMax) annotations")
            }
            sample += value
            guard sample >= 0 else {
                throw Refusal(.malformed, "an annotation before the record begins")
            }
            if code > 0 {
                annotations.append(
                    WFDBAnnotation(
                        sample: sample, code: UInt8(code), channel: channel, number: number))
            }
        case let code: throw Refusal(.malformed, "annotation code \(code) at byte \(place - 2)")
        }
        if word >> 10 == 60 || word >> 10 == 62 {
            let (number, channel) = (number, channel)
            try change {
                $0.number = number
                $0.channel = channel
            }
        }
        return true
    }

    /// The upper half comes first, as it did on a PDP-11.
    private mutating func skip() throws(Refusal) {
        let upper = try word()
        let lower = try word()
        sample += Int(Int32(bitPattern: UInt32(upper << 16 | lower)))
    }

    private mutating func takeText(count: Int) throws(Refusal) {
        guard place + count + count % 2 <= bytes.count else {
            throw Refusal(.malformed, "the annotation file is cut short at byte \(place)")
        }
        let text = bytes[place..<place + count].prefix { $0 != 0 }
        place += count + count % 2
        try change { $0.text = TextScan.text(text) }
    }

    private mutating func change(
        _ body: (inout WFDBAnnotation) -> Void
    ) throws(Refusal) {
        guard !annotations.isEmpty else {
            throw Refusal(.malformed, "an annotation's detail before any annotation")
        }
        body(&annotations[annotations.count - 1])
    }
}
