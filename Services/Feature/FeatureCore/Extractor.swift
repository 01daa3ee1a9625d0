public import TwinCleaning
public import TwinCore

/// One family of features.
///
/// An extractor is a pure function of the *set* of measurements that it reads: no clock, no random
/// source, no memory. Whoever gives it the same timeline gets the same bits.
public protocol Extractor: Sendable {
    var modality: Modality { get }
    /// Changes whenever the same measurements would give other features.
    var version: String { get }

    /// The rules by which what it reads is cleaned.
    var rules: CleaningRules { get }

    /// Whether measurements of this code can change the features; others are not kept.
    func reads(_ code: Code) -> Bool

    /// Whether waveforms of this code can change them; none is kept unless one can.
    func readsWaveform(_ code: Code) -> Bool

    /// Every feature that it can make; nil where nobody says.
    var catalogue: FeatureCatalogue? { get }

    /// The features of a twin whose measurements up to `revision` are in `timeline`.
    ///
    /// They ascend by name, each name once; what has no input is left out.
    func features(of timeline: Timeline, at revision: Revision) -> FeatureSet
}

extension Extractor {
    public func readsWaveform(_ code: Code) -> Bool { false }
    public var rules: CleaningRules { .none }
    public var catalogue: FeatureCatalogue? { nil }
}
