/// A word of a category: a text, a whole number, or a real one, of which NaN is like NaN.
enum Word: Hashable {
    case text(String)
    case whole(Int64)
    case real(UInt64)

    /// The words of a value, each in its place.
    static func list(_ value: Value) -> [Word] {
        switch value {
        case .floats(let tensor): tensor.elements.map { real(Double($0)) }
        case .doubles(let tensor): tensor.elements.map(real)
        case .ints(let tensor): tensor.elements.map(Word.whole)
        case .truths(let tensor): tensor.elements.map { .whole($0 ? 1 : 0) }
        case .texts(let tensor): tensor.elements.map(Word.text)
        }
    }

    private static func real(_ number: Double) -> Word {
        // Both zeros are one number, and all NaN one word.
        .real(number == 0 ? 0 : number.isNaN ? Double.nan.bitPattern : number.bitPattern)
    }
}

/// `LabelEncoder`: words for words.
struct LabelEncoderKernel: Kernel {
    let places: [Word: Int]
    /// The words to write, and the one for what is in no list at the end.
    let values: Value

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let classes = try attributes.texts("classes_strings")
        guard classes.isEmpty else { throw .refused("version 1, which works both ways") }
        guard let keys = try list(&attributes, "keys"), let values = try list(&attributes, "values")
        else { throw .refused("keys or values are missing") }
        guard keys.count == values.count, keys.count > 0 else {
            throw .refused("\(keys.count) keys for \(values.count) values")
        }
        let rest = try others(&attributes, like: values)
        let pairs = Word.list(keys).enumerated().map { ($0.element, $0.offset) }
        return LabelEncoderKernel(
            places: Dictionary(pairs) { first, _ in first },
            values: try Value.chained([values, rest]))
    }

    /// A list in the one way that it is written.
    private static func list(
        _ attributes: inout NodeAttributes, _ name: String
    ) throws(KernelFailure) -> Value? {
        var found: [Value] = []
        let texts = try attributes.texts("\(name)_strings")
        if !texts.isEmpty { found.append(.texts(Tensor([texts.count], texts))) }
        let ints = try attributes.ints("\(name)_int64s")
        if !ints.isEmpty { found.append(.ints(Tensor([ints.count], ints))) }
        let floats = try attributes.floats("\(name)_floats")
        if !floats.isEmpty { found.append(.floats(Tensor([floats.count], floats))) }
        if let tensor = try attributes.tensor("\(name)_tensor") { found.append(tensor) }
        guard found.count <= 1 else { throw .refused("two lists of \(name)") }
        return found.first
    }

    /// What is written for words that are in no list.
    private static func others(
        _ attributes: inout NodeAttributes, like values: Value
    ) throws(KernelFailure) -> Value {
        let text = try attributes.text("default_string") ?? "_Unused"
        let int = try attributes.int("default_int64") ?? -1
        let float = try attributes.float("default_float") ?? -0.0
        if let tensor = try attributes.tensor("default_tensor") {
            guard tensor.count == 1 else { throw .refused("\(tensor.count) defaults") }
            return tensor
        }
        switch values {
        case .floats: return .floats(Tensor([1], [float]))
        case .doubles: return .doubles(Tensor([1], [Double(float)]))
        case .ints: return .ints(Tensor([1], [int]))
        case .texts: return .texts(Tensor([1], [text]))
        case .truths: throw .refused("truth values")
        }
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let value = try inputs.value(0)
        try meter.spend(8, value.count)
        let other = values.count - 1
        return [values.picking(Word.list(value).map { places[$0] ?? other }, value.shape)]
    }
}

/// `OneHotEncoder`: a column for each category, 1 where it is the one.
struct OneHotKernel: Kernel {
    let places: [Word: Int]
    let width: Int
    /// What is no category gets zeros; else it is refused.
    let allowsOthers: Bool

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        let wholes = try attributes.ints("cats_int64s").map(Word.whole)
        let words = wholes + (try attributes.texts("cats_strings").map(Word.text))
        guard !words.isEmpty, wholes.isEmpty || wholes.count == words.count else {
            throw .refused("no categories, or of two types")
        }
        let pairs = words.enumerated().map { ($0.element, $0.offset) }
        return OneHotKernel(
            places: Dictionary(pairs) { first, _ in first }, width: words.count,
            allowsOthers: try attributes.int("zeros") ?? 1 != 0)
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        var value = try inputs.value(0)
        if case .floats(let tensor) = value {
            value = .ints(try OneHotKernel.cut(tensor.map { Double($0) }))
        } else if case .doubles(let tensor) = value {
            value = .ints(try OneHotKernel.cut(tensor))
        }
        let shape = value.shape + [width]
        var elements = [Float](repeating: 0, count: try meter.allow(shape))
        for (index, word) in Word.list(value).enumerated() {
            if let place = places[word] {
                elements[index * width + place] = 1
            } else if !allowsOthers {
                throw .refused("a category that is not listed")
            }
        }
        return [.floats(Tensor(shape, elements))]
    }

    /// Real numbers are categories by their whole part.
    private static func cut(_ tensor: Tensor<Double>) throws(KernelFailure) -> Tensor<Int64> {
        let whole = tensor.elements.compactMap { Int64(exactly: $0.rounded(.towardZero)) }
        guard whole.count == tensor.elements.count else { throw .refused("no category") }
        return Tensor(tensor.shape, whole)
    }
}

/// `Binarizer`: 1 above a threshold, else 0.
struct BinarizerKernel: Kernel {
    let threshold: Double

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        BinarizerKernel(threshold: Double(try attributes.float("threshold") ?? 0))
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        let reals = try inputs.reals(0)
        try meter.spend(reals.elements.count)
        // A lost number is not below the threshold.
        let elements = reals.elements.map { $0.isNaN ? $0 : $0 > threshold ? 1 : 0 }
        return [try reals.value(reals.shape, elements)]
    }
}

/// `FeatureVectorizer`: columns side by side, each input cut to its width.
struct VectorizerKernel: Kernel {
    let widths: [Int64]

    @Sendable static func build(
        _ attributes: inout NodeAttributes
    ) throws(KernelFailure) -> any Kernel {
        VectorizerKernel(widths: try attributes.ints("inputdimensions"))
    }

    func run(_ inputs: Inputs, _ meter: inout Meter) throws(KernelFailure) -> [Value] {
        guard widths.isEmpty || widths.count == inputs.count else {
            throw .refused("\(widths.count) widths for \(inputs.count) inputs")
        }
        var columns: [(count: Int, width: Int, elements: [Float])] = []
        for index in 0..<inputs.count {
            let rows = try inputs.rows(index)
            guard widths.isEmpty || widths[index] == Int64(rows.width),
                columns.isEmpty || columns[0].count == rows.count
            else { throw .refused("input \(index) has \(rows.count) rows of \(rows.width)") }
            columns.append(rows)
        }
        let count = columns.first?.count ?? 0
        let width = columns.reduce(0) { $0 + $1.width }
        var elements: [Float] = []
        elements.reserveCapacity(try meter.allow([count, width]))
        for row in 0..<count {
            for (_, width, own) in columns { elements += own[row * width..<(row + 1) * width] }
        }
        return [.floats(Tensor([count, width], elements))]
    }
}
