import ModelCore

/// One choice of hyper-parameters, by name.
public typealias Setting = [String: Double]

/// The hyper-parameters that are tried.
public struct SearchSpace: Sendable {
    public enum Values: Hashable, Sendable {
        case choices([Double])
        /// Evenly from end to end.
        case range(ClosedRange<Double>)
        /// Evenly by the logarithm; both ends are above 0.
        case logarithmic(ClosedRange<Double>)
    }

    public static let settingCountMax = 100_000

    /// In order of name.
    private let axes: [(name: String, values: Values)]

    public init(_ axes: [String: Values]) throws(TrainingError) {
        guard !axes.isEmpty else { throw .badOption("a search of nothing") }
        for (name, values) in axes {
            let isSound =
                switch values {
                case .choices(let choices): !choices.isEmpty && choices.allSatisfy(\.isFinite)
                case .range(let range): range.lowerBound.isFinite && range.upperBound.isFinite
                case .logarithmic(let range):
                    range.lowerBound > 0 && range.upperBound.isFinite
                }
            guard isSound else { throw .badOption("the values of \(name)") }
        }
        self.axes = axes.sorted { $0.key < $1.key }.map { (name: $0.key, values: $0.value) }
    }

    /// Every combination of the choices; of a range `steps` values, its ends among them.
    public func grid(steps: Int = 5) throws(TrainingError) -> [Setting] {
        guard (2...1000).contains(steps) else { throw .badOption("\(steps) steps") }
        var settings: [Setting] = [[:]]
        for (name, values) in axes {
            let own: [Double] =
                if case .choices(let choices) = values { choices } else {
                    (0..<steps).map { values.value(at: Double($0) / Double(steps - 1)) }
                }
            guard settings.count * own.count <= Self.settingCountMax else {
                throw .tooLarge("a grid of more than \(Self.settingCountMax)")
            }
            settings = settings.flatMap { setting in
                own.map { setting.merging([name: $0]) { $1 } }
            }
        }
        return settings
    }

    /// Settings drawn at random, the same for the same seed.
    public func drawn(count: Int, seed: UInt64) throws(TrainingError) -> [Setting] {
        guard (1...Self.settingCountMax).contains(count) else {
            throw .badOption("\(count) settings")
        }
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            axes.reduce(into: [:]) { setting, axis in
                setting[axis.name] = axis.values.value(at: generator.nextUnit())
            }
        }
    }
}

extension SearchSpace.Values {
    /// The value that lies at a share, 0 to 1, of the way.
    fileprivate func value(at share: Double) -> Double {
        switch self {
        case .choices(let choices):
            choices[min(Int(share * Double(choices.count)), choices.count - 1)]
        case .range(let range):
            range.lowerBound + share * (range.upperBound - range.lowerBound)
        case .logarithmic(let range):
            min(
                max(
                    range.lowerBound
                        * Elementary.exp(
                            share * Elementary.log(range.upperBound / range.lowerBound)),
                    range.lowerBound), range.upperBound)
        }
    }
}
