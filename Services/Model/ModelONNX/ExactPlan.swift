import ModelCore

/// Finds the exact additive form of a plan: columns prepared one by one, then one tree ensemble or
/// one linear classifier.
struct ExactPlan {
    private let plan: Plan
    private let width: Int
    private let classCount: Int

    /// Nil where the plan has no such form.
    static func form(
        of plan: Plan, scorePlace: Int, positive: Int, width: Int, classCount: Int
    ) -> ExactForm? {
        let plan = ExactPlan(plan: plan, width: width, classCount: classCount)
        guard let (kernel, preparations) = plan.last(scorePlace) else { return nil }
        switch kernel {
        case let trees as TreeClassifierKernel where trees.isExplainable:
            return trees.exactForm(positive: positive, width: width, preparations: preparations)
        case let vectors as SupportVectorKernel where vectors.vectors.width == width:
            return vectors.exactForm(positive: positive, preparations: preparations)
        case let linear as LinearClassifierKernel where linear.rows.width == width:
            return linear.exactForm(positive: positive, preparations: preparations)
        default: return nil
        }
    }

    /// How a quantity is a sum; nil where it is not.
    static func quantity(of plan: Plan, scorePlace: Int, width: Int) -> ExactForm? {
        let plan = ExactPlan(plan: plan, width: width, classCount: 1)
        guard let (kernel, preparations) = plan.last(scorePlace, output: 0) else { return nil }
        switch kernel {
        case let trees as TreeRegressorKernel:
            return trees.exactForm(width: width, preparations: preparations)
        case let linear as LinearRegressorKernel where linear.rows.width == width:
            return linear.exactForm(preparations: preparations)
        case let machine as SupportRegressorKernel where machine.vectors.width == width:
            return machine.exactForm(preparations: preparations)
        default: return nil
        }
    }

    /// The trees of the second of two classes, where the first has the complement of its score.
    static func complementaryTrees(
        of plan: Plan, scorePlace: Int, width: Int, classCount: Int
    ) -> ExactForm? {
        let plan = ExactPlan(plan: plan, width: width, classCount: classCount)
        guard classCount == 2, let (kernel, preparations) = plan.last(scorePlace),
            let trees = kernel as? TreeClassifierKernel, trees.isComplementary
        else { return nil }
        return trees.exactForm(positive: 1, width: width, preparations: preparations)
    }

    /// The step that makes the scores as one of its outputs, and what is done to the columns before
    /// it.
    private func last(
        _ scorePlace: Int, output wanted: Int = 1
    ) -> (kernel: any Kernel, preparations: [Preparation])? {
        guard var (step, output) = plan.maker(of: scorePlace) else { return nil }
        while passesThrough(step.kernel) || plan.isByOne(step) {
            guard let input = step.inputs.first ?? nil, let before = plan.maker(of: input) else {
                return nil
            }
            (step, output) = before
        }
        guard output == wanted, let input = step.inputs.first ?? nil,
            let preparations = preparations(before: input)
        else { return nil }
        return (step.kernel, preparations)
    }

    /// Whether a step leaves scores as they are; two complementary ones have a sum of 1 already.
    private func passesThrough(_ kernel: any Kernel) -> Bool {
        switch kernel {
        case is PassKernel: true
        case let cast as CastKernel: cast.target == .float
        case let normalizer as NormalizerKernel: normalizer.norm == .sum && classCount == 2
        default: false
        }
    }

    /// What is done to the columns from the graph's input to `place`, in order; nil where it is
    /// anything else.
    private func preparations(before place: Int) -> [Preparation]? {
        var found: [Preparation] = []
        var place = place
        while plan.inputPlaces != [place] {
            guard let (step, _) = plan.maker(of: place), let input = step.inputs.first ?? nil else {
                return nil
            }
            if let kernel = step.kernel as? PreparationKernel {
                guard kernel.preparation.fits(width: width) else { return nil }
                found.append(kernel.preparation)
            } else if !(step.kernel is PassKernel) {
                guard let cast = step.kernel as? CastKernel, cast.target == .float else {
                    return nil
                }
            }
            place = input
        }
        return found.reversed()
    }
}

extension LinearClassifierKernel {
    fileprivate func exactForm(positive: Int, preparations: [Preparation]) -> ExactForm? {
        let link: ScoreLink = transform == .none ? .identity : .logistic
        func linear(_ weights: [Float], _ intercept: Float) -> ExactForm {
            .linear(weights: weights, intercept: intercept, preparations: preparations, link: link)
        }
        if isBinary {
            if positive == 1 { return linear(rows.row(0), rows.intercepts[0]) }
            let flipped = rows.row(0).map { -$0 }
            // The first class has the complement of a score, or the logistic of its negative.
            return linear(flipped, (link == .identity ? 1 : 0) - rows.intercepts[0])
        }
        switch transform {
        case .none, .logistic: return linear(rows.row(positive), rows.intercepts[positive])
        case .softmax where labels.count == 2:
            let other = 1 - positive
            return linear(
                zip(rows.row(positive), rows.row(other)).map { $0 - $1 },
                rows.intercepts[positive] - rows.intercepts[other])
        default: return nil
        }
    }
}

extension SupportVectorKernel {
    /// Two classes and a linear kernel: the margin is a weighted sum, whatever becomes of it.
    fileprivate func exactForm(positive: Int, preparations: [Preparation]) -> ExactForm? {
        guard classCount == 2, let elements = vectors.linear else { return nil }
        // The second class has the margin, or the logistic of it. Platt's probabilities are coupled
        // by rounds that stop when they are near enough: no exact account adds up to them.
        guard plattA.isEmpty, transform == .none || transform == .logistic else { return nil }
        let sign: Double = positive == 1 ? 1 : -1
        let width = vectors.width
        var weights = [Double](repeating: 0, count: width)
        for vector in 0..<vectorCount {
            let factor = sign * Double(coefficients[vector])
            for column in 0..<width {
                weights[column] += factor * Double(elements[vector * width + column])
            }
        }
        return .linear(
            weights: weights.map { Float($0) },
            intercept: Float(sign * Double(rho[0])), preparations: preparations,
            link: transform == .none ? .identity : .logistic)
    }
}

extension TreeClassifierKernel {
    fileprivate var isExplainable: Bool {
        forest.depth <= Forest.explainedDepthMax
    }

    /// Whether the scores of two classes always have a sum of 1.
    fileprivate var isComplementary: Bool {
        guard labels.count == 2 else { return false }
        switch (form, transform) {
        case (.complement, .none), (.complement, .logistic), (.margin, .logistic): return true
        case (.each, .softmax): return true
        case (.each, .none):
            // Each leaf of a tree must bring both classes together the same.
            guard let total = forest.sumOfTreeTotals else { return false }
            return (total + base.reduce(0, +) - 1).magnitude < 1e-5
        default: return false
        }
    }

    fileprivate func exactForm(
        positive: Int, width: Int, preparations: [Preparation]
    ) -> ExactForm? {
        guard !forest.holdsEquality, forest.featureCountMin <= width, forest.hasFiniteThresholds
        else { return nil }
        func trees(
            _ base: Float, _ link: ScoreLink, _ factor: (Int32) -> Float
        ) -> ExactForm {
            let ensemble = forest.ensemble(width: width, base: base, factor)
            return forest.coversAddUp
                ? .trees(ensemble, preparations: preparations, link: link)
                : .coverless(ensemble, preparations: preparations, link: link)
        }
        let sign: Float = positive == 1 ? 1 : -1
        let link: ScoreLink = transform == .logistic ? .logistic : .identity
        let base = base.map { Float($0) }
        switch form {
        case .complement where link == .identity:
            return trees(positive == 1 ? base[0] : 1 - base[0], link) { _ in sign }
        case .complement, .margin: return trees(sign * base[0], link) { _ in sign }
        case .each:
            let target = Int32(positive)
            switch transform {
            case .none, .logistic: return trees(base[positive], link) { $0 == target ? 1 : 0 }
            case .softmax where labels.count == 2:
                return trees(base[positive] - base[1 - positive], .logistic) {
                    $0 == target ? 1 : -1
                }
            default: return nil
            }
        }
    }
}
