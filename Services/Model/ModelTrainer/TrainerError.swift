/// Why no model came of it.
public enum TrainerError: Error, Sendable, Equatable, CustomStringConvertible {
    case table(String)
    case training(String)
    case artifact(String)
    /// Stopped before there was anything to keep.
    case stopped

    public var description: String {
        switch self {
        case .table(let reason), .training(let reason): reason
        case .artifact(let reason): "the artifact can't be written: \(reason)"
        case .stopped: "stopped before there was a model to keep"
        }
    }
}
