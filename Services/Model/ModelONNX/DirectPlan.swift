import ModelCore
import ModelKernels

/// Finds the one line that leads from a plan's rows to its scores: columns prepared, layers or a
/// machine of support vectors, and what makes scores of them.
struct DirectPlan {
    private(set) var stages: [DirectStage] = []
    private(set) var end = DirectEnd.nothing
    /// The scores are multiplied by -1 at last, as one exporter ends its files of machines.
    private(set) var isNegated = false
    /// How many scores a row has.
    private(set) var classCount = 0
    private let plan: Plan

    /// Nil where there is anything else on the way.
    init?(_ plan: Plan, scorePlace: Int, featureCount: Int, isSingleColumn: Bool) {
        self.plan = plan
        var place = scorePlace
        skipPasses(&place)
        guard !isNegated || !isSingleColumn else { return nil }
        if isSingleColumn { end = .complement } else { findEnd(&place) }
        while plan.inputPlaces != [place] {
            guard let (stage, before) = stage(making: place) else { return nil }
            if let stage { stages.append(stage) }
            place = before
        }
        stages.reverse()
        joinStages()
        guard !stages.isEmpty || !isNothing, let count = scoreCount(featureCount: featureCount)
        else { return nil }
        classCount = count
        joinLayers()
    }

    /// How many scores a row has after all stages; nil where one does not fit the one before it.
    private func scoreCount(featureCount: Int) -> Int? {
        var width = featureCount
        for stage in stages {
            guard let next = stage.width(after: width, given: featureCount) else { return nil }
            width = next
        }
        return end.classCount(after: width)
    }

    private var isNothing: Bool {
        if case .nothing = end { true } else { false }
    }

    /// Steps over what leaves numbers of single precision as they are, but for their sign.
    private mutating func skipPasses(_ place: inout Int) {
        while let (step, _) = plan.maker(of: place), let input = step.inputs.first ?? nil {
            if plan.isByMinusOne(step) {
                isNegated.toggle()
            } else if !isPass(step.kernel) && !plan.isByOne(step) {
                return
            }
            place = input
        }
    }

    private func isPass(_ kernel: any Kernel) -> Bool {
        if let cast = kernel as? CastKernel { return cast.target == .float }
        return kernel is PassKernel
    }

    private mutating func findEnd(_ place: inout Int) {
        guard let (step, output) = plan.maker(of: place), let input = step.inputs.first ?? nil
        else { return }
        switch step.kernel {
        case let softmax as SoftmaxKernel where softmax.isOfRows: end = .softmax(softmax)
        case let linear as LinearClassifierKernel where output == 1: end = .linear(linear)
        case let machine as SupportVectorKernel where output == 1: end = .machine(machine)
        case is ConcatKernel:
            guard let second = complemented(step) else { return }
            end = .complement
            place = second
            return
        default: return
        }
        place = input
    }

    /// The column that a step joins to 1 less it.
    private func complemented(_ step: Plan.Step) -> Int? {
        guard let (first, second) = pair(step), let (less, _) = plan.maker(of: first),
            let kernel = less.kernel as? ArithmeticKernel, kernel.form == .difference,
            less.inputs.count == 2, less.inputs[1] == second, let one = less.inputs[0],
            case .floats(let constant)? = plan.constants[one], constant.elements == [1]
        else { return nil }
        return second
    }

    /// The two inputs whose columns a step joins.
    private func pair(_ step: Plan.Step) -> (Int, Int)? {
        guard let kernel = step.kernel as? ConcatKernel, kernel.axis == 1 || kernel.axis == -1,
            step.inputs.count == 2, let first = step.inputs[0], let second = step.inputs[1]
        else { return nil }
        return (first, second)
    }

    /// The stage that makes a value, if it is more than handing on, and what it is made of.
    private func stage(making place: Int) -> (DirectStage?, before: Int)? {
        guard let (step, output) = plan.maker(of: place), output == 0,
            let input = step.inputs.first ?? nil
        else { return nil }
        if isPass(step.kernel) { return (nil, input) }
        switch step.kernel {
        case let kernel as PreparationKernel: return (.prepare(kernel.preparation), input)
        case let kernel as GemmKernel: return kernel.layer.map { (.layer($0), input) }
        case let kernel as MatMulKernel: return kernel.layer.map { (.layer($0), input) }
        case let kernel as UnaryKernel where kernel.bend != .none:
            return (.bend(kernel.bend), input)
        case let kernel as LinearRegressorKernel
        where kernel.transform == .none && !kernel.isOneClass:
            return (.layer(kernel.rows.layer), input)
        case let kernel as SupportRegressorKernel: return (.machine(kernel), input)
        case let kernel as ArithmeticKernel:
            return columnStage(kernel, step).map { ($0, input) }
        case is ConcatKernel:
            guard let (first, second) = pair(step), let columns = watched(second) else {
                return nil
            }
            return (.mark(columns), first)
        default: return nil
        }
    }

    /// What a step does to each column with a number of its own.
    private func columnStage(_ kernel: ArithmeticKernel, _ step: Plan.Step) -> DirectStage? {
        guard step.inputs.count == 2, let other = step.inputs[1],
            case .floats(let row)? = plan.constants[other],
            row.shape.count == 1 || row.shape == [1, row.elements.count]
        else { return nil }
        return switch kernel.form {
        case .sum: .add(row.elements)
        case .highest: .raise(row.elements)
        case .lowest: .lower(row.elements)
        case .difference, .other: nil
        }
    }

    /// The columns of the rows of which a value says whether they are missing.
    private func watched(_ place: Int) -> [Int]? {
        guard let (step, _) = plan.maker(of: place),
            let less = step.kernel as? ArithmeticKernel, less.form == .difference,
            step.inputs.count == 2, let ones = step.inputs[0], let zeros = step.inputs[1],
            let maybe = filled(ones, with: 1), maybe == filled(zeros, with: 0),
            let (picked, _) = plan.maker(of: maybe), picked.kernel is ColumnsKernel,
            picked.inputs.count == 2, picked.inputs[0] == plan.inputPlaces.first,
            let picks = picked.inputs[1], case .ints(let columns)? = plan.constants[picks]
        else { return nil }
        let places = columns.elements.compactMap { Int(exactly: $0) }
        return places.count == columns.elements.count ? places : nil
    }

    /// What a step fills where there is no number.
    private func filled(_ place: Int, with number: Float) -> Int? {
        guard let (step, _) = plan.maker(of: place),
            let kernel = step.kernel as? PreparationKernel,
            case .impute(let replaced, let values) = kernel.preparation, replaced.isNaN,
            values.allSatisfy({ $0 == number })
        else { return nil }
        return step.inputs.first ?? nil
    }

    /// Makes one stage of a layer, its bias and its bend.
    private mutating func joinStages() {
        stages = stages.reduce(into: []) { joined, stage in
            if let one = joined.last?.joined(stage) {
                joined[joined.count - 1] = one
            } else {
                joined.append(stage)
            }
        }
    }

    /// Makes one stage of layers that follow each other, once each is known to fit.
    private mutating func joinLayers() {
        var joined: [DirectStage] = []
        var layers: [DenseLayer] = []
        for stage in stages {
            if case .layer(let layer) = stage {
                layers.append(layer)
                continue
            }
            if !layers.isEmpty { joined.append(.layers(DenseLayers(layers))) }
            layers = []
            joined.append(stage)
        }
        if !layers.isEmpty { joined.append(.layers(DenseLayers(layers))) }
        stages = joined
    }
}

extension SoftmaxKernel {
    /// Whether it makes probabilities of the columns of each row.
    fileprivate var isOfRows: Bool { form == .probability && (axis == 1 || axis == -1) }
}
