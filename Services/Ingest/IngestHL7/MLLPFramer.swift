/// Finds frames in a stream of bytes: start block `0B`, end block `1C 0D`.
///
/// Frames on bytes, before anything is decoded. Holds one frame at most, within its limit.
public struct MLLPFramer: Sendable {
    /// Why the stream can't be read on.
    public enum Fault: Hashable, Sendable {
        /// A frame is larger than the limit.
        case oversized
        /// Too many bytes outside of frames: this is not MLLP.
        case noStartBlock
        /// The stream ended within a frame.
        case truncated
        /// The frame starts again and again.
        case restarts
    }

    public enum Event: Hashable, Sendable {
        case frame([UInt8])
        /// Nothing comes after it; with what there was of the frame.
        case fault(Fault, head: [UInt8])
    }

    private enum State { case outside, inside, afterEndBlock, broken }

    public static let startBlock: UInt8 = 0x0B
    public static let endBlock: UInt8 = 0x1C
    public static let carriageReturn: UInt8 = 0x0D

    public let frameByteCountMax: Int
    public let noiseByteCountMax: Int
    public let restartCountMax: Int
    /// Bytes outside of frames since the last frame.
    public private(set) var noiseByteCount = 0
    /// Frames given up because a new start block came, since the last whole frame.
    public private(set) var restartCount = 0
    private var state = State.outside
    private var frame: [UInt8] = []

    public init(
        frameByteCountMax: Int = 1 << 20, noiseByteCountMax: Int = 1 << 16,
        restartCountMax: Int = 1 << 10
    ) {
        self.frameByteCountMax = frameByteCountMax
        self.noiseByteCountMax = noiseByteCountMax
        self.restartCountMax = restartCountMax
    }

    /// Whether a frame has begun that has not ended.
    public var isInsideFrame: Bool { state == .inside || state == .afterEndBlock }

    /// Takes in bytes, and says which frames they end.
    public mutating func receive(_ bytes: [UInt8]) -> [Event] {
        var events: [Event] = []
        var index = 0
        while index < bytes.count {
            switch state {
            case .broken: return events
            case .outside: skipNoise(bytes, &index, &events)
            case .inside: takeBody(bytes, &index, &events)
            case .afterEndBlock: takeAfterEndBlock(bytes[index], &index, &events)
            }
        }
        return events
    }

    /// The stream has ended: a fault if that was within a frame.
    public mutating func end() -> Event? {
        defer { state = .broken }
        return isInsideFrame ? .fault(.truncated, head: frame) : nil
    }

    private mutating func skipNoise(
        _ bytes: [UInt8], _ index: inout Int, _ events: inout [Event]
    ) {
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == MLLPFramer.startBlock {
                state = .inside
                return
            }
            noiseByteCount += 1
            if noiseByteCount > noiseByteCountMax {
                fail(.noStartBlock, &events)
                return
            }
        }
    }

    private mutating func takeBody(
        _ bytes: [UInt8], _ index: inout Int, _ events: inout [Event]
    ) {
        let start = index
        // Whatever is too much is not even looked at.
        let end = min(bytes.count, start + frameByteCountMax - frame.count + 1)
        while index < end, bytes[index] != MLLPFramer.endBlock,
            bytes[index] != MLLPFramer.startBlock
        { index += 1 }
        if frame.isEmpty { frame.reserveCapacity(index - start) }
        frame += bytes[start..<index]
        guard frame.count <= frameByteCountMax else {
            frame.removeLast(frame.count - frameByteCountMax)
            fail(.oversized, &events)
            return
        }
        guard index < bytes.count else { return }
        if bytes[index] == MLLPFramer.startBlock {
            restart(&events)
        } else {
            state = .afterEndBlock
        }
        index += 1
    }

    private mutating func takeAfterEndBlock(
        _ byte: UInt8, _ index: inout Int, _ events: inout [Event]
    ) {
        switch byte {
        case MLLPFramer.carriageReturn:
            events.append(.frame(frame))
            frame = []
            state = .outside
            noiseByteCount = 0
            restartCount = 0
            index += 1
        case MLLPFramer.startBlock:
            restart(&events)
            index += 1
        default:
            // An end block without its carriage return is part of the frame.
            frame.append(MLLPFramer.endBlock)
            state = .inside
        }
    }

    private mutating func restart(_ events: inout [Event]) {
        restartCount += 1
        frame.removeAll(keepingCapacity: true)
        state = .inside
        if restartCount > restartCountMax { fail(.restarts, &events) }
    }

    private mutating func fail(_ fault: Fault, _ events: inout [Event]) {
        events.append(.fault(fault, head: frame))
        frame = []
        state = .broken
    }

    /// What stands between two messages of one ``framed(_:)``.
    static let boundary = [endBlock, carriageReturn, startBlock]

    /// The bytes of a message in its frame.
    public static func framed(_ message: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(message.count + 3)
        bytes.append(startBlock)
        bytes += message
        bytes += [endBlock, carriageReturn]
        return bytes
    }
}
