import ModelCore
import ModelONNX
import ModelSVM
public import ModelTraining

extension SVMMethod {
    /// One machine a class, which tells it from all others.
    public func learnClasses(
        _ table: TrainingTable, _ imputation: ImputationRule, progress: (Int) -> Bool
    ) async throws(TrainerError) -> any ClassMachine {
        let inputs = try NetworkInputs(imputation, tail: tail, of: table)
        let values = inputs.inputs(of: table)
        var machines: [VectorMachine] = []
        for index in 0..<table.classCount {
            let one = try machine(
                inputs, values, labels: table.classes.map { $0 == index }
            ) { progress(index) }
            machines.append(one.machine)
            // Without the machines of the other classes a part is no model.
            guard !one.wasStopped, progress(index + 1) || index == table.classCount - 1 else {
                throw .stopped
            }
        }
        return try ClassSVMMachine(
            VectorMachines(
                machines: machines, slope: 1,
                shifts: [Float](repeating: 0, count: machines.count)),
            missing: inputs.missing(imputation))
    }

    public func stepCount(classCount: Int) -> Int { stepCount * classCount }
}

/// Machines of several classes; their raw scores are their decision values.
private struct ClassSVMMachine: ClassMachine, CalibratedMachine {
    let machines: VectorMachines
    let scorers: [SVMScorer]
    let missing: [MissingTreatment]

    init(_ machines: VectorMachines, missing: [MissingTreatment]) throws(TrainerError) {
        self.machines = machines
        self.missing = missing
        scorers = try machines.machines.map { machine throws(TrainerError) in
            try machine.scorer()
        }
    }

    /// A part of the machines is no model, so a stop throws instead.
    var wasStopped: Bool { false }
    var outOfBag: [[Double]?]? { nil }
    var importances: [Double]? { nil }
    var hasLogits: Bool { true }
    var calibration: Calibration { .none }

    func rawScores(_ table: TrainingTable) throws(TrainerError) -> [[Double]] {
        guard let inputs = machines.machines.first?.inputs.inputs(of: table) else { return [] }
        do throws(SVMError) {
            let byClass = try scorers.map { scorer throws(SVMError) in
                try scorer.decisionValues(inputs)
            }
            return (0..<table.rowCount).map { row in byClass.map { $0[row] } }
        } catch { throw .training(error.description) }
    }

    func calibrated(by line: SoftmaxLine?) throws(TrainerError) -> any CalibratedMachine {
        guard let line else { return self }
        var moved = machines
        moved.slope = Float(line.slope)
        moved.shifts = line.shifts.map { Float($0) }
        return try ClassSVMMachine(moved, missing: missing)
    }

    func scores(_ row: [Float]) throws(TrainerError) -> [Double] {
        guard let inputs = machines.machines.first?.inputs.inputs(of: row[...]) else { return [] }
        do throws(SVMError) {
            let raw = try scorers.map { scorer throws(SVMError) in
                try scorer.decisionValues(inputs)[0]
            }
            return SoftmaxLine(
                slope: Double(machines.slope), shifts: machines.shifts.map { Double($0) }
            ).probabilities(raw)
        } catch { throw .training(error.description) }
    }

    func bytes(_ manifest: Manifest) throws(TrainerError) -> [UInt8] {
        if let network = machines.network {
            do throws(NetworkWriteError) {
                return try ArtifactWriter.bytes(network, manifest: manifest)
            } catch { throw .artifact("\(error)") }
        }
        do throws(VectorMachineWriteError) {
            return try ArtifactWriter.bytes(machines, manifest: manifest)
        } catch { throw .artifact("\(error)") }
    }
}
