/// Reads an ONNX `TensorProto` whose data are in the file.
enum TensorReader {
    private struct Parts {
        var name = ""
        var dimensions: [Int64] = []
        var type: Int64 = 0
        var floats: [Float] = []
        var ints: [Int64] = []
        var texts: [String] = []
        var raw: Range<Int>?
    }

    static func tensor(
        _ bytes: [UInt8], _ range: Range<Int>
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
            case 13: throw .externalData(parts.name)
            case 14 where try payload.integer("data location") != 0:
                throw .externalData(parts.name)
            default: break
            }
        }
        return (parts.name, try value(parts, bytes))
    }

    private static func value(_ parts: Parts, _ bytes: [UInt8]) throws(ONNXError) -> Value {
        let shape = parts.dimensions.map { Int($0) }
        guard let count = Shape.count(shape, max: ONNXLimits.byteCountMax) else {
            throw .malformed("dimensions of \(parts.name)")
        }
        switch parts.type {
        case 1:
            let floats = try parts.raw.map { range throws(ONNXError) in
                try rawFloats(bytes, range)
            }
            let elements = floats ?? parts.floats
            guard elements.allSatisfy(\.isFinite) else { throw .weights(parts.name) }
            return .floats(try tensor(shape, elements, count, parts.name))
        case 6, 7, 9:
            let size = parts.type == 7 ? 8 : parts.type == 6 ? 4 : 1
            let ints = try parts.raw.map { range throws(ONNXError) in
                try rawInts(bytes, range, byteCount: size)
            }
            return .ints(try tensor(shape, ints ?? parts.ints, count, parts.name))
        case 8: return .texts(try tensor(shape, parts.texts, count, parts.name))
        default: throw .malformed("data type \(parts.type) of tensor \(parts.name)")
        }
    }

    private static func tensor<Element>(
        _ shape: [Int], _ elements: [Element], _ count: Int, _ name: String
    ) throws(ONNXError) -> Tensor<Element> {
        guard elements.count == count else {
            throw .malformed("tensor \(name) has \(elements.count) elements, not \(count)")
        }
        return Tensor(shape, elements)
    }

    private static func rawFloats(
        _ bytes: [UInt8], _ range: Range<Int>
    ) throws(ONNXError) -> [Float] {
        var floats: [Float] = []
        try WireReader.Payload.bytes(range).append(to: &floats, "raw data", in: bytes)
        return floats
    }

    private static func rawInts(
        _ bytes: [UInt8], _ range: Range<Int>, byteCount: Int
    ) throws(ONNXError) -> [Int64] {
        var reader = WireReader(bytes, range)
        var values: [Int64] = []
        values.reserveCapacity(range.count / byteCount)
        while !reader.isAtEnd {
            let bits = try reader.fixed(byteCount: byteCount)
            values.append(
                byteCount == 4
                    ? Int64(Int32(truncatingIfNeeded: bits)) : Int64(bitPattern: bits))
        }
        return values
    }
}
