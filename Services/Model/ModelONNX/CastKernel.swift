/// `Cast` and `CastLike` between the types that this room has.
struct CastKernel: Kernel {
    enum Target: Int64 {
        case float = 1
        case int32 = 6
        case int64 = 7
        case text = 8
        case truth = 9
        case double = 11
    }

    /// Nil where the second input shows the type.
    let target: Target?

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let type = try attributes.int("to") ?? 0
        guard let target = Target(rawValue: type) else { throw .refused("cast to type \(type)") }
        return try build(&attributes, target)
    }

    @Sendable static func like(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel { try build(&attributes, nil) }

    private static func build(
        _ attributes: inout NodeAttributes, _ target: Target?
    ) throws(KernelFailure) -> CastKernel {
        // About numbers of eight bits, which this room has not got.
        _ = try attributes.int("saturate")
        _ = try attributes.text("round_mode")
        return CastKernel(target: target)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let value = try inputs.value(0)
        try meter.spend(value.count)
        let shown = target == nil ? CastKernel.type(of: try inputs.value(1)) : .float
        switch target ?? shown {
        case .float:
            if case .floats = value { return [value] }
            return [.floats(try CastKernel.numbers(value).map { Float($0) })]
        case .double: return [.doubles(try CastKernel.numbers(value))]
        case .text: return [.texts(try CastKernel.texts(value))]
        case .truth:
            if case .truths = value { return [value] }
            return [.truths(try CastKernel.numbers(value).map { $0 != 0 })]
        case .int32: return [.ints(try CastKernel.wholes(value, in: -(1 << 31)...(1 << 31) - 1))]
        case .int64: return [.ints(try CastKernel.wholes(value, in: .min ... .max))]
        }
    }

    private static func type(of value: Value) -> Target {
        switch value {
        case .floats: .float
        case .doubles: .double
        case .ints: .int64
        case .truths: .truth
        case .texts: .text
        }
    }

    private static func numbers(_ value: Value) throws(KernelFailure) -> Tensor<Double> {
        switch value {
        case .floats(let tensor): return tensor.map { Double($0) }
        case .doubles(let tensor): return tensor
        case .ints(let tensor): return tensor.map { Double($0) }
        case .truths(let tensor): return tensor.map { $0 ? 1 : 0 }
        case .texts(let tensor):
            let numbers = tensor.elements.compactMap { Double($0) }
            guard numbers.count == tensor.elements.count else {
                throw .refused("a text is no number")
            }
            return Tensor(tensor.shape, numbers)
        }
    }

    /// Numbers are cut towards 0.
    private static func wholes(
        _ value: Value, in range: ClosedRange<Int64>
    ) throws(KernelFailure) -> Tensor<Int64> {
        if case .ints(let tensor) = value, tensor.elements.allSatisfy(range.contains) {
            return tensor
        }
        let numbers = try numbers(value)
        let wholes = numbers.elements.compactMap { Int64(exactly: $0.rounded(.towardZero)) }
        guard wholes.count == numbers.elements.count, wholes.allSatisfy(range.contains) else {
            throw .refused("a number is too large to be whole")
        }
        return Tensor(numbers.shape, wholes)
    }

    private static func texts(_ value: Value) throws(KernelFailure) -> Tensor<String> {
        switch value {
        case .texts(let tensor): return tensor
        case .ints(let tensor): return tensor.map { String($0) }
        // Runtimes disagree about how such numbers are written.
        case .floats, .doubles, .truths: throw .refused("cast of real numbers to text")
        }
    }
}
