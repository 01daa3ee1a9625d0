/// A graph that is ready to run: names are gone, every node is compiled, every input is known.
struct Plan: Sendable {
    struct Step: Sendable {
        let title: String
        let kernel: any Kernel
        /// Places of the inputs; nil where one is left out.
        let inputs: [Int?]
        let outputs: [Int?]
        /// About how many multiplications one row takes.
        let operationsPerRow: Int
    }

    /// Values that are known before any row, by place.
    let constants: [Value?]
    let inputPlace: Int
    let featureCount: Int?
    let steps: [Step]
    /// In the order of the file.
    let outputs: [(name: String, place: Int)]

    var operationsPerRow: Int { steps.reduce(0) { $0 + $1.operationsPerRow } }

    /// The values of all outputs for `count` rows.
    func run(_ rows: [Float], count: Int, width: Int) throws(ONNXError) -> [Value] {
        var values = constants
        values[inputPlace] = .floats(Tensor([count, width], rows))
        var meter = Meter()
        for step in steps {
            let inputs = Inputs(values: step.inputs.map { $0.flatMap { values[$0] } })
            do throws(KernelFailure) {
                let made = try step.kernel.run(inputs, &meter)
                guard made.count >= step.outputs.count else { throw .refused("too few outputs") }
                for (place, value) in zip(step.outputs, made) {
                    if let place { values[place] = value }
                }
            } catch {
                switch error {
                case .refused(let reason): throw .running(node: step.title, reason)
                case .tooExpensive: throw .tooExpensive
                }
            }
        }
        var results: [Value] = []
        for (name, place) in outputs {
            guard let value = values[place] else { throw .graph("output \(name) is not made") }
            results.append(value)
        }
        return results
    }
}

/// Makes a plan of a file's graph, or says why not.
struct PlanBuilder {
    private static let versions: [String: ClosedRange<Int64>] = ["": 7...25, "ai.onnx.ml": 1...5]

    private let file: GraphFile
    private var places: [String: Int] = [:]
    private var constants: [Value?] = []

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
        // Old files list their weights among the inputs.
        let inputs = file.inputs.filter { places[$0.name] == nil }
        guard inputs.count == 1, let input = inputs.first else {
            throw .graph("\(inputs.count) inputs, one is needed")
        }
        guard input.elementType == 1, input.shape.count == 2 else {
            throw .graph("the input \(input.name) is not rows of single precision")
        }
        let inputPlace = try define(input.name, nil)
        var steps: [Plan.Step] = []
        steps.reserveCapacity(file.nodes.count)
        for node in file.nodes { steps.append(try step(node)) }
        guard !file.outputs.isEmpty else { throw .graph("no outputs") }
        var outputs: [(name: String, place: Int)] = []
        for name in file.outputs {
            guard let place = places[name] else { throw .graph("output \(name) is not made") }
            outputs.append((name, place))
        }
        let width = input.shape[1].flatMap { $0 > 0 ? Int($0) : nil }
        return Plan(
            constants: constants, inputPlace: inputPlace, featureCount: width, steps: steps,
            outputs: outputs)
    }

    /// Gives a name its place.
    @discardableResult
    private mutating func define(_ name: String, _ value: Value?) throws(ONNXError) -> Int {
        guard places[name] == nil else { throw .graph("\(name) is made twice") }
        places[name] = constants.count
        constants.append(value)
        return constants.count - 1
    }

    private mutating func step(_ node: GraphFile.Node) throws(ONNXError) -> Plan.Step {
        guard let version = file.operatorSets[node.domain] else {
            throw .version("no operator set of domain \"\(node.domain)\"")
        }
        guard
            let builder = Operators.builder(domain: node.domain, operation: node.operation)
        else { throw .unsupported(node: node.title, "operator \(node.domain) \(node.operation)") }
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
        let known = inputs.map { $0.flatMap { constants[$0] } }
        let kernel: any Kernel
        do throws(KernelFailure) {
            var attributes = NodeAttributes(node, version: version, constants: known)
            kernel = try builder(&attributes)
            try attributes.finish()
        } catch {
            guard case .refused(let reason) = error else { throw .tooExpensive }
            throw .unsupported(node: node.title, reason)
        }
        var outputs: [Int?] = []
        for name in node.outputs { outputs.append(name.isEmpty ? nil : try define(name, nil)) }
        return Plan.Step(
            title: node.title, kernel: kernel, inputs: inputs, outputs: outputs,
            operationsPerRow: PlanBuilder.cost(kernel, known))
    }

    private static func cost(_ kernel: any Kernel, _ constants: [Value?]) -> Int {
        switch kernel {
        case let trees as TreeClassifierKernel: trees.forest.stepCountMax
        case let trees as TreeRegressorKernel: trees.forest.stepCountMax
        case let vectors as SupportVectorKernel: vectors.vectors.count
        case let linear as LinearClassifierKernel: linear.rows.weights.count
        case let linear as LinearRegressorKernel: linear.rows.weights.count
        default:
            // A product's cost is its weights'; a column's is small.
            constants.reduce(16) { $0 + ($1?.shape.reduce(1, *) ?? 0) }
        }
    }
}
