public import ModelCore

/// Why a support vector machine can't be written.
public enum VectorMachineWriteError: Error, Hashable, Sendable {
    case manifest(ManifestError)
    /// The machine is not one, or not the manifest's: what is wrong.
    case machine(String)
}

extension ArtifactWriter {
    /// The file of a machine, whose raw score is the log odds of the second class, or the manifest's
    /// quantity.
    ///
    /// Input `features` [N, n]; outputs `label` and `probabilities` [N, 2], or `estimate` [N, 1].
    /// Filling in, scaling and
    /// the indicators of missing values are nodes of the file. The sum of kernels is an
    /// `SVMRegressor`, and a `LinearClassifier` makes probabilities of it: runtimes disagree about
    /// the label of an `SVMClassifier` without Platt's numbers, and find its probabilities with
    /// them to two digits only.
    public static func bytes(
        _ machine: VectorMachine, manifest: Manifest
    ) throws(VectorMachineWriteError) -> [UInt8] {
        do throws(ManifestError) { try manifest.validate() } catch { throw .manifest(error) }
        try check(machine, manifest)
        return file(manifest) { graph in
            let inputs = graph.preparation(machine.inputs)
            guard let weights = machine.weights else {
                guard manifest.quantity == nil else {
                    return graph.kernels(machine, input: inputs, output: "estimate")
                }
                graph.kernels(machine, input: inputs, output: "log odds")
                let pass = DenseNetwork.Layer(weights: [1], biases: [0], activation: .identity)
                return graph.classes(pass, manifest.classes, input: "log odds")
            }
            let layer = DenseNetwork.Layer(
                weights: weights, biases: [machine.intercept], activation: .identity)
            graph.answers(layer, manifest, input: inputs)
        }
    }

    /// The file of machines of several classes: each its own sum of kernels, joined by a
    /// `LinearClassifier` that makes logits of them and probabilities of these.
    public static func bytes(
        _ machines: VectorMachines, manifest: Manifest
    ) throws(VectorMachineWriteError) -> [UInt8] {
        do throws(ManifestError) { try manifest.validate() } catch { throw .manifest(error) }
        guard let first = machines.machines.first, manifest.classes.count > 2,
            machines.machines.count == manifest.classes.count,
            machines.shifts.count == manifest.classes.count,
            machines.slope.isFinite, machines.shifts.allSatisfy(\.isFinite)
        else { throw .machine("\(machines.machines.count) machines") }
        for machine in machines.machines {
            guard machine.inputs == first.inputs else { throw .machine("inputs that differ") }
            try check(machine, of: manifest)
        }
        let count = manifest.classes.count
        return file(manifest) { graph in
            let inputs = graph.preparation(first.inputs)
            let values = machines.machines.indices.map { "value \($0)" }
            for (machine, value) in zip(machines.machines, values) {
                graph.kernels(machine, input: inputs, output: value)
            }
            graph.node("Concat", values, ["values"]) { $0.attribute("axis", int: 1) }
            let layer = DenseNetwork.Layer(
                weights: (0..<count * count).map { $0 % (count + 1) == 0 ? machines.slope : 0 },
                biases: machines.shifts, activation: .identity)
            graph.classes(layer, manifest.classes, input: "values")
        }
    }

    private static func check(
        _ machine: VectorMachine, _ manifest: Manifest
    ) throws(VectorMachineWriteError) {
        guard
            manifest.quantity != nil
                || (manifest.classes.count == 2 && manifest.positiveIndex == 1)
        else { throw .machine("the positive class must be the second of two") }
        try check(machine, of: manifest)
    }

    private static func check(
        _ machine: VectorMachine, of manifest: Manifest
    ) throws(VectorMachineWriteError) {
        if let problem = machine.inputs.problem(with: manifest) { throw .machine(problem) }
        guard !machine.coefficients.isEmpty,
            machine.vectors.count == machine.coefficients.count * machine.inputs.inputCount
        else { throw .machine("\(machine.coefficients.count) vectors") }
        guard machine.intercept.isFinite, machine.coefficients.allSatisfy(\.isFinite),
            machine.vectors.allSatisfy(\.isFinite),
            machine.weights?.allSatisfy(\.isFinite) ?? true
        else { throw .machine("a number that is none") }
        let (_, parameters) = machine.curve.attributes
        guard parameters.allSatisfy(\.isFinite), (0...64).contains(parameters[2]) else {
            throw .machine("the kernel \(machine.curve)")
        }
        if case .radial(let gamma) = machine.curve, gamma < 0 {
            throw .machine("a negative gamma")
        }
    }
}

extension VectorMachine.Curve {
    /// As ONNX names it, and gamma, offset and degree.
    fileprivate var attributes: (name: String, parameters: [Float]) {
        switch self {
        case .linear: ("LINEAR", [1, 0, 0])
        case .polynomial(let gamma, let offset, let degree):
            ("POLY", [gamma, offset, Float(degree)])
        case .radial(let gamma): ("RBF", [gamma, 0, 0])
        case .sigmoid(let gamma, let offset): ("SIGMOID", [gamma, offset, 0])
        }
    }
}

extension WireWriter {
    fileprivate mutating func kernels(
        _ machine: VectorMachine, input: String, output: String
    ) {
        let (name, parameters) = machine.curve.attributes
        node("SVMRegressor", [input], [output], domain: "ai.onnx.ml") {
            $0.attribute("coefficients", floats: machine.coefficients)
            $0.attribute("kernel_params", floats: parameters)
            $0.attribute("kernel_type", text: name)
            $0.attribute("n_supports", int: Int64(machine.coefficients.count))
            $0.attribute("one_class", int: 0)
            $0.attribute("post_transform", text: "NONE")
            $0.attribute("rho", floats: [machine.intercept])
            $0.attribute("support_vectors", floats: machine.vectors)
        }
    }
}
