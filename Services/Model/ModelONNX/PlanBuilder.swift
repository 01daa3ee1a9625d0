/// Makes a plan of a file's graph, or says why not.
struct PlanBuilder {
    private static let versions: [String: ClosedRange<Int64>] = ["": 7...25, "ai.onnx.ml": 1...5]

    private let file: GraphFile
    private var places: [String: Int] = [:]
    private var constants: [Value?] = []
    private var steps: [Plan.Step] = []
    /// What is computed once, before any row.
    private var meter = Meter()

    static func build(_ file: GraphFile) throws(ONNXError) -> Plan {
        var builder = PlanBuilder(file: file)
        return try builder.plan()
    }

    private init(file: GraphFile) { self.file = file }

    private mutating func plan() throws(ONNXError) -> Plan {
        for (domain, range) in PlanBuilder.versions {
            if let version = file.operatorSets[domain], !range.contains(version) {
                throw .version("operator set \(version) of domain \"\(domain)\"")
            }
        }
        for (name, value) in file.initializers { try define(name, value) }
        var inputPlaces: [Int] = []
        for input in file.ownInputs { inputPlaces.append(try define(input.name, nil)) }
        steps.reserveCapacity(file.nodes.count)
        for node in file.nodes { try add(node) }
        guard !file.outputs.isEmpty else { throw .graph("no outputs") }
        var outputs: [(name: String, place: Int)] = []
        for output in file.outputs {
            guard let place = places[output.name] else {
                throw .graph("output \(output.name) is not made")
            }
            outputs.append((output.name, place))
        }
        findLastUses(outputs.map(\.place))
        return Plan(
            constants: constants, inputPlaces: inputPlaces, steps: steps, outputs: outputs)
    }

    /// Gives a name its place.
    @discardableResult
    private mutating func define(_ name: String, _ value: Value?) throws(ONNXError) -> Int {
        guard places[name] == nil else { throw .graph("\(name) is made twice") }
        places[name] = constants.count
        constants.append(value)
        return constants.count - 1
    }

    private mutating func add(_ node: GraphFile.Node) throws(ONNXError) {
        guard let version = file.operatorSets[node.domain] else {
            throw .version("no operator set of domain \"\(node.domain)\"")
        }
        guard
            let builder = Operators.builder(domain: node.domain, operation: node.operation)
        else {
            let name = node.domain.isEmpty ? node.operation : "\(node.domain) \(node.operation)"
            throw .unsupported(node: node.title, "the operator \(name) is not supported")
        }
        let inputs = try inputs(of: node)
        let known = inputs.map { $0.flatMap { constants[$0] } }
        let kernel: any Kernel
        do throws(KernelFailure) {
            var attributes = NodeAttributes(node, version: version, constants: known)
            kernel = try builder(&attributes)
            try attributes.finish()
        } catch {
            guard case .refused(let reason) = error else { throw .tooExpensive }
            throw .unsupported(node: node.label, reason)
        }
        var outputs: [Int?] = []
        for name in node.outputs { outputs.append(name.isEmpty ? nil : try define(name, nil)) }
        let step = Plan.Step(
            title: node.title, kernel: kernel, inputs: inputs, outputs: outputs,
            operationsPerRow: PlanBuilder.cost(kernel, known))
        if zip(inputs, known).allSatisfy({ $0 == nil || $1 != nil }) {
            try compute(step)
        } else {
            steps.append(step)
        }
    }

    private func inputs(of node: GraphFile.Node) throws(ONNXError) -> [Int?] {
        var inputs: [Int?] = []
        for name in node.inputs {
            guard !name.isEmpty else {
                inputs.append(nil)
                continue
            }
            // Nodes come in the order of their work, so that a cycle is a missing input.
            guard let place = places[name] else {
                throw .graph("\(node.title) needs \(name), which nothing makes before it")
            }
            inputs.append(place)
        }
        return inputs
    }

    /// What depends on no row is computed here, once.
    private mutating func compute(_ step: Plan.Step) throws(ONNXError) {
        do throws(KernelFailure) {
            let made = try step.run(constants, &meter)
            for (place, value) in zip(step.outputs, made) {
                if let place { constants[place] = value }
            }
        } catch {
            guard case .refused(let reason) = error else { throw .tooExpensive }
            throw .unsupported(node: step.title, reason)
        }
    }

    /// So that a run holds no value longer than it must.
    private mutating func findLastUses(_ outputs: [Int]) {
        var isNeeded = Set(outputs)
        for index in steps.indices.reversed() {
            let own = (steps[index].inputs + steps[index].outputs).compactMap { $0 }
            for place in own where constants[place] == nil && isNeeded.insert(place).inserted {
                steps[index].lastUses.append(place)
            }
        }
    }

    private static func cost(_ kernel: any Kernel, _ constants: [Value?]) -> Int {
        switch kernel {
        case let trees as TreeClassifierKernel: trees.forest.stepCountMax
        case let trees as TreeRegressorKernel: trees.forest.stepCountMax
        case let vectors as SupportVectorKernel: vectors.vectors.elementCount
        case let vectors as SupportRegressorKernel: vectors.vectors.elementCount
        case let linear as LinearClassifierKernel: linear.rows.weights.count
        case let linear as LinearRegressorKernel: linear.rows.weights.count
        default:
            // A product's cost is its weights'; a column's is small.
            constants.reduce(16) { $0 + ($1?.count ?? 0) }
        }
    }
}
