public import ModelCore

/// What training needs beside ModelCore's elementary functions.
extension Elementary {
    /// The inverse of the logistic function.
    public static func logit(_ probability: Double) -> Double {
        log(probability / (1 - probability))
    }

    /// log(1 + e^x), without overflow.
    public static func softplus(_ x: Double) -> Double {
        max(x, 0) + log(1 + exp(-x.magnitude))
    }
}
