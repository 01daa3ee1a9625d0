/// Reads an ONNX `ModelProto`.
///
/// Nesting is as deep as the code below, which never calls itself: subgraphs are refused, unknown
/// fields are skipped.
enum GraphReader {
    static func read(_ bytes: [UInt8]) throws(ONNXError) -> GraphFile {
        guard bytes.count <= ONNXLimits.byteCountMax else {
            throw .limit("bytes", max: ONNXLimits.byteCountMax)
        }
        var file = GraphFile()
        var reader = WireReader(bytes)
        while let (number, payload) = try reader.next() {
            switch number {
            case 7:
                guard !file.hasGraph else { throw .malformed("two graphs") }
                file.hasGraph = true
                try readGraph(&file, bytes, try payload.range("graph"))
            case 8: try readOperatorSet(&file, bytes, try payload.range("operator set"))
            case 14: try readMetadata(&file, bytes, try payload.range("metadata"))
            case 20: throw .forbidden("training")
            case 25: throw .forbidden("functions")
            default: break
            }
        }
        guard file.hasGraph else { throw .malformed("no graph") }
        return file
    }

    private static func readOperatorSet(
        _ file: inout GraphFile, _ bytes: [UInt8], _ range: Range<Int>
    ) throws(ONNXError) {
        var domain = ""
        var version: Int64 = 0
        var reader = WireReader(bytes, range)
        while let (number, payload) = try reader.next() {
            switch number {
            case 1: domain = try name(payload, "domain", bytes)
            case 2: version = try payload.integer("version")
            default: break
            }
        }
        if domain == "ai.onnx" { domain = "" }
        guard file.operatorSets[domain] ?? version == version else {
            throw .version("two versions of domain \"\(domain)\"")
        }
        file.operatorSets[domain] = version
        guard file.operatorSets.count <= 64 else { throw .limit("operator sets", max: 64) }
    }

    private static func readMetadata(
        _ file: inout GraphFile, _ bytes: [UInt8], _ range: Range<Int>
    ) throws(ONNXError) {
        var entry = (key: "", value: "")
        var reader = WireReader(bytes, range)
        while let (number, payload) = try reader.next() {
            switch number {
            case 1: entry.key = try name(payload, "metadata key", bytes)
            case 2:
                entry.value = try payload.text("metadata", in: bytes, byteCountMax: 4 << 20)
            default: break
            }
        }
        guard !file.metadata.contains(where: { $0.key == entry.key }) else {
            throw .malformed("two metadata entries \(entry.key)")
        }
        file.metadata.append(entry)
        guard file.metadata.count <= ONNXLimits.metadataCountMax else {
            throw .limit("metadata entries", max: ONNXLimits.metadataCountMax)
        }
    }

    private static func readGraph(
        _ file: inout GraphFile, _ bytes: [UInt8], _ range: Range<Int>
    ) throws(ONNXError) {
        var reader = WireReader(bytes, range)
        while let (number, payload) = try reader.next() {
            switch number {
            case 1:
                file.nodes.append(try NodeReader.node(bytes, try payload.range("node")))
                guard file.nodes.count <= ONNXLimits.nodeCountMax else {
                    throw .limit("nodes", max: ONNXLimits.nodeCountMax)
                }
            case 5:
                file.initializers.append(
                    try TensorReader.tensor(bytes, try payload.range("initializer")))
                guard file.initializers.count <= ONNXLimits.initializerCountMax else {
                    throw .limit("initializers", max: ONNXLimits.initializerCountMax)
                }
            case 11: file.inputs.append(try input(bytes, try payload.range("input")))
            case 12: file.outputs.append(try input(bytes, try payload.range("output")))
            case 15: throw .forbidden("sparse initializers")
            default: break
            }
            guard file.inputs.count <= ONNXLimits.valueCountMax,
                file.outputs.count <= ONNXLimits.valueCountMax
            else { throw .limit("inputs or outputs", max: ONNXLimits.valueCountMax) }
        }
    }

    /// A `ValueInfoProto`; types that are not of tensors leave the element type 0.
    private static func input(
        _ bytes: [UInt8], _ range: Range<Int>
    ) throws(ONNXError) -> GraphFile.Input {
        var input = GraphFile.Input()
        var reader = WireReader(bytes, range)
        while let (number, payload) = try reader.next() {
            switch number {
            case 1: input.name = try name(payload, "value name", bytes)
            case 2:
                var type = WireReader(bytes, try payload.range("type"))
                while let (number, payload) = try type.next() {
                    guard number == 1 else { continue }
                    try readTensorType(&input, bytes, try payload.range("tensor type"))
                }
            default: break
            }
        }
        return input
    }

    private static func readTensorType(
        _ input: inout GraphFile.Input, _ bytes: [UInt8], _ range: Range<Int>
    ) throws(ONNXError) {
        var reader = WireReader(bytes, range)
        while let (number, payload) = try reader.next() {
            switch number {
            case 1: input.elementType = try payload.integer("element type")
            case 2:
                var shape = WireReader(bytes, try payload.range("shape"))
                while let (number, payload) = try shape.next() {
                    guard number == 1 else { continue }
                    input.shape.append(try dimension(bytes, try payload.range("dimension")))
                    guard input.shape.count <= ONNXLimits.rankMax else {
                        throw .limit("dimensions", max: ONNXLimits.rankMax)
                    }
                }
            default: break
            }
        }
    }

    private static func dimension(
        _ bytes: [UInt8], _ range: Range<Int>
    ) throws(ONNXError) -> Int64? {
        var value: Int64?
        var reader = WireReader(bytes, range)
        while let (number, payload) = try reader.next() {
            guard number == 1 else { continue }
            value = try payload.integer("dimension")
        }
        return value
    }

    static func name(
        _ payload: WireReader.Payload, _ what: String, _ bytes: [UInt8]
    ) throws(ONNXError) -> String {
        try payload.text(what, in: bytes, byteCountMax: ONNXLimits.nameByteCountMax)
    }
}
