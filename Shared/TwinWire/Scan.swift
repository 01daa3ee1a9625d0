import CTwinWire

/// Looks through a message before anything is allocated for it.
///
/// `protobuf-c` recurses as deep as its input says and copies what it does not know, so depth, fields
/// and sizes are proved here first, without recursion; what it never looks at is proved here too:
/// that a text is UTF-8 without NUL, that a single field comes once and a choice is made once.
struct Scan {
    private struct Frame {
        let descriptor: UnsafePointer<ProtobufCMessageDescriptor>
        let end: Int
        /// A bit for each field of the descriptor that may not come again.
        var seen: UInt64 = 0
    }

    private let bytes: [UInt8]
    private let limits: WireLimits
    private var position = 0
    private var fieldCount = 0
    private var frames: [Frame] = []

    private init(_ bytes: [UInt8], _ limits: WireLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// Throws unless the bytes are a message of that schema within the limits.
    static func prove(
        _ bytes: [UInt8], are descriptor: UnsafePointer<ProtobufCMessageDescriptor>,
        within limits: WireLimits
    ) throws(WireError) {
        guard bytes.count <= limits.byteCountMax else {
            throw .tooLarge("\(bytes.count) bytes, more than \(limits.byteCountMax)")
        }
        var scan = Scan(bytes, limits)
        try scan.open(descriptor, end: bytes.count)
        while let frame = scan.frames.last {
            if scan.position == frame.end {
                scan.frames.removeLast()
            } else {
                try scan.field(of: frame)
            }
        }
    }

    private mutating func open(
        _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>, end: Int
    ) throws(WireError) {
        guard frames.count < limits.depthMax else {
            throw .tooLarge("messages nested deeper than \(limits.depthMax)")
        }
        frames.append(Frame(descriptor: descriptor, end: end))
    }

    private mutating func field(of frame: Frame) throws(WireError) {
        fieldCount += 1
        guard fieldCount <= limits.fieldCountMax else {
            throw .tooLarge("more than \(limits.fieldCountMax) fields")
        }
        let key = try varint(before: frame.end)
        guard let number = UInt32(exactly: key >> 3), number > 0, number < 1 << 29 else {
            throw .malformed("a field number out of range")
        }
        let field = protobuf_c_message_descriptor_get_field(frame.descriptor, number)
        if let field, field.pointee.label != PROTOBUF_C_LABEL_REPEATED {
            try once(field, of: frame)
        }
        switch key & 7 {
        case 0: _ = try varint(before: frame.end)
        case 1: try skip(8, before: frame.end)
        case 2: try content(of: field, before: frame.end)
        case 5: try skip(4, before: frame.end)
        default: throw .malformed("a group or an unknown wire type")
        }
    }

    /// Goes over a text or a sequence, or into a message.
    private mutating func content(
        of field: UnsafePointer<ProtobufCFieldDescriptor>?, before end: Int
    ) throws(WireError) {
        let size = try varint(before: end)
        guard size <= UInt64(end - position) else {
            throw .malformed("a length beyond the end of its message")
        }
        let contentEnd = position + Int(size)
        switch field?.pointee.type {
        case PROTOBUF_C_TYPE_MESSAGE?:
            guard let descriptor = field?.pointee.descriptor else { break }
            try open(
                descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self),
                end: contentEnd)
        case PROTOBUF_C_TYPE_STRING?:
            try proveText(position..<contentEnd)
            position = contentEnd
        default:
            position = contentEnd
        }
    }

    /// Marks a single field as seen, and with it the other members of its choice.
    private mutating func once(
        _ field: UnsafePointer<ProtobufCFieldDescriptor>, of frame: Frame
    ) throws(WireError) {
        guard let fields = frame.descriptor.pointee.fields else { return }
        var index = field - fields
        if field.pointee.flags & PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue != 0 {
            let choice = field.pointee.quantifier_offset
            while index > 0, fields[index - 1].quantifier_offset == choice { index -= 1 }
        }
        let bit: UInt64 = 1 << index
        guard frame.seen & bit == 0 else {
            throw .malformed("a single field, or a choice, that comes twice")
        }
        frames[frames.count - 1].seen |= bit
    }

    private mutating func skip(_ count: Int, before end: Int) throws(WireError) {
        guard count <= end - position else { throw .malformed("a field that is cut off") }
        position += count
    }

    private mutating func varint(before end: Int) throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = UInt64(bytes[position])
            position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80 {
                guard shift < 63 || byte <= 1 else { break }
                return value
            }
            shift += 7
            if shift > 63 { break }
        }
        throw .malformed("a number that is cut off or too long")
    }

    private func proveText(_ range: Range<Int>) throws(WireError) {
        let text = bytes.span.extracting(range)
        for index in text.indices where text[index] == 0 {
            throw .malformed("a text that holds NUL")
        }
        do {
            _ = try UTF8Span(validating: text)
        } catch {
            throw .malformed("a text that is not UTF-8")
        }
    }
}
