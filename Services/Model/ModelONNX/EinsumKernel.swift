/// `Einsum` of one or two tensors: a letter stands for a dimension, the letters that the result
/// has not got are summed over.
struct EinsumKernel: Kernel {
    /// A dimension: a letter, or one of those that dots stand for, counted from the last.
    private enum Label: Hashable {
        case letter(Character)
        case dot(Int)
    }

    private struct Term {
        var before: [Character] = []
        var after: [Character] = []
        var hasDots = false

        /// Nil if it is none.
        init?(_ text: some StringProtocol) {
            var rest = Array(text.filter { $0 != " " })[...]
            while let letter = rest.first {
                if letter == "." {
                    guard !hasDots, rest.starts(with: "...") else { return nil }
                    hasDots = true
                    rest = rest.dropFirst(3)
                    continue
                }
                guard letter.isASCII, letter.isLetter else { return nil }
                if hasDots { after.append(letter) } else { before.append(letter) }
                rest = rest.dropFirst()
            }
        }

        var letters: [Character] { before + after }

        /// Its labels where the dots stand for `dotCount` dimensions.
        func labels(dotCount: Int) -> [Label] {
            let dots = hasDots ? (0..<dotCount).reversed().map { Label.dot($0) } : []
            return before.map { .letter($0) } + dots + after.map { .letter($0) }
        }
    }

    private let terms: [Term]
    private let result: Term

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let text = try attributes.text("equation") ?? ""
        let cut = text.firstIndex(of: "-") ?? text.endIndex
        let terms = text[..<cut].split(separator: ",", omittingEmptySubsequences: false)
            .compactMap { Term($0) }
        guard (1...2).contains(terms.count),
            terms.count == text[..<cut].count(where: { $0 == "," }) + 1
        else { throw .refused("equation \(text) of other than one or two tensors") }
        var result = Term("")
        if cut == text.endIndex {
            let letters = terms.flatMap(\.letters)
            let once = letters.filter { letter in letters.count(where: { $0 == letter }) == 1 }
            let dots = terms.contains(where: \.hasDots) ? "..." : ""
            result = Term(dots + String(once.sorted()))
        } else {
            guard text[cut...].hasPrefix("->") else { throw .refused("equation \(text)") }
            result = Term(text[cut...].dropFirst(2))
        }
        guard let result, Set(result.letters).count == result.letters.count else {
            throw .refused("equation \(text)")
        }
        return EinsumKernel(terms: terms, result: result)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        guard inputs.count == terms.count else { throw .refused("\(inputs.count) inputs") }
        var factors: [Reals] = []
        var labels: [[Label]] = []
        var dotCount = 0
        for (index, term) in terms.enumerated() {
            let reals = try inputs.reals(index)
            let own = reals.shape.count - term.letters.count
            guard own == 0 || (own > 0 && term.hasDots) else {
                throw .refused("\(reals.shape.count) dimensions for \(term.letters.count) letters")
            }
            if term.hasDots { dotCount = max(dotCount, own) }
            labels.append(term.labels(dotCount: own))
            factors.append(reals)
        }
        guard factors.allSatisfy({ $0.kind == factors[0].kind }) else {
            throw .refused("numbers of unlike types")
        }
        let sizes = try sizes(factors, labels)
        let kept = result.labels(dotCount: dotCount)
        let summed = sizes.order.filter { !kept.contains($0) }
        guard kept.allSatisfy({ sizes.sizes[$0] != nil }) else {
            throw .refused("a letter of the result that no input has")
        }
        let shape = kept.map { sizes.sizes[$0] ?? 1 }
        guard shape.count <= ONNXLimits.rankMax else { throw .refused("too many dimensions") }
        let inner = summed.map { sizes.sizes[$0] ?? 1 }
        try meter.spend(4 * (try meter.allow(shape)), try meter.allow(inner))
        var outerPlaces: [[Int]] = []
        var innerPlaces: [[Int]] = []
        for (factor, own) in zip(factors, labels) {
            outerPlaces.append(try places(kept, shape, factor, own).places(&meter))
            innerPlaces.append(try places(summed, inner, factor, own).places(&meter))
        }
        let elements = sum(factors, outerPlaces, innerPlaces)
        return [try factors[0].value(shape, elements)]
    }

    /// The size of each label, and the labels in order.
    private func sizes(
        _ factors: [Reals], _ labels: [[Label]]
    ) throws(KernelFailure) -> (sizes: [Label: Int], order: [Label]) {
        var sizes: [Label: Int] = [:]
        var order: [Label] = []
        for (factor, own) in zip(factors, labels) {
            for (label, size) in zip(own, factor.shape) {
                let before = sizes[label]
                if before == nil { order.append(label) }
                guard before == nil || before == size || before == 1 || size == 1 else {
                    throw .refused("sizes \(before ?? 0) and \(size) of one letter")
                }
                sizes[label] = before == nil || before == 1 ? size : before
            }
        }
        return (sizes, order)
    }

    /// How a factor is read while `labels` run; a letter twice is a diagonal.
    private func places(
        _ labels: [Label], _ sizes: [Int], _ factor: Reals, _ own: [Label]
    ) -> Lattice {
        let steps = Shape.steps(factor.shape)
        return Lattice(
            zip(labels, sizes).map { label, size in
                let step = own.indices.reduce(0) { sum, axis in
                    own[axis] == label && factor.shape[axis] != 1 ? sum + steps[axis] : sum
                }
                return (0..<size).map { $0 * step }
            })
    }

    private func sum(_ factors: [Reals], _ outer: [[Int]], _ inner: [[Int]]) -> [Double] {
        (outer.first ?? []).indices.map { index in
            var sum = 0.0
            for step in (inner.first ?? []).indices {
                var product = 1.0
                for (factor, reals) in factors.enumerated() {
                    product *= reals.elements[outer[factor][index] + inner[factor][step]]
                }
                sum += product
            }
            return sum
        }
    }
}
