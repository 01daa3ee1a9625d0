/// The messages of ONNX that ``ArtifactWriter`` needs.
extension WireWriter {
    /// An entry of a `ModelProto`'s metadata.
    mutating func metadata(_ key: String, _ value: String) {
        message(14) {
            $0.text(1, key)
            $0.text(2, value)
        }
    }

    mutating func operatorSet(_ domain: String, _ version: Int64) {
        message(8) {
            $0.text(1, domain)
            $0.varint(2, version)
        }
    }

    /// A graph's input or output of N rows; without a width it has one dimension.
    mutating func value(_ number: Int, _ name: String, type: Int64, width: Int?) {
        message(number) { value in
            value.text(1, name)
            value.message(2) { kind in
                kind.message(1) { tensor in
                    tensor.varint(1, type)
                    tensor.message(2) { shape in
                        shape.message(1) { $0.text(2, "N") }
                        if let width { shape.message(1) { $0.varint(1, Int64(width)) } }
                    }
                }
            }
        }
    }

    mutating func attribute(_ name: String, int: Int64) {
        attribute(name, type: 2) { $0.varint(3, int) }
    }

    mutating func attribute(_ name: String, float: Float) {
        attribute(name, type: 1) { $0.float(2, float) }
    }

    mutating func attribute(_ name: String, text: String) {
        attribute(name, type: 3) { $0.text(4, text) }
    }

    mutating func attribute(_ name: String, floats: [Float]) {
        attribute(name, type: 6) { for value in floats { $0.float(7, value) } }
    }

    mutating func attribute(_ name: String, ints: [Int64]) {
        attribute(name, type: 7) { for value in ints { $0.varint(8, value) } }
    }

    mutating func attribute(_ name: String, texts: [String]) {
        attribute(name, type: 8) { for value in texts { $0.text(9, value) } }
    }

    private mutating func attribute(
        _ name: String, type: Int64, _ fill: (inout WireWriter) -> Void
    ) {
        message(5) {
            $0.text(1, name)
            $0.varint(20, type)
            fill(&$0)
        }
    }

    mutating func node(
        _ operation: String, _ inputs: [String], _ outputs: [String], domain: String = "",
        _ attributes: (inout WireWriter) -> Void = { _ in }
    ) {
        message(1) { node in
            for input in inputs { node.text(1, input) }
            for output in outputs { node.text(2, output) }
            node.text(3, "\(operation) to \(outputs[0])")
            node.text(4, operation)
            if !domain.isEmpty { node.text(7, domain) }
            attributes(&node)
        }
    }

    mutating func initializer(_ name: String, floats: [Float], shape: [Int]) {
        message(5) { tensor in
            for size in shape { tensor.varint(1, Int64(size)) }
            tensor.varint(2, 1)
            tensor.text(8, name)
            var raw: [UInt8] = []
            raw.reserveCapacity(4 * floats.count)
            for value in floats {
                let bits = value.bitPattern
                for shift in [UInt32(0), 8, 16, 24] {
                    raw.append(UInt8(truncatingIfNeeded: bits >> shift))
                }
            }
            tensor.bytes(9, raw)
        }
    }

    mutating func initializer(_ name: String, places: [Int]) {
        message(5) { tensor in
            tensor.varint(1, Int64(places.count))
            tensor.varint(2, 7)
            for place in places { tensor.varint(7, Int64(place)) }
            tensor.text(8, name)
        }
    }
}
