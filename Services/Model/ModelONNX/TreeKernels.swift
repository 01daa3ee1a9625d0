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
    let base: [Double]
    let transform: PostTransform
    let form: Form

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let labels = try ClassLabels.read(
            &attributes, ints: "classlabels_int64s", texts: "classlabels_strings")
        let forest = try ForestReader.read(
            &attributes, prefix: "class", targetCount: labels.count)
        let base = try attributes.reals("base_values")
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
            base: base.isEmpty ? [Double](repeating: 0, count: sums) : base,
            transform: transform, form: form)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        if case .doubles = try inputs.value(0) {
            let (places, scores) = try answers(inputs, Double.self, &meter)
            return [labels.value(places), .floats(scores.map { Float($0) })]
        }
        let (places, scores) = try answers(inputs, Float.self, &meter)
        return [labels.value(places), .floats(scores)]
    }

    private func answers<Number: BinaryFloatingPoint & Sendable>(
        _ inputs: Inputs, _ precision: Number.Type, _ meter: inout Meter
    ) throws(KernelFailure) -> (places: [Int], scores: Tensor<Number>) {
        let (count, width, elements) = try inputs.wideRows(0)
        var sums = try forest.sums(
            elements, count: count, width: width, targets: base.count, in: precision, &meter)
        var pairs: [Number] = []
        pairs.reserveCapacity(form == .each ? 0 : count * labels.count)
        var places: [Int] = []
        places.reserveCapacity(count)
        for row in 0..<count {
            let own = row * base.count..<(row + 1) * base.count
            for (place, value) in zip(own, base) { sums[place] += Number(value) }
            switch form {
            case .each:
                places.append(sums[own].placeOfHighest)
                transform.apply(to: &sums, at: own)
            case .complement, .margin:
                let score = sums[own.lowerBound]
                places.append(score > (form == .complement ? 0.5 : 0) ? 1 : 0)
                pairs += pair(score)
            }
        }
        return (places, Tensor([count, labels.count], form == .each ? sums : pairs))
    }

    /// The scores of two classes that share one sum.
    private func pair<Number: BinaryFloatingPoint>(_ score: Number) -> [Number] {
        if transform == .logistic {
            return [PostTransform.logistic(-score), PostTransform.logistic(score)]
        }
        return form == .complement ? [1 - score, score] : [-score, score]
    }
}

/// `TreeEnsembleRegressor`, and `TreeEnsemble` of version 5.
struct TreeRegressorKernel: Kernel {
    enum Aggregate: String, CaseIterable {
        case average = "AVERAGE"
        case sum = "SUM"
        case lowest = "MIN"
        case highest = "MAX"
    }

    let forest: Forest
    let base: [Double]
    let aggregate: Aggregate
    let transform: PostTransform
    /// Double precision is rounded at the end, as all versions but the fifth do.
    let makesSingle: Bool

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let targets = try targetCount(&attributes)
        let forest = try ForestReader.read(&attributes, prefix: "target", targetCount: targets)
        let base = try attributes.reals("base_values")
        guard base.isEmpty || base.count == targets else {
            throw .refused("\(base.count) base values for \(targets) targets")
        }
        let name = try attributes.text("aggregate_function") ?? "SUM"
        guard let aggregate = Aggregate(rawValue: name) else { throw .refused("aggregate \(name)") }
        return TreeRegressorKernel(
            forest: forest, base: base.isEmpty ? [Double](repeating: 0, count: targets) : base,
            aggregate: aggregate, transform: try PostTransform.read(&attributes),
            makesSingle: true)
    }

    @Sendable static func ensemble(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let targets = try targetCount(&attributes)
        let forest = try TreeEnsembleReader.read(&attributes, targetCount: targets)
        let number = try attributes.int("aggregate_function") ?? 1
        guard (0...3).contains(number) else { throw .refused("aggregate \(number)") }
        let code = try attributes.int("post_transform") ?? 0
        guard let transform = PostTransform(number: code) else {
            throw .refused("post transform \(code)")
        }
        return TreeRegressorKernel(
            forest: forest, base: [Double](repeating: 0, count: targets),
            aggregate: Aggregate.allCases[Int(number)], transform: transform, makesSingle: false)
    }

    private static func targetCount(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> Int {
        guard let targets = Int(exactly: try attributes.int("n_targets") ?? 1),
            (1...10_000).contains(targets)
        else { throw .refused("n_targets") }
        return targets
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        guard case .doubles = try inputs.value(0) else {
            return [.floats(try answers(inputs, Float.self, &meter))]
        }
        let scores = try answers(inputs, Double.self, &meter)
        return [makesSingle ? .floats(scores.map { Float($0) }) : .doubles(scores)]
    }

    private func answers<Number: BinaryFloatingPoint & Sendable>(
        _ inputs: Inputs, _ precision: Number.Type, _ meter: inout Meter
    ) throws(KernelFailure) -> Tensor<Number> {
        let (count, width, elements) = try inputs.wideRows(0)
        var scores =
            switch aggregate {
            case .sum, .average:
                try forest.sums(
                    elements, count: count, width: width, targets: base.count, in: precision,
                    &meter)
            case .lowest, .highest:
                try forest.extremes(
                    elements, count: count, width: width, targets: base.count,
                    isHighest: aggregate == .highest, in: precision, &meter)
            }
        for row in 0..<count {
            let range = row * base.count..<(row + 1) * base.count
            for (index, value) in zip(range, base) {
                if aggregate == .average { scores[index] /= Number(forest.roots.count) }
                scores[index] += Number(value)
            }
            transform.apply(to: &scores, at: range)
        }
        return Tensor([count, base.count], scores)
    }
}

extension Forest {
    /// The sum of the leaves' weights for each row and target, in order of the trees.
    func sums<Number: BinaryFloatingPoint>(
        _ rows: [Double], count: Int, width: Int, targets: Int, in precision: Number.Type,
        _ meter: inout Meter
    ) throws(KernelFailure) -> [Number] {
        var sums = [Number](repeating: 0, count: try meter.allow([count, targets]))
        try walk(rows, count: count, width: width, &meter) { row, weight in
            sums[row * targets + Int(weight.target)] += Number(weight.value)
        }
        return sums
    }

    /// The lowest or highest of the trees' weights for each row and target; 0 where none has one.
    func extremes<Number: BinaryFloatingPoint>(
        _ rows: [Double], count: Int, width: Int, targets: Int, isHighest: Bool,
        in precision: Number.Type, _ meter: inout Meter
    ) throws(KernelFailure) -> [Number] {
        var found = [Number?](repeating: nil, count: try meter.allow([count, targets]))
        try walk(rows, count: count, width: width, &meter) { row, weight in
            let place = row * targets + Int(weight.target)
            let value = Number(weight.value)
            let before = found[place] ?? value
            found[place] = isHighest ? max(before, value) : min(before, value)
        }
        return found.map { $0 ?? 0 }
    }

    /// Visits the weights of each row's leaves, in order of the trees.
    private func walk(
        _ rows: [Double], count: Int, width: Int, _ meter: inout Meter,
        _ visit: (Int, Weight) -> Void
    ) throws(KernelFailure) {
        guard width >= featureCountMin else {
            throw .refused("\(width) columns, \(featureCountMin) are needed")
        }
        try meter.spend(count, stepCountMax)
        rows.withUnsafeBufferPointer { rows in
            for row in 0..<count {
                for root in roots {
                    for index in leaf(of: root, rows, at: row * width) {
                        visit(row, weights[index])
                    }
                }
            }
        }
    }
}
