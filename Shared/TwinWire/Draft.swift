import CTwinWire

/// A message in the making: C structures in an arena, packed when it is whole.
///
/// Each file of values extends it with how those values are drafted.
struct Draft: ~Copyable {
    private let arena: Arena
    /// What travels beside the message.
    let waveforms = WaveformsDraft()

    private init() { arena = Arena(byteCountMax: .max, chunkByteCount: 16_384) }

    /// The bytes of the message that `draft` makes, which names no waveforms.
    static func bytes<Message>(
        _ draft: (borrowing Draft) -> Place<Message>
    ) -> [UInt8] {
        frames(draft).body
    }

    /// The message that `draft` makes, and the waveforms that it names.
    static func frames<Message>(
        _ draft: (borrowing Draft) -> Place<Message>
    ) -> (body: [UInt8], waveforms: [UInt8]) {
        let arena = Draft()
        let message = UnsafePointer(
            UnsafeMutableRawPointer(draft(arena)).assumingMemoryBound(to: ProtobufCMessage.self))
        let byteCount = protobuf_c_message_get_packed_size(message)
        let body = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            count = protobuf_c_message_pack(message, base)
        }
        return (body, arena.waveforms.bytes)
    }

    /// A started message that `fill` fills in.
    func make<Message>(
        _ start: (Place<Message>?) -> Void, _ fill: (inout Message) -> Void = { _ in }
    ) -> Place<Message> {
        let place = memory(1, of: Message.self)
        start(place)
        fill(&place.pointee)
        return place
    }

    /// Uninitialized memory for `count` values.
    func memory<Value>(_ count: Int, of type: Value.Type) -> Place<Value> {
        guard let place = arena.take(count, of: type) else {
            preconditionFailure("an arena without a bound denies nothing")
        }
        return place
    }

    /// A copy that ends with NUL; a NUL within, which the wire can't carry, becomes U+FFFD.
    func text(_ string: String) -> Text {
        var carried = string
        if carried.utf8.contains(0) {
            carried.unicodeScalars = String.UnicodeScalarView(
                string.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 })
        }
        return carried.withUTF8 { bytes in
            let place = memory(bytes.count + 1, of: CChar.self)
            UnsafeMutableRawBufferPointer(start: place, count: bytes.count).copyBytes(from: bytes)
            place[bytes.count] = 0
            return place
        }
    }

    /// The texts of a list, and how many they are.
    func texts<Value>(
        _ values: [Value], _ string: (Value) -> String
    ) -> (Int, Place<Text?>) {
        let places = memory(values.count, of: Text?.self)
        for index in values.indices { places[index] = text(string(values[index])) }
        return (values.count, places)
    }

    /// The messages that `draft` makes of a list, and how many they are.
    func list<Value, Message>(
        _ values: [Value], _ draft: (Value) -> Place<Message>
    ) -> (Int, List<Message>) {
        let places = memory(values.count, of: Place<Message>?.self)
        for index in values.indices { places[index] = draft(values[index]) }
        return (values.count, places)
    }
}
