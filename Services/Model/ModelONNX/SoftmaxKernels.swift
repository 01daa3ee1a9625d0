import ModelCore

/// `Softmax`, `LogSoftmax` and `Hardmax` along one dimension.
struct SoftmaxKernel: Kernel {
    enum Form: Sendable {
        case probability
        case logarithm
        /// 1 at the first highest.
        case hard
    }

    let axis: Int
    /// Before version 13 all dimensions from the axis on were one.
    let joinsDimensions: Bool
    let form: Form

    static func build(_ form: Form) -> Operators.Builder {
        { attributes throws(KernelFailure) in
            let joins = attributes.version < 13
            return SoftmaxKernel(
                axis: try attributes.axis(or: joins ? 1 : -1), joinsDimensions: joins, form: form)
        }
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let reals = try inputs.reals(0)
        let rank = reals.shape.count
        let axis = joinsDimensions && axis == rank ? rank : try Axis.place(self.axis, rank: rank)
        let lanes =
            joinsDimensions
            ? Lanes(
                [reals.shape[..<axis].reduce(1, *), reals.shape[axis...].reduce(1, *)], axis: 1)
            : Lanes(reals.shape, axis: axis)
        try meter.spend(8, reals.elements.count)
        var elements = reals.elements
        for start in lanes.starts { change(&elements, lanes.places(start)) }
        return [try reals.value(reals.shape, elements)]
    }

    /// Flat rows of `width`, each changed.
    func change(_ rows: inout [Float], width: Int) {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { row in
            for start in stride(from: 0, to: rows.count, by: width) {
                for place in 0..<width { row[place] = Double(rows[start + place]) }
                var elements = row
                change(&elements, stride(from: 0, to: width, by: 1))
                for place in 0..<width { rows[start + place] = Float(row[place]) }
            }
        }
    }

    /// Changes the elements of one lane where they are.
    private func change<Elements: MutableCollection<Double>>(
        _ elements: inout Elements, _ places: StrideTo<Int>
    ) where Elements.Index == Int {
        var highest = -Double.infinity
        var placeOfHighest: Int?
        for place in places {
            let value = elements[place]
            if placeOfHighest == nil || value > highest || value.isNaN {
                highest = value
                placeOfHighest = place
            }
            // No number is above NaN: it stays the highest.
            if value.isNaN { break }
        }
        if form == .hard {
            for place in places { elements[place] = place == placeOfHighest ? 1 : 0 }
            return
        }
        var sum = 0.0
        for place in places {
            elements[place] -= highest
            let power = Elementary.exp(elements[place])
            sum += power
            if form == .probability { elements[place] = power }
        }
        let offset = form == .logarithm ? Elementary.log(sum) : 0
        for place in places {
            elements[place] = form == .logarithm ? elements[place] - offset : elements[place] / sum
        }
    }
}
