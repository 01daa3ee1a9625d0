/// Reads an ONNX `NodeProto` with its attributes.
enum NodeReader {
    /// Where NaN is a word, not a weight: it names what is missing, or stands between sets.
    private static let mayHoldNaN: Set<String> = [
        "replaced_value_float", "imputed_value_floats", "membership_values", "keys_floats",
        "values_floats", "default_float", "keys_tensor", "values_tensor", "default_tensor",
        "nodes_splits",
    ]
    /// Where infinity is a bound that all numbers keep.
    private static let mayHoldInfinity: Set<String> = [
        "nodes_values", "nodes_values_as_tensor", "nodes_splits",
    ]
    /// Where a single infinity is a mask or what is looked for, and many would be weights.
    private static let mayBeInfinite: Set<String> = [
        "value", "value_float", "replaced_value_float",
    ]

    static func node(_ bytes: [UInt8], _ range: Range<Int>) throws(ONNXError) -> GraphFile.Node {
        var node = GraphFile.Node()
        var reader = WireReader(bytes, range)
        while let (number, payload) = try reader.next() {
            switch number {
            case 1: node.inputs.append(try GraphReader.name(payload, "input name", bytes))
            case 2: node.outputs.append(try GraphReader.name(payload, "output name", bytes))
            case 3: node.name = try GraphReader.name(payload, "node name", bytes)
            case 4: node.operation = try GraphReader.name(payload, "operator", bytes)
            case 5:
                let (name, value) = try attribute(bytes, try payload.range("attribute"), of: node)
                guard node.attributes.updateValue(value, forKey: name) == nil else {
                    throw .malformed("two attributes \(name)")
                }
            case 7: node.domain = try GraphReader.name(payload, "domain", bytes)
            default: break
            }
            guard node.inputs.count <= ONNXLimits.valueCountMax,
                node.outputs.count <= ONNXLimits.valueCountMax,
                node.attributes.count <= ONNXLimits.attributeCountMax
            else { throw .limit("inputs, outputs or attributes", max: ONNXLimits.valueCountMax) }
        }
        if node.domain == "ai.onnx" { node.domain = "" }
        return node
    }

    /// Everything that an `AttributeProto` may hold, before its type says which part counts.
    private struct Parts {
        var name = ""
        var type: Int64 = 0
        var float: Float = 0
        var int: Int64 = 0
        var text: String?
        var tensor: Value?
        var floats: [Float] = []
        var ints: [Int64] = []
        var texts: [String] = []
        var holdsFloat = false
        var holdsInt = false
    }

    /// An attribute of a node that is known but for its attributes: files keep their order.
    private static func attribute(
        _ bytes: [UInt8], _ range: Range<Int>, of node: GraphFile.Node
    ) throws(ONNXError) -> (String, GraphFile.Attribute) {
        do throws(ONNXError) { return try attribute(bytes, range) } catch {
            switch error {
            case .forbidden(let what): throw .forbidden("\(what) in node \(node.label)")
            case .weights(let name): throw .weights("\(name) of node \(node.label)")
            default: throw error
            }
        }
    }

    private static func attribute(
        _ bytes: [UInt8], _ range: Range<Int>
    ) throws(ONNXError) -> (String, GraphFile.Attribute) {
        var parts = Parts()
        var reader = WireReader(bytes, range)
        while let (number, payload) = try reader.next() {
            try readPart(&parts, number, payload, bytes)
        }
        let value = try choose(parts)
        try checkFinite(value, parts.name)
        return (parts.name, value)
    }

    private static func readPart(
        _ parts: inout Parts, _ number: Int, _ payload: WireReader.Payload, _ bytes: [UInt8]
    ) throws(ONNXError) {
        switch number {
        case 1: parts.name = try GraphReader.name(payload, "attribute name", bytes)
        case 2:
            guard case .fixed32(let bits) = payload else { throw .malformed("type of a float") }
            parts.float = Float(bitPattern: bits)
            parts.holdsFloat = true
        case 3:
            parts.int = try payload.integer("an integer")
            parts.holdsInt = true
        case 4: parts.text = try GraphReader.name(payload, "text attribute", bytes)
        case 5:
            // Its numbers are checked once its name is known.
            parts.tensor = try TensorReader.tensor(
                bytes, try payload.range("tensor"), mustBeFinite: false
            ).value
        case 6, 11: throw .forbidden("subgraphs")
        case 7: try payload.append(to: &parts.floats, "floats", in: bytes)
        case 8: try payload.append(to: &parts.ints, "integers", in: bytes)
        case 9: parts.texts.append(try GraphReader.name(payload, "text attribute", bytes))
        case 20: parts.type = try payload.integer("attribute type")
        case 21: throw .forbidden("functions")
        case 22, 23: throw .forbidden("sparse tensors")
        default: break
        }
    }

    private static func choose(_ parts: Parts) throws(ONNXError) -> GraphFile.Attribute {
        switch parts.type {
        case 1: return .float(parts.float)
        case 2: return .int(parts.int)
        case 3: return .text(parts.text ?? "")
        case 4:
            guard let tensor = parts.tensor else { throw .malformed("\(parts.name) holds nothing") }
            return .tensor(tensor)
        case 6: return .floats(parts.floats)
        case 7: return .ints(parts.ints)
        case 8: return .texts(parts.texts)
        case 0: break
        default: throw .malformed("attribute type \(parts.type) of \(parts.name)")
        }
        // Old writers leave the type out.
        if let text = parts.text { return .text(text) }
        if let tensor = parts.tensor { return .tensor(tensor) }
        if parts.holdsFloat { return .float(parts.float) }
        if parts.holdsInt { return .int(parts.int) }
        if !parts.floats.isEmpty { return .floats(parts.floats) }
        if !parts.ints.isEmpty { return .ints(parts.ints) }
        if !parts.texts.isEmpty { return .texts(parts.texts) }
        throw .malformed("\(parts.name) holds nothing")
    }

    private static func checkFinite(
        _ value: GraphFile.Attribute, _ name: String
    ) throws(ONNXError) {
        let numbers: [Double]
        switch value {
        case .float(let float): numbers = [Double(float)]
        case .floats(let floats): numbers = floats.map { Double($0) }
        case .tensor(.floats(let tensor)): numbers = tensor.elements.map { Double($0) }
        case .tensor(.doubles(let tensor)): numbers = tensor.elements
        default: return
        }
        let mayHoldNaN = mayHoldNaN.contains(name)
        let mayHoldInfinity =
            mayHoldInfinity.contains(name) || (numbers.count == 1 && mayBeInfinite.contains(name))
        let isSound: (Double) -> Bool = {
            $0.isFinite || ($0.isNaN ? mayHoldNaN : mayHoldInfinity)
        }
        guard numbers.allSatisfy(isSound) else { throw .weights(name) }
    }
}
