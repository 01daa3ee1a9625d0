public import TwinCore

/// What is advised at which probability: the manifest's bands.
public struct AdvicePolicy: Hashable, Sendable {
    private let outcome: String
    private let bands: [Band]

    public init(_ manifest: Manifest) {
        outcome = manifest.outcome
        bands = manifest.bands
    }

    /// The place of the band that the probability lies in; nil where there are no bands.
    func index(at probability: Double) -> Int? {
        bands.lastIndex { $0.from <= probability }
    }

    /// The band that the probability lies in; nil where there are no bands.
    public func band(at probability: Double) -> ProbabilityBand? {
        index(at: probability).map { index in
            ProbabilityBand(
                name: bands[index].name, from: bands[index].from,
                to: index + 1 < bands.count ? bands[index + 1].from : 1)
        }
    }

    /// The advice of the band that the probability lies in.
    public func recommendations(at probability: Double) -> [Recommendation] {
        guard let index = index(at: probability) else { return [] }
        let band = bands[index]
        let end = index + 1 < bands.count ? " and below \(percent(bands[index + 1].from))" : ""
        let basis = "band \(band.name): \(outcome) probability from \(percent(band.from))\(end)"
        return band.advice.map { Recommendation(text: $0, basis: basis) }
    }

    private func percent(_ probability: Double) -> String {
        "\((probability * 1000).rounded() / 10) %"
    }
}
