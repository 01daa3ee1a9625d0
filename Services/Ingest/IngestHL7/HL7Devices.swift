import IngestCore

/// The tree of a device in one message: `MDS.VMD.channel.metric`, as OBX-4 writes it.
///
/// A device, or a part of one, is named once, at its own row. What hangs below takes the name, and
/// its channel as well: two sensors of one device are two sources.
struct HL7Devices {
    /// The devices that are named, by their paths less the missing levels; the first of a path speaks.
    private var devices: [[UInt8]: RawText] = [:]
    /// Of each observation, in order; empty where it has none.
    private var paths: [HL7Place] = []

    /// Whether any observation has a place in a tree.
    private(set) var isNeeded = false

    /// Takes note of the next observation.
    mutating func add(_ place: HL7Place, device: RawText, in text: Span<UInt8>) {
        let path = HL7Devices.isPath(place, text) ? place : .empty
        paths.append(path)
        if path.isEmpty { return }
        if HL7Devices.hasLevels(path, text) { isNeeded = true }
        guard !device.isEmpty else { return }
        let start = path.range.lowerBound
        let key = HL7Devices.bytes(start..<start + HL7Devices.length(path, text), text)
        if devices[key] == nil { devices[key] = device }
    }

    /// Gives every observation of the tree the device that it hangs on, and its channel.
    func name(
        _ observations: inout [RawObservation], in text: inout [UInt8], sender: [UInt8]
    ) {
        var last: (channel: Range<Int>, device: RawText, source: RawText)?
        for (index, path) in paths.enumerated() where !path.isEmpty {
            var device = observations[index].source
            if device.isEmpty { device = self.device(above: path, text.span) }
            // A name that is too long is refused with its row: it is not written again for each.
            guard device.range.count <= Cleaner.codeByteCountMax,
                let channel = HL7Devices.channel(path, text.span)
            else {
                observations[index].source = device
                continue
            }
            // Neighbours mostly have everything but the metric in common.
            if let last, last.device == device, text[last.channel] == text[channel] {
                observations[index].source = last.source
                continue
            }
            let start = text.count
            let (name, place) = (Array(text[device.range]), Array(text[channel]))
            text += device.isEmpty ? sender : name
            text.append(0x23)
            text += place
            let source = RawText(start..<text.count)
            observations[index].source = source
            last = (channel, device, source)
        }
    }

    /// The device of the nearest row above; empty where none is named.
    private func device(above path: HL7Place, _ text: Span<UInt8>) -> RawText {
        guard !devices.isEmpty else { return .empty }
        var level = HL7Devices.bytes(path.range, text)
        while true {
            if let device = devices[level] { return device }
            guard let stop = level.lastIndex(of: 0x2E) else { return .empty }
            level.removeSubrange(stop...)
        }
    }

    private static func bytes(_ range: Range<Int>, _ text: Span<UInt8>) -> [UInt8] {
        range.map { text[$0] }
    }

    /// How much of a path is above its first missing level: `1.3.0.0` is all of `1.3`.
    private static func length(_ path: HL7Place, _ text: Span<UInt8>) -> Int {
        var length = path.range.count
        while length > 2, text[Int(path.start) + length - 1] == 0x30,
            text[Int(path.start) + length - 2] == 0x2E
        { length -= 2 }
        return length
    }

    /// The first three levels of a metric's path.
    private static func channel(_ path: HL7Place, _ text: Span<UInt8>) -> Range<Int>? {
        var levelCount = 0
        for index in path.range where text[index] == 0x2E {
            levelCount += 1
            if levelCount == 3, text[index + 1] != 0x30 {
                return path.range.lowerBound..<index
            }
        }
        return nil
    }

    private static func hasLevels(_ path: HL7Place, _ text: Span<UInt8>) -> Bool {
        for index in path.range where text[index] == 0x2E { return true }
        return false
    }

    /// Whether it is numbers, parted by full stops; one number is a path only for its own row.
    private static func isPath(_ place: HL7Place, _ text: Span<UInt8>) -> Bool {
        guard !place.isEmpty, place.range.count <= 64 else { return false }
        var isDigitNeeded = true
        for index in place.range {
            switch text[index] {
            case 0x30...0x39: isDigitNeeded = false
            case 0x2E where !isDigitNeeded: isDigitNeeded = true
            default: return false
            }
        }
        return !isDigitNeeded
    }
}
