/// `TreeEnsembleClassifier`.
struct TreeClassifierKernel: Kernel, Classifying {
    /// How the sums become the scores of the classes; as ONNX Runtime does it.
    enum Form: Sendable {
        /// A sum for each class.
        case each
        /// Two classes, one sum, which is a probability: its complement is the other's.
        case complement
        /// Two classes, one sum, which is a margin: its negative is the other's.
        case margin
    }

    let forest: Forest
    let labels: ClassLabels
    let base: [Float]
    let transform: PostTransform
    let form: Form

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let labels = try ClassLabels.read(
            &attributes, ints: "classlabels_int64s", texts: "classlabels_strings")
        let forest = try ForestReader.read(
            &attributes, prefix: "class", targetCount: labels.count)
        let base = try attributes.floats("base_values")
        let transform = try PostTransform.read(&attributes)
        guard labels.count >= 2 else { throw .refused("a single class") }
        let isSingle = labels.count == 2 && forest.weights.allSatisfy { $0.target == 0 }
        let form: Form =
            !isSingle
            ? .each : forest.weights.allSatisfy { $0.value >= 0 } ? .complement : .margin
        let sums = isSingle ? 1 : labels.count
        // For two classes with a sum each, runtimes disagree about what a base is added to.
        guard base.isEmpty || (base.count == sums && (isSingle || sums > 2)) else {
            throw .refused("\(base.count) base values for \(sums) sums")
        }
        guard form == .each || transform == .none || transform == .logistic else {
            throw .refused("\(transform.rawValue) of a single score")
        }
        return TreeClassifierKernel(
            forest: forest, labels: labels,
            base: base.isEmpty ? [Float](repeating: 0, count: sums) : base,
            transform: transform, form: form)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (count, width, elements) = try inputs.rows(0)
        let sums = try forest.sums(
            elements, count: count, width: width, targets: base.count, &meter)
        var scores: [Float] = []
        scores.reserveCapacity(count * labels.count)
        var places: [Int] = []
        places.reserveCapacity(count)
        for row in 0..<count {
            var own = sums[row * base.count..<(row + 1) * base.count]
            for (index, value) in zip(own.indices, base) { own[index] += value }
            switch form {
            case .each:
                places.append(own.placeOfHighest)
                transform.apply(to: &own)
                scores += own
            case .complement, .margin:
                let score = own[own.startIndex]
                places.append(score > (form == .complement ? 0.5 : 0) ? 1 : 0)
                scores += pair(score)
            }
        }
        return [labels.value(places), .floats(Tensor([count, labels.count], scores))]
    }
}

extension TreeClassifierKernel {
    /// The scores of two classes that share one sum.
    private func pair(_ score: Float) -> [Float] {
        if transform == .logistic {
            return [PostTransform.logistic(-score), PostTransform.logistic(score)]
        }
        return form == .complement ? [1 - score, score] : [-score, score]
    }
}

/// `TreeEnsembleRegressor`.
struct TreeRegressorKernel: Kernel {
    enum Aggregate: String {
        case sum = "SUM"
        case average = "AVERAGE"
        case lowest = "MIN"
        case highest = "MAX"
    }

    let forest: Forest
    let base: [Float]
    let aggregate: Aggregate
    let transform: PostTransform

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        guard let targets = Int(exactly: try attributes.int("n_targets") ?? 1),
            (1...10_000).contains(targets)
        else { throw .refused("n_targets") }
        let forest = try ForestReader.read(&attributes, prefix: "target", targetCount: targets)
        let base = try attributes.floats("base_values")
        guard base.isEmpty || base.count == targets else {
            throw .refused("\(base.count) base values for \(targets) targets")
        }
        let name = try attributes.text("aggregate_function") ?? "SUM"
        guard let aggregate = Aggregate(rawValue: name) else { throw .refused("aggregate \(name)") }
        return TreeRegressorKernel(
            forest: forest, base: base.isEmpty ? [Float](repeating: 0, count: targets) : base,
            aggregate: aggregate, transform: try PostTransform.read(&attributes))
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (count, width, elements) = try inputs.rows(0)
        var scores =
            switch aggregate {
            case .sum, .average:
                try forest.sums(elements, count: count, width: width, targets: base.count, &meter)
            case .lowest, .highest:
                try forest.extremes(
                    elements, count: count, width: width, targets: base.count,
                    isHighest: aggregate == .highest, &meter)
            }
        for row in 0..<count {
            let range = row * base.count..<(row + 1) * base.count
            for (index, value) in zip(range, base) {
                if aggregate == .average { scores[index] /= Float(forest.roots.count) }
                scores[index] += value
            }
            transform.apply(to: &scores[range])
        }
        return [.floats(Tensor([count, base.count], scores))]
    }
}

extension Forest {
    /// The sum of the leaves' weights for each row and target, in order of the trees.
    func sums(
        _ rows: [Float], count: Int, width: Int, targets: Int, _ meter: inout Meter
    ) throws(KernelFailure) -> [Float] {
        try check(count: count, width: width, &meter)
        var sums = [Float](repeating: 0, count: count * targets)
        rows.withUnsafeBufferPointer { rows in
            for row in 0..<count {
                for root in roots {
                    for index in leaf(of: root, rows, at: row * width) {
                        sums[row * targets + Int(weights[index].target)] += weights[index].value
                    }
                }
            }
        }
        return sums
    }

    /// The lowest or highest of the trees' weights for each row and target; 0 where none has one.
    func extremes(
        _ rows: [Float], count: Int, width: Int, targets: Int, isHighest: Bool,
        _ meter: inout Meter
    ) throws(KernelFailure) -> [Float] {
        try check(count: count, width: width, &meter)
        var found = [Float?](repeating: nil, count: count * targets)
        rows.withUnsafeBufferPointer { rows in
            for row in 0..<count {
                for root in roots {
                    for index in leaf(of: root, rows, at: row * width) {
                        let place = row * targets + Int(weights[index].target)
                        let value = weights[index].value
                        let before = found[place] ?? value
                        found[place] = isHighest ? max(before, value) : min(before, value)
                    }
                }
            }
        }
        return found.map { $0 ?? 0 }
    }

    private func check(count: Int, width: Int, _ meter: inout Meter) throws(KernelFailure) {
        guard width >= featureCountMin else {
            throw .refused("\(width) columns, \(featureCountMin) are needed")
        }
        try meter.spend(count, stepCountMax)
    }
}
