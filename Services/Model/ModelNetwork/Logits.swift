import ModelCore

/// What a row's logits say.
enum Logits {
    /// The probability of each class; a single logit is the log odds of the second of two.
    static func probabilities(_ logits: ArraySlice<Float>) -> [Double] {
        guard logits.count > 1, let highest = logits.max() else {
            return logits.first.map { logit in
                let second = Elementary.logistic(Double(logit))
                return [1 - second, second]
            } ?? []
        }
        let powers = logits.map { Elementary.exp(Double($0) - Double(highest)) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    /// The log odds of one class.
    static func logOdds(_ logits: ArraySlice<Float>, of positive: Int) -> Double {
        let first = logits.startIndex
        guard logits.count > 1 else {
            return positive == 1 ? Double(logits[first]) : -Double(logits[first])
        }
        let others = logits.indices.filter { $0 != first + positive }.map { Double(logits[$0]) }
        let highest = others.max() ?? 0
        let sum = others.reduce(0) { $0 + Elementary.exp($1 - highest) }
        return Double(logits[first + positive]) - highest - Elementary.log(sum)
    }

    /// By how much each logit moves the log odds of one class.
    static func slopes(_ logits: ArraySlice<Float>, of positive: Int) -> [Double] {
        guard logits.count > 1 else { return [positive == 1 ? 1 : -1] }
        let probabilities = probabilities(logits)
        let others = probabilities.indices.reduce(0) {
            $1 == positive ? $0 : $0 + probabilities[$1]
        }
        return probabilities.indices.map {
            $0 == positive ? 1 : others > 0 ? -probabilities[$0] / others : 0
        }
    }

    /// Minus the logarithm of the probability of what happened.
    ///
    /// From the logits, not from the probability: a very wrong one would be rounded to 0.
    static func loss(_ logits: ArraySlice<Float>, _ label: Int) -> Double {
        Elementary.softplus(-logOdds(logits, of: label))
    }
}
