/// One heart beat that was found in a signal.
public struct Beat: Hashable, Sendable {
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// In its place, and shaped like those before.
        case normal
        /// Too early for the rhythm, or of another shape.
        case ectopic
        /// The signal does not say which: noise, a gap, or too little seen yet.
        case unknown
    }

    /// The place of its steepest deflection, counted from the first sample.
    public var sample: Int
    public var kind: Kind
    /// The amount of that deflection, in steps of the signal, baseline taken away.
    public var amplitude: Double
    /// 1 in a quiet signal, 0 where what lies between beats is as high as half a beat or more.
    public var quality: Double
    /// Samples are missing between the beat before and this one.
    public var followsGap: Bool

    public init(
        sample: Int, kind: Kind, amplitude: Double, quality: Double, followsGap: Bool
    ) {
        self.sample = sample
        self.kind = kind
        self.amplitude = amplitude
        self.quality = quality
        self.followsGap = followsGap
    }
}
