import ModelCore
import ModelKernels
import ModelONNX
import ModelSVM
public import ModelTraining

extension SVMMethod {
    /// ε-SVR of the quantity, brought to mean 0 and deviation 1.
    public func learnQuantity(
        _ table: TrainingTable, _ imputation: ImputationRule, progress: (Int) -> Bool
    ) async throws(TrainerError) -> any QuantityMachine {
        guard nu == nil, classWeights == .equal else {
            throw .training("nu and class weights are for classes, not for a quantity")
        }
        let inputs = try NetworkInputs(imputation, tail: tail, of: table)
        let values = inputs.inputs(of: table)
        let scale = try QuantityScale(table)
        let curve = curve(values, width: inputs.inputCount)
        let trained: TrainedMachine
        do throws(SVMError) {
            trained = try SVMTraining.regress(
                SVMRows(featureCount: inputs.inputCount, values: values),
                targets: table.quantities.map(scale.normal),
                SVMOptions(
                    task: .regression(cost: cost, epsilon: epsilon), curve: KernelCurve(curve))
            ) { _, _ in progress(0) }
        } catch {
            throw error == .stopped ? .stopped : .training(error.description)
        }
        guard !trained.vectorRows.isEmpty else {
            throw .training("no row is further from the mean than epsilon: nothing to learn")
        }
        let goesOn = progress(1)
        let machine = VectorMachine(
            inputs: inputs, curve: curve, vectors: trained.machine.vectors,
            coefficients: trained.machine.coefficients.map { Float($0) },
            intercept: Float(trained.machine.intercept))
        return try QuantitySVM(
            machine.moved(slope: scale.deviation, shift: scale.mean),
            missing: inputs.missing(imputation), wasStopped: trained.wasStopped || !goesOn)
    }
}

/// A machine whose decision value is a quantity.
private struct QuantitySVM: QuantityMachine {
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

    var outOfBag: [Double]? { nil }
    var importances: [Double]? { nil }

    func answers(_ table: TrainingTable) throws(TrainerError) -> [Double] {
        try values(machine.inputs.inputs(of: table))
    }

    func scores(_ row: [Float]) throws(TrainerError) -> [Double] {
        try values(machine.inputs.inputs(of: row[...]))
    }

    private func values(_ inputs: [Float]) throws(TrainerError) -> [Double] {
        do throws(SVMError) { return try scorer.decisionValues(inputs) } catch {
            throw .training(error.description)
        }
    }

    func bytes(_ manifest: Manifest) throws(TrainerError) -> [UInt8] {
        do throws(VectorMachineWriteError) {
            return try ArtifactWriter.bytes(machine, manifest: manifest)
        } catch { throw .artifact("\(error)") }
    }
}
