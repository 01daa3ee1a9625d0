/// A node's attributes, each read once; one that nobody reads is refused, because it might change
/// what the node means.
struct NodeAttributes {
    private var left: [String: GraphFile.Attribute]
    /// The version of the node's operator set.
    let version: Int64
    /// The node's inputs that are known before any row: nil where one is computed.
    let constants: [Value?]

    init(_ node: GraphFile.Node, version: Int64, constants: [Value?]) {
        left = node.attributes
        self.version = version
        self.constants = constants
    }

    func constant(_ index: Int) -> Value? { index < constants.count ? constants[index] : nil }

    mutating func int(_ name: String) throws(KernelFailure) -> Int64? {
        guard let value = left.removeValue(forKey: name) else { return nil }
        guard case .int(let int) = value else { throw .refused("type of attribute \(name)") }
        return int
    }

    mutating func float(_ name: String) throws(KernelFailure) -> Float? {
        guard let value = left.removeValue(forKey: name) else { return nil }
        guard case .float(let float) = value else { throw .refused("type of attribute \(name)") }
        return float
    }

    mutating func text(_ name: String) throws(KernelFailure) -> String? {
        guard let value = left.removeValue(forKey: name) else { return nil }
        guard case .text(let text) = value else { throw .refused("type of attribute \(name)") }
        return text
    }

    mutating func tensor(_ name: String) throws(KernelFailure) -> Value? {
        guard let value = left.removeValue(forKey: name) else { return nil }
        guard case .tensor(let tensor) = value else {
            throw .refused("type of attribute \(name)")
        }
        return tensor
    }

    /// Empty where the attribute is left out.
    mutating func floats(_ name: String) throws(KernelFailure) -> [Float] {
        switch left.removeValue(forKey: name) {
        case nil: return []
        case .floats(let floats): return floats
        case .ints(let ints) where ints.isEmpty: return []
        default: throw .refused("type of attribute \(name)")
        }
    }

    /// Empty where the attribute is left out.
    mutating func ints(_ name: String) throws(KernelFailure) -> [Int64] {
        switch left.removeValue(forKey: name) {
        case nil: return []
        case .ints(let ints): return ints
        default: throw .refused("type of attribute \(name)")
        }
    }

    /// Empty where the attribute is left out.
    mutating func texts(_ name: String) throws(KernelFailure) -> [String] {
        switch left.removeValue(forKey: name) {
        case nil: return []
        case .texts(let texts): return texts
        default: throw .refused("type of attribute \(name)")
        }
    }

    func finish() throws(KernelFailure) {
        if let name = left.keys.min() { throw .refused("attribute \(name) is unknown") }
    }
}
