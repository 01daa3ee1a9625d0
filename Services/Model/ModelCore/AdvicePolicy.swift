public import TwinCore

/// What is advised at which probability: the manifest's bands.
public struct AdvicePolicy: Hashable, Sendable {
    private let outcome: String
    private let bands: [Band]

    public init(_ manifest: Manifest) {
        outcome = manifest.outcome
        bands = manifest.bands
    }

    /// The advice of the band that the probability lies in.
    public func recommendations(at probability: Double) -> [Recommendation] {
        guard let index = bands.lastIndex(where: { $0.from <= probability }) else { return [] }
        let band = bands[index]
        let end = index + 1 < bands.count ? " and below \(percent(bands[index + 1].from))" : ""
        let basis = "band \(band.name): \(outcome) probability from \(percent(band.from))\(end)"
        return band.advice.map { Recommendation(text: $0, basis: basis) }
    }

    private func percent(_ probability: Double) -> String {
        "\((probability * 1000).rounded() / 10) %"
    }
}
