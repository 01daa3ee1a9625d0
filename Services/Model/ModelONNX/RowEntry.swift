/// How a row of features becomes the inputs of a graph: one input after the other takes its
/// columns.
struct RowEntry: Sendable {
    private enum Kind: Int64 {
        case float = 1
        case int32 = 6
        case int64 = 7
        case truth = 9
        case double = 11
    }

    private struct Port {
        let kind: Kind
        /// The dimensions after the first; nil where the file leaves the only one open.
        let shape: [Int]?
    }

    private let ports: [Port]
    /// The columns that all inputs take together; nil where the file leaves it open.
    let featureCount: Int?
    /// The file was exported for a single row at a time.
    let takesOneRow: Bool

    init(_ inputs: [GraphFile.Input]) throws(ONNXError) {
        guard !inputs.isEmpty, inputs.count <= ONNXLimits.featureCountMax else {
            throw .graph("\(inputs.count) inputs")
        }
        var ports: [Port] = []
        for input in inputs {
            guard let kind = Kind(rawValue: input.elementType), input.shape.count >= 2 else {
                throw .graph("the input \(input.name) is not rows of numbers")
            }
            let sizes = input.shape.dropFirst().map { $0.flatMap { $0 > 0 ? Int($0) : nil } }
            let known = sizes.compactMap { $0 }
            guard known.count == sizes.count || (inputs.count == 1 && sizes.count == 1) else {
                throw .graph("the input \(input.name) has free dimensions")
            }
            guard Shape.count(known, max: ONNXLimits.featureCountMax) != nil else {
                throw .limit("columns", max: ONNXLimits.featureCountMax)
            }
            ports.append(Port(kind: kind, shape: known.count == sizes.count ? known : nil))
        }
        let rowCounts = Set(inputs.map { $0.shape[0].flatMap { $0 > 0 ? $0 : nil } })
        guard rowCounts.subtracting([nil, 1]).isEmpty else {
            throw .graph("an input takes a fixed number of rows")
        }
        self.ports = ports
        takesOneRow = rowCounts.contains(1)
        let widths = ports.compactMap { $0.shape?.reduce(1, *) }
        featureCount = widths.count == ports.count ? widths.reduce(0, +) : nil
    }

    /// Whether the rows are the graph's one input as they are.
    var isPlain: Bool {
        ports.count == 1 && !takesOneRow && ports[0].kind == .float
            && (ports[0].shape?.count ?? 1) == 1
    }

    /// The inputs for `count` flat rows of `width` columns.
    func values(_ rows: [Float], count: Int, width: Int) throws(ONNXError) -> [Value] {
        guard featureCount == nil || featureCount == width else {
            throw .graph("\(width) columns, the graph takes \(featureCount ?? 0)")
        }
        var values: [Value] = []
        var start = 0
        for port in ports {
            let shape = port.shape ?? [width]
            let own = shape.reduce(1, *)
            let columns =
                own == width
                ? rows
                : (0..<count).flatMap { rows[$0 * width + start..<$0 * width + start + own] }
            values.append(try RowEntry.value([count] + shape, columns, port.kind))
            start += own
        }
        return values
    }

    private static func value(
        _ shape: [Int], _ columns: [Float], _ kind: Kind
    ) throws(ONNXError) -> Value {
        switch kind {
        case .float: return .floats(Tensor(shape, columns))
        case .double: return .doubles(Tensor(shape, columns.map { Double($0) }))
        case .truth: return .truths(Tensor(shape, columns.map { $0 != 0 }))
        case .int32, .int64:
            let whole = columns.compactMap { Int64(exactly: $0) }
            guard whole.count == columns.count else {
                throw .graph("a column of whole numbers holds another, or none")
            }
            return .ints(Tensor(shape, whole))
        }
    }
}

extension GraphFile {
    /// The inputs that no initializer gives: old files list their weights among them.
    var ownInputs: [Input] {
        let given = Set(initializers.map(\.name))
        return inputs.filter { !given.contains($0.name) }
    }
}
