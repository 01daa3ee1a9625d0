public import TwinCore

/// Why an ONNX file is refused, or a graph gives no answer.
public enum ONNXError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It ends inside of something.
    case truncated(at: Int)
    /// Not protobuf, or not ONNX: what is wrong.
    case malformed(String)
    case limit(String, max: Int)
    /// Weights outside of the file are never read.
    case externalData(String)
    /// Subgraphs, functions, training: what a scorer must not hold.
    case forbidden(String)
    /// An operator set, or none, that this reader does not know.
    case version(String)
    /// An operator that can't be compiled: its node, and why.
    case unsupported(node: String, String)
    /// A missing input, two producers of a name, a cycle.
    case graph(String)
    /// A weight is not a finite number.
    case weights(String)
    /// A node can't work on what it is given.
    case running(node: String, String)
    /// The bound on operations or memory of one run is reached.
    case tooExpensive

    /// What it says to people.
    public var description: String {
        switch self {
        case .truncated(let place): "the file ends in the middle of something, at byte \(place)"
        case .malformed(let what): "the file is not sound: \(what)"
        case .limit(let what, let max): "more than \(max) \(what)"
        case .externalData(let name):
            "the weights of \(name) lie outside of the file and are never read"
        case .forbidden(let what): "\(what): a model has no loops, branches, functions or training"
        case .version(let what): "\(what) is not known"
        case .unsupported(let node, let reason): "node \(node): \(reason)"
        case .graph(let what): "the graph can't be run: \(what)"
        case .weights(let name): "\(name) holds a number that is not finite"
        case .running(let node, let reason): "node \(node) can't work on a row: \(reason)"
        case .tooExpensive: "a row takes more operations or memory than is allowed"
        }
    }

    /// What it says to the peer.
    public var refusal: Refusal {
        switch self {
        case .limit, .tooExpensive: Refusal(.tooLarge, "onnx: \(self)")
        case .version: Refusal(.wrongVersion, "onnx: \(self)")
        case .externalData, .forbidden, .unsupported: Refusal(.unsupported, "onnx: \(self)")
        default: Refusal(.malformed, "onnx: \(self)")
        }
    }
}

/// Hard ceilings for what one file may hold.
enum ONNXLimits {
    static let byteCountMax = 256 << 20
    static let nodeCountMax = 10_000
    static let initializerCountMax = 10_000
    static let attributeCountMax = 64
    static let valueCountMax = 4_096
    static let nameByteCountMax = 1_024
    static let rankMax = 8
    static let metadataCountMax = 256
    /// Columns of a row, or places of an image.
    static let featureCountMax = 1 << 22
    /// Elements of one value while a block of rows is scored.
    static let elementCountMax = 1 << 25
    /// Elements of all values of one run together.
    static let keptElementCountMax = 1 << 27
    /// Windows times places of one convolution or pool, before channels.
    static let tapCountMax = 1 << 22
    /// Multiplications and moves of one block of rows.
    static let operationCountMax = 1 << 33
    /// Rows that are scored at once.
    static let blockRowCount = 256
    /// Elements of all values of the rows that are scored at once.
    static let blockElementCount = 1 << 24
}
