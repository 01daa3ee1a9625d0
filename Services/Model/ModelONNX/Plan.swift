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
        /// Values that nothing needs after this step.
        var lastUses: [Int] = []
    }

    /// What one run took.
    struct Cost: Sendable {
        var operations = 0
        var elements = 0
    }

    /// Values that are known before any row, by place.
    let constants: [Value?]
    /// In the order of the file.
    let inputPlaces: [Int]
    let steps: [Step]
    /// In the order of the file.
    let outputs: [(name: String, place: Int)]

    var operationsPerRow: Int { steps.reduce(0) { $0 + $1.operationsPerRow } }

    /// The values of all outputs.
    func run(_ given: [Value]) throws(ONNXError) -> (outputs: [Value], cost: Cost) {
        guard given.count == inputPlaces.count else { throw .graph("\(given.count) inputs") }
        var values = constants
        for (place, value) in zip(inputPlaces, given) { values[place] = value }
        var meter = Meter()
        for step in steps {
            do throws(KernelFailure) {
                let made = try step.run(values, &meter)
                for (place, value) in zip(step.outputs, made) {
                    if let place { values[place] = value }
                }
            } catch {
                throw error.running(step.title)
            }
            for place in step.lastUses { values[place] = nil }
        }
        var results: [Value] = []
        for (name, place) in outputs {
            guard let value = values[place] else { throw .graph("output \(name) is not made") }
            results.append(value)
        }
        return (results, Cost(operations: meter.operationsSpent, elements: meter.elementsMade))
    }
}

extension Plan {
    /// The step that makes a value, and as which of its outputs.
    func maker(of place: Int) -> (step: Step, output: Int)? {
        for step in steps {
            if let output = step.outputs.firstIndex(of: place) { return (step, output) }
        }
        return nil
    }

    /// Whether a step multiplies or divides by a constant 1, as one exporter ends its files.
    func isByOne(_ step: Step) -> Bool { isBy(1, step) }

    /// Whether a step multiplies or divides by a constant -1.
    func isByMinusOne(_ step: Step) -> Bool { isBy(-1, step) }

    private func isBy(_ factor: Float, _ step: Step) -> Bool {
        guard let kernel = step.kernel as? ArithmeticKernel, step.inputs.count == 2,
            let place = step.inputs[1], case .floats(let constant)? = constants[place],
            constant.elements == [factor]
        else { return false }
        return [0.25, 0.75].allSatisfy { kernel.reals($0, Double(factor)) == $0 * Double(factor) }
    }
}

extension Plan.Step {
    /// The values that it makes, at least as many as it has outputs.
    func run(_ values: [Value?], _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let made = try kernel.run(
            Inputs(values: inputs.map { $0.flatMap { values[$0] } }), &meter)
        guard made.count >= outputs.count else { throw .refused("too few outputs") }
        for value in made {
            guard value.shape.count <= ONNXLimits.rankMax else {
                throw .refused("too many dimensions")
            }
            try meter.keep(value)
        }
        return made
    }
}

extension KernelFailure {
    func running(_ title: String) -> ONNXError {
        switch self {
        case .refused(let reason): .running(node: title, reason)
        case .tooExpensive: .tooExpensive
        }
    }
}
