/// Reads an ONNX `TensorProto` whose data are in the file.
enum TensorReader {
    /// The types of elements that this room reads.
    private enum Kind: Int64 {
        case float = 1
        /// As modes of branches are written.
        case uint8 = 2
        case int32 = 6
        case int64 = 7
        case text = 8
        case truth = 9
        case double = 11

        var byteCount: Int {
            switch self {
            case .float, .int32: 4
            case .int64, .double: 8
            case .uint8, .truth, .text: 1
            }
        }
    }

    private struct Parts {
        var name = ""
        var dimensions: [Int64] = []
        var type: Int64 = 0
        var floats: [Float] = []
        var doubles: [Double] = []
        var ints: [Int64] = []
        var texts: [String] = []
        var raw: Range<Int>?
    }

    static func tensor(
        _ bytes: [UInt8], _ range: Range<Int>, mustBeFinite: Bool = true
    ) throws(ONNXError) -> (name: String, value: Value) {
        var parts = Parts()
        var reader = WireReader(bytes, range)
        while let (number, payload) = try reader.next() {
            switch number {
            case 1:
                try payload.append(to: &parts.dimensions, "dimensions", in: bytes)
                guard parts.dimensions.count <= ONNXLimits.rankMax else {
                    throw .limit("dimensions", max: ONNXLimits.rankMax)
                }
            case 2: parts.type = try payload.integer("data type")
            case 3: throw .forbidden("tensor segments")
            case 4: try payload.append(to: &parts.floats, "float data", in: bytes)
            case 5, 7: try payload.append(to: &parts.ints, "integer data", in: bytes)
            case 6: parts.texts.append(try GraphReader.name(payload, "text data", bytes))
            case 8: parts.name = try GraphReader.name(payload, "tensor name", bytes)
            case 9: parts.raw = try payload.range("raw data")
            case 10: try payload.append(to: &parts.doubles, "double data", in: bytes)
            case 13: throw .externalData(parts.name)
            case 14 where try payload.integer("data location") != 0:
                throw .externalData(parts.name)
            default: break
            }
        }
        let value = try value(parts, bytes)
        if mustBeFinite, !isFinite(value) { throw .weights(parts.name) }
        return (parts.name, value)
    }

    private static func isFinite(_ value: Value) -> Bool {
        switch value {
        case .floats(let tensor): tensor.elements.allSatisfy(\.isFinite)
        case .doubles(let tensor): tensor.elements.allSatisfy(\.isFinite)
        case .ints, .truths, .texts: true
        }
    }

    private static func value(_ parts: Parts, _ bytes: [UInt8]) throws(ONNXError) -> Value {
        let shape = parts.dimensions.map { Int($0) }
        guard let count = Shape.count(shape, max: ONNXLimits.byteCountMax) else {
            throw .malformed("dimensions of \(parts.name)")
        }
        guard let kind = Kind(rawValue: parts.type) else {
            let known: [Int64: String] = [
                2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 10: "float16", 12: "uint32",
                13: "uint64", 16: "bfloat16",
            ]
            let name = known[parts.type].map { " (\($0))" } ?? ""
            throw .malformed("data type \(parts.type)\(name) of tensor \(parts.name)")
        }
        let raw = try parts.raw.map { range throws(ONNXError) in
            try bits(bytes, range, byteCount: kind.byteCount)
        }
        func tensor<Element>(_ elements: [Element]) throws(ONNXError) -> Tensor<Element> {
            guard elements.count == count else {
                throw .malformed(
                    "tensor \(parts.name) has \(elements.count) elements, not \(count)")
            }
            return Tensor(shape, elements)
        }
        switch kind {
        case .float:
            let given = raw?.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) }
            return .floats(try tensor(given ?? parts.floats))
        case .double:
            return .doubles(try tensor(raw?.map(Double.init(bitPattern:)) ?? parts.doubles))
        case .int32:
            let given = raw?.map { Int64(Int32(truncatingIfNeeded: $0)) }
            return .ints(try tensor(given ?? parts.ints))
        case .int64, .uint8:
            return .ints(try tensor(raw?.map(Int64.init(bitPattern:)) ?? parts.ints))
        case .truth:
            return .truths(try tensor(raw?.map { $0 != 0 } ?? parts.ints.map { $0 != 0 }))
        case .text: return .texts(try tensor(parts.texts))
        }
    }

    /// Numbers of some bytes each, as they are in the file.
    private static func bits(
        _ bytes: [UInt8], _ range: Range<Int>, byteCount: Int
    ) throws(ONNXError) -> [UInt64] {
        var reader = WireReader(bytes, range)
        var values: [UInt64] = []
        values.reserveCapacity(range.count / byteCount)
        while !reader.isAtEnd { values.append(try reader.fixed(byteCount: byteCount)) }
        return values
    }
}
