import ModelCore
import ModelKernels
import ModelONNX
public import ModelSVM
public import ModelTraining

/// Support vector machines: C-SVC, ν-SVC or ε-SVR on standardised features.
public struct SVMMethod: Method {
    public enum Kernel: Hashable, Sendable {
        case linear
        case radial
        case polynomial(degree: Int)
        case sigmoid
    }

    /// How far a vector's influence reaches.
    public enum Gamma: Hashable, Sendable {
        /// 1 / (inputs · variance of all inputs).
        case scale
        /// So many times the scale.
        case scaled(Double)
        case given(Double)
    }

    /// What a row on the wrong side costs.
    public var cost: Double
    /// ν-SVC instead: at most this share of rows on the wrong side.
    public var nu: Double?
    public var kernel: Kernel
    public var gamma: Gamma
    /// Of polynomial and sigmoid kernels.
    public var offset: Double
    public var classWeights: SVMOptions.ClassWeights
    /// Of a quantity: errors up to so many of its deviations cost nothing.
    public var epsilon: Double
    /// The share of each feature's values at each end that are drawn in to the others.
    public var tail: Double
    public var seed: UInt64

    public init(
        cost: Double = 1, nu: Double? = nil, kernel: Kernel = .radial, gamma: Gamma = .scale,
        offset: Double = 0,
        classWeights: SVMOptions.ClassWeights = .equal, epsilon: Double = 0.1, tail: Double = 0,
        seed: UInt64
    ) {
        self.cost = cost
        self.nu = nu
        self.kernel = kernel
        self.gamma = gamma
        self.offset = offset
        self.classWeights = classWeights
        self.epsilon = epsilon
        self.tail = tail
        self.seed = seed
    }

    public var kind: String { "svm" }
    public var title: String { "support vector machine" }
    public var stepCount: Int { 1 }
    public var hasOutOfBag: Bool { false }

    public var space: [String: SearchSpace.Values] {
        var space: [String: SearchSpace.Values] = ["cost": .logarithmic(0.01...100)]
        if kernel != .linear { space["gamma"] = .logarithmic(0.01...10) }
        return space
    }

    public func choosing(_ setting: Setting) -> SVMMethod {
        var chosen = self
        if let cost = setting["cost"] { chosen.cost = cost }
        if let gamma = setting["gamma"] { chosen.gamma = .scaled(gamma) }
        return chosen
    }

    public func learn(
        _ table: TrainingTable, _ imputation: ImputationRule, progress: (Int) -> Bool
    ) async throws(TrainerError) -> any Machine {
        let inputs = try NetworkInputs(imputation, tail: tail, of: table)
        let trained = try machine(
            inputs, inputs.inputs(of: table), labels: table.labels, progress: { progress(0) })
        let goesOn = progress(1)
        return try SVMMachine(
            trained.machine, missing: inputs.missing(imputation),
            wasStopped: trained.wasStopped || !goesOn)
    }

    /// A machine that tells rows with a label from those without.
    func machine(
        _ inputs: NetworkInputs, _ values: [Float], labels: [Bool], progress: () -> Bool
    ) throws(TrainerError) -> (machine: VectorMachine, wasStopped: Bool) {
        let curve = curve(values, width: inputs.inputCount)
        let trained: TrainedMachine
        do throws(SVMError) {
            trained = try SVMTraining.classify(
                SVMRows(featureCount: inputs.inputCount, values: values), labels: labels,
                SVMOptions(
                    task: nu.map { .nuClassification(nu: $0) } ?? .classification(cost: cost),
                    curve: KernelCurve(curve), classWeights: classWeights)
            ) { _, _ in progress() }
        } catch {
            throw error == .stopped ? .stopped : .training(error.description)
        }
        return (
            VectorMachine(
                inputs: inputs, curve: curve, vectors: trained.machine.vectors,
                coefficients: trained.machine.coefficients.map { Float($0) },
                intercept: Float(trained.machine.intercept)), trained.wasStopped
        )
    }

    func curve(_ values: [Float], width: Int) -> VectorMachine.Curve {
        let reach = Float(reach(values, width: width))
        return switch kernel {
        case .linear: .linear
        case .radial: .radial(gamma: reach)
        case .polynomial(let degree):
            .polynomial(gamma: reach, offset: Float(offset), degree: degree)
        case .sigmoid: .sigmoid(gamma: reach, offset: Float(offset))
        }
    }

    private func reach(_ values: [Float], width: Int) -> Double {
        if case .given(let gamma) = gamma { return gamma }
        let count = Double(values.count)
        let mean = values.reduce(0) { $0 + Double($1) } / count
        let squares = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        let scale = squares > 0 ? count / (squares * Double(width)) : 1
        if case .scaled(let factor) = gamma { return factor * scale }
        return scale
    }
}

extension KernelCurve {
    /// The curve as the kernels compute it.
    init(_ curve: VectorMachine.Curve) {
        self =
            switch curve {
            case .linear: .linear
            case .polynomial(let gamma, let offset, let degree):
                .polynomial(gamma: gamma, offset: offset, degree: degree)
            case .radial(let gamma): .radial(gamma: gamma)
            case .sigmoid(let gamma, let offset): .sigmoid(gamma: gamma, offset: offset)
            }
    }
}

extension VectorMachine {
    func scorer() throws(TrainerError) -> SVMScorer {
        do throws(SVMError) {
            return SVMScorer(
                try SupportVectorMachine(
                    curve: KernelCurve(curve), featureCount: inputs.inputCount, vectors: vectors,
                    coefficients: coefficients.map(Double.init), intercept: Double(intercept)))
        } catch { throw .training(error.description) }
    }
}

/// A trained machine; its raw score is the decision value.
private struct SVMMachine: Machine, CalibratedMachine {
    let machine: VectorMachine
    let scorer: SVMScorer
    let missing: [MissingTreatment]
    let wasStopped: Bool

    init(
        _ machine: VectorMachine, missing: [MissingTreatment], wasStopped: Bool
    ) throws(TrainerError) {
        self.machine = machine
        self.missing = missing
        self.wasStopped = wasStopped
        scorer = try machine.scorer()
    }

    var link: ScoreLink { .logistic }
    var outOfBag: [Double]? { nil }
    var importances: [Double]? { nil }
    var calibration: Calibration { .none }

    func rawScores(_ table: TrainingTable) throws(TrainerError) -> [Double] {
        try decisionValues(machine.inputs.inputs(of: table))
    }

    private func decisionValues(_ inputs: [Float]) throws(TrainerError) -> [Double] {
        do throws(SVMError) { return try scorer.decisionValues(inputs) } catch {
            throw .training(error.description)
        }
    }

    /// The line goes into the coefficients, so that the file's own answer is the probability.
    func calibrated(by line: LogisticLine?) throws(TrainerError) -> any CalibratedMachine {
        guard let line else { return self }
        return try SVMMachine(
            machine.moved(slope: line.slope, shift: line.intercept), missing: missing,
            wasStopped: wasStopped)
    }

    func scores(_ row: [Float]) throws(TrainerError) -> [Double] {
        let odds = try decisionValues(machine.inputs.inputs(of: row[...]))[0]
        return [Elementary.logistic(-odds), Elementary.logistic(odds)]
    }

    func bytes(_ manifest: Manifest) throws(TrainerError) -> [UInt8] {
        do throws(VectorMachineWriteError) {
            return try ArtifactWriter.bytes(machine, manifest: manifest)
        } catch { throw .artifact("\(error)") }
    }
}
