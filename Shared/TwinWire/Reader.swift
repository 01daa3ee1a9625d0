import CTwinWire
import TwinCore

/// Turns unpacked messages into values, and proves them on the way.
///
/// Each file of values extends it with how those values are read. Texts were proved by ``Scan``.
/// A class, so that its methods can be handed to one another as what reads a part.
final class Reader {
    /// Observations that the message may still hold.
    private var observationCountLeft: Int
    private var waveforms: WaveformsReader

    private init(_ limits: WireLimits, _ waveforms: [UInt8]) {
        observationCountLeft = limits.observationCountMax
        self.waveforms = WaveformsReader(waveforms)
    }

    /// The value that `read` makes of bytes, which must be a message as `start` starts it, and of
    /// the waveforms beside it.
    static func value<Message, Value>(
        of bytes: [UInt8], with waveforms: [UInt8] = [], as start: (Place<Message>?) -> Void,
        within limits: WireLimits,
        _ read: (Reader) -> (Message) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        guard let descriptor = Reader.descriptor(start) else {
            throw .malformed("a message without a schema")
        }
        try Scan.prove(bytes, are: descriptor, within: limits)
        let arena = Arena(
            byteCountMax: limits.arenaByteCountMax(for: bytes.count),
            chunkByteCount: min(4 * bytes.count, 1 << 20))
        let unpacked = bytes.withUnsafeBufferPointer { buffer in
            arena.withAllocator {
                protobuf_c_message_unpack(descriptor, $0, buffer.count, buffer.baseAddress)
            }
        }
        guard let unpacked else {
            throw arena.isExhausted
                ? .tooLarge("a message that takes too much memory")
                : .malformed("not a message of this kind")
        }
        let message = UnsafeMutableRawPointer(unpacked).assumingMemoryBound(to: Message.self)
        let reader = Reader(limits, waveforms)
        let value = try read(reader)(message.pointee)
        try reader.waveforms.proveEnd()
        // The message points into the arena, which must not go before it is read.
        withExtendedLifetime(arena) {}
        return value
    }

    private static func descriptor<Message>(
        _ start: (Place<Message>?) -> Void
    ) -> UnsafePointer<ProtobufCMessageDescriptor>? {
        withUnsafeTemporaryAllocation(of: Message.self, capacity: 1) { buffer in
            guard let place = buffer.baseAddress else { return nil }
            start(place)
            return UnsafeRawPointer(place).load(as: ProtobufCMessage.self).descriptor
        }
    }

    func take(observations count: Int) throws(WireError) {
        guard count <= observationCountLeft else {
            throw .tooLarge("too many observations in one message")
        }
        observationCountLeft -= count
    }

    /// The next of the waveforms beside the message.
    func waveform(byteCount: UInt32) throws(WireError) -> ObservedValue {
        .waveform(try waveforms.next(byteCount: byteCount))
    }

    func text(_ text: Text?) -> String { text.map { String(cString: $0) } ?? "" }

    /// What `read` makes of each text.
    func texts<Value>(
        _ places: Place<Text?>?, _ count: Int, _ read: (String) throws(WireError) -> Value
    ) throws(WireError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(count)
        for place in UnsafeBufferPointer(start: places, count: count) {
            values.append(try read(text(place)))
        }
        return values
    }

    /// What `read` makes of each message.
    func list<Message, Value>(
        _ places: List<Message>?, _ count: Int,
        _ read: (Message) throws(WireError) -> Value
    ) throws(WireError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(count)
        for place in UnsafeBufferPointer(start: places, count: count) {
            values.append(try one(place, "an empty place in a list", read))
        }
        return values
    }

    /// What `read` makes of a message that must be there.
    func one<Message, Value>(
        _ place: Place<Message>?, _ absence: StaticString,
        _ read: (Message) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        guard let place else { throw .invalid("\(absence)") }
        return try read(place.pointee)
    }
}
