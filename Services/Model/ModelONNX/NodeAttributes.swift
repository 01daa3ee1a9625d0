/// A node's attributes, each read once; one that nobody reads is refused, because it might change
/// what the node means.
struct NodeAttributes {
    private var left: [String: GraphFile.Attribute]
    /// The version of the node's operator set.
    let version: Int64
    /// The node's inputs that are known before any row: nil where one is computed.
    let constants: [Value?]
    /// How many values the node makes.
    let outputCount: Int

    init(_ node: GraphFile.Node, version: Int64, constants: [Value?]) {
        left = node.attributes
        self.version = version
        self.constants = constants
        outputCount = node.outputs.count
    }

    var inputCount: Int { constants.count }

    func constant(_ index: Int) -> Value? { index < constants.count ? constants[index] : nil }

    /// Whether a list of real numbers is left out or empty.
    func isEmpty(_ name: String) -> Bool {
        guard case .floats(let floats)? = left[name] else { return true }
        return floats.isEmpty
    }

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

    /// A list of real numbers, or the tensor that newer versions write for it; empty where both
    /// are left out.
    mutating func reals(_ name: String) throws(KernelFailure) -> [Double] {
        let listed = try floats(name)
        guard let value = try tensor("\(name)_as_tensor") else { return listed.map { Double($0) } }
        guard listed.isEmpty, let reals = Reals(value) else {
            throw .refused("two attributes \(name), or no numbers")
        }
        return reals.elements
    }

    /// The attribute `axis`, or what stands where it is left out.
    mutating func axis(or standard: Int) throws(KernelFailure) -> Int {
        guard let axis = Int(exactly: try int("axis") ?? Int64(standard)),
            axis.magnitude <= ONNXLimits.rankMax
        else { throw .refused("axis") }
        return axis
    }

    mutating func requiredAxis() throws(KernelFailure) -> Int {
        guard left["axis"] != nil else { throw .refused("axis is missing") }
        return try axis(or: 0)
    }

    func finish() throws(KernelFailure) {
        if let name = left.keys.min() { throw .refused("attribute \(name) is unknown") }
    }
}
