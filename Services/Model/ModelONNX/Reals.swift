/// Real numbers in double precision, and the type that they came as and go back to.
///
/// One sum, product, quotient or root of single precision is the same number when it is made in
/// double precision and then rounded.
struct Reals: Sendable {
    enum Kind: Sendable {
        case single
        case double
        case whole
    }

    let tensor: Tensor<Double>
    let kind: Kind

    var shape: [Int] { tensor.shape }
    var elements: [Double] { tensor.elements }

    init(_ tensor: Tensor<Double>, kind: Kind) {
        self.tensor = tensor
        self.kind = kind
    }

    /// Nil for texts, truth values, and whole numbers that double precision does not hold.
    init?(_ value: Value) {
        switch value {
        case .floats(let floats): self.init(floats.map { Double($0) }, kind: .single)
        case .doubles(let doubles): self.init(doubles, kind: .double)
        case .ints(let ints):
            let bound: Int64 = 1 << 53
            guard ints.elements.allSatisfy({ -bound <= $0 && $0 <= bound }) else { return nil }
            self.init(ints.map { Double($0) }, kind: .whole)
        case .truths, .texts: return nil
        }
    }

    /// A result of the same type.
    func value(_ shape: [Int], _ elements: [Double]) throws(KernelFailure) -> Value {
        switch kind {
        case .single: return .floats(Tensor(shape, elements.map { Float($0) }))
        case .double: return .doubles(Tensor(shape, elements))
        case .whole:
            let whole = elements.compactMap { Int64(exactly: $0) }
            guard whole.count == elements.count else {
                throw .refused("a result is no whole number")
            }
            return .ints(Tensor(shape, whole))
        }
    }
}
