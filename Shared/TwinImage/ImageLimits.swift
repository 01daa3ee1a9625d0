/// How large an image may be.
public struct ImageLimits: Hashable, Sendable {
    public var voxelsMax: Int
    /// The longest side.
    public var sideMax: Int
    /// The most bytes that a compressed file may become.
    public var inflatedMax: Int

    public init(
        voxelsMax: Int = 512 << 20, sideMax: Int = 16_384, inflatedMax: Int = 4 << 30
    ) {
        self.voxelsMax = voxelsMax
        self.sideMax = sideMax
        self.inflatedMax = inflatedMax
    }
}
