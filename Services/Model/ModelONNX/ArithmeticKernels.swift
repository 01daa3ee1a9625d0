/// `Add`, `Sub`, `Mul`, `Div`, `Mod`, and `Sum`, `Min`, `Max` of any number of tensors.
struct ArithmeticKernel: Kernel {
    /// What others must know it by.
    enum Form: Sendable {
        case sum
        case difference
        case lowest
        case highest
        case other
    }

    var form = Form.other
    let reals: @Sendable (Double, Double) -> Double
    /// Nil where there is no answer.
    let wholes: @Sendable (Int64, Int64) -> Int64?

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        var result = try inputs.value(0)
        for next in try inputs.all().dropFirst() { result = try join(result, next, &meter) }
        return [result]
    }

    private func join(
        _ left: Value, _ right: Value, _ meter: inout Meter
    ) throws(KernelFailure) -> Value {
        switch (left, right) {
        case (.floats(let left), .floats(let right)):
            return .floats(
                try Broadcast.join(left, right, &meter) { Float(reals(Double($0), Double($1))) })
        case (.doubles(let left), .doubles(let right)):
            return .doubles(try Broadcast.join(left, right, &meter, reals))
        case (.ints(let left), .ints(let right)):
            let joined = try Broadcast.join(left, right, &meter, wholes)
            let elements = joined.elements.compactMap { $0 }
            guard elements.count == joined.elements.count else { throw .refused("division by 0") }
            return .ints(Tensor(joined.shape, elements))
        default: throw .refused("numbers of unlike types, or none")
        }
    }
}

extension ArithmeticKernel {
    static func quotient(_ left: Int64, _ right: Int64) -> Int64? {
        right == 0 ? nil : left.dividedReportingOverflow(by: right).partialValue
    }

    /// The remainder that has the sign of the divisor.
    static func modulus(_ left: Int64, _ right: Int64) -> Int64? {
        guard let rest = remainder(left, right) else { return nil }
        return rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest
    }

    /// The remainder that has the sign of the dividend.
    static func remainder(_ left: Int64, _ right: Int64) -> Int64? {
        right == 0 ? nil : left.remainderReportingOverflow(dividingBy: right).partialValue
    }

    @Sendable static func modulo(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let keepsSign = try attributes.int("fmod") ?? 0 != 0
        return ArithmeticKernel(
            reals: { left, right in
                let rest = left.truncatingRemainder(dividingBy: right)
                return !keepsSign && rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest
            }, wholes: keepsSign ? remainder : modulus)
    }

    /// NaN if there is one, so that a lost number is never hidden.
    @Sendable static func lowest<Real: FloatingPoint>(_ left: Real, _ right: Real) -> Real {
        left.isNaN || left < right ? left : right
    }

    /// NaN if there is one.
    @Sendable static func highest<Real: FloatingPoint>(_ left: Real, _ right: Real) -> Real {
        left.isNaN || left > right ? left : right
    }
}

/// `Mean` of any number of tensors.
struct MeanKernel: Kernel {
    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let first = try inputs.reals(0)
        guard first.kind != .whole else { throw .refused("whole numbers") }
        var sum = first.tensor
        for index in 1..<max(1, inputs.count) {
            let next = try inputs.reals(index)
            guard next.kind == first.kind else { throw .refused("numbers of unlike types") }
            sum = try Broadcast.join(sum, next.tensor, &meter) { $0 + $1 }
        }
        let count = Double(inputs.count)
        return [try first.value(sum.shape, sum.elements.map { $0 / count })]
    }
}

/// `Pow`: the result has the type of the base.
struct PowerKernel: Kernel {
    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (base, exponent) = (try inputs.reals(0), try inputs.reals(1))
        let powers = try Broadcast.join(base.tensor, exponent.tensor, &meter, Curve.power)
        try meter.spend(8 * powers.elements.count)
        guard base.kind == .whole else { return [try base.value(powers.shape, powers.elements)] }
        return [try base.value(powers.shape, powers.elements.map { $0.rounded(.towardZero) })]
    }
}

/// `PRelu`: negative numbers times a slope, which is repeated.
struct SlopeKernel: Kernel {
    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let (tensor, slope) = (try inputs.reals(0), try inputs.reals(1))
        let result = try Broadcast.join(tensor.tensor, slope.tensor, &meter) {
            $0 < 0 ? $0 * $1 : $0
        }
        return [try tensor.value(result.shape, result.elements)]
    }
}
