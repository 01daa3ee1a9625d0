import ModelCore

/// What a classifier of `ai.onnx.ml` does to the scores of one row at the end.
enum PostTransform: String {
    case none = "NONE"
    case logistic = "LOGISTIC"
    case softmax = "SOFTMAX"
    case softmaxZero = "SOFTMAX_ZERO"
    case probit = "PROBIT"

    static func read(_ attributes: inout NodeAttributes) throws(KernelFailure) -> PostTransform {
        let name = try attributes.text("post_transform") ?? "NONE"
        guard let transform = PostTransform(rawValue: name) else {
            throw .refused("post transform \(name)")
        }
        return transform
    }

    /// As version 5 of the trees numbers it.
    init?(number: Int64) {
        let all: [PostTransform] = [.none, .softmax, .logistic, .softmaxZero, .probit]
        guard let place = Int(exactly: number), all.indices.contains(place) else { return nil }
        self = all[place]
    }

    /// Changes the scores of one row where they are.
    func apply<Number: BinaryFloatingPoint>(to scores: inout [Number], at places: Range<Int>) {
        switch self {
        case .none: break
        case .logistic: for place in places { scores[place] = Self.logistic(scores[place]) }
        case .softmax: Self.softmax(&scores, places)
        case .softmaxZero: Self.softmaxZero(&scores, places)
        case .probit: for place in places { scores[place] = Self.probit(scores[place]) }
        }
    }

    static func logistic<Number: BinaryFloatingPoint>(_ x: Number) -> Number {
        Number(Elementary.logistic(Double(x)))
    }

    private static func softmax<Number: BinaryFloatingPoint>(
        _ scores: inout [Number], _ places: Range<Int>
    ) {
        let highest = highest(scores[places])
        var sum = 0.0
        for index in places {
            let value = Elementary.exp(Double(scores[index] - highest))
            scores[index] = Number(value)
            sum += value
        }
        for index in places { scores[index] = Number(Double(scores[index]) / sum) }
    }

    /// As softmax, but a score of zero stays (nearly) out of it.
    private static func softmaxZero<Number: BinaryFloatingPoint>(
        _ scores: inout [Number], _ places: Range<Int>
    ) {
        let highest = Double(highest(scores[places]))
        var sum = 0.0
        for index in places {
            let score = Double(scores[index])
            if score.magnitude > 0.0000001 {
                let value = Elementary.exp(score - highest)
                scores[index] = Number(value)
                sum += value
            } else {
                scores[index] = Number(score * Elementary.exp(-highest))
            }
        }
        for index in places { scores[index] = Number(Double(scores[index]) / sum) }
    }

    /// NaN if there is one, so that a lost number is never hidden.
    static func highest<Number: BinaryFloatingPoint>(_ scores: ArraySlice<Number>) -> Number {
        var highest = -Number.infinity
        for score in scores where score > highest || score.isNaN { highest = score }
        return highest
    }

    /// The normal quantile by Winitzki's closed form, as ONNX Runtime has it.
    static func probit<Number: BinaryFloatingPoint>(_ probability: Number) -> Number {
        let x = 2 * Double(probability) - 1
        let logarithm = Elementary.log((1 - x) * (1 + x))
        let first = 2 / (3.14159265 * 0.147) + 0.5 * logarithm
        let second = logarithm / 0.147
        let inverse = ((first * first - second).squareRoot() - first).squareRoot()
        return Number(1.41421356 * (x < 0 ? -inverse : inverse))
    }
}

/// The names of a classifier's classes.
enum ClassLabels {
    case ints([Int64])
    case texts([String])

    static func read(
        _ attributes: inout NodeAttributes, ints: String, texts: String
    ) throws(KernelFailure) -> ClassLabels {
        let numbers = try attributes.ints(ints)
        let words = try attributes.texts(texts)
        guard numbers.isEmpty != words.isEmpty else { throw .refused("class labels") }
        return words.isEmpty ? .ints(numbers) : .texts(words)
    }

    var count: Int {
        switch self {
        case .ints(let labels): labels.count
        case .texts(let labels): labels.count
        }
    }

    /// The labels of rows whose class is known by place.
    func value(_ places: [Int]) -> Value {
        switch self {
        case .ints(let labels): .ints(Tensor([places.count], places.map { labels[$0] }))
        case .texts(let labels): .texts(Tensor([places.count], places.map { labels[$0] }))
        }
    }

    /// As text, for comparison with a manifest.
    var words: [String] {
        switch self {
        case .ints(let labels): labels.map(String.init)
        case .texts(let labels): labels
        }
    }
}

/// A kernel that says which class a row belongs to.
protocol Classifying {
    var labels: ClassLabels { get }
}

extension ArraySlice where Element: Comparable {
    /// The place, from 0, of the first highest.
    var placeOfHighest: Int {
        var best = startIndex
        for index in indices where self[index] > self[best] { best = index }
        return best - startIndex
    }
}
