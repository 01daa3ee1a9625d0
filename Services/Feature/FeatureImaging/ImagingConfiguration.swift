/// How a region is prepared and measured; the same configuration always gives the same numbers.
public struct ImagingConfiguration: Hashable, Sendable {
    /// How values between voxels are found.
    public enum Interpolation: String, Hashable, Sendable, CaseIterable {
        case nearest
        case linear
        case cubic
    }

    /// A new spacing; an axis without one keeps its own.
    public struct Resampling: Hashable, Sendable {
        public var xMm: Double?
        public var yMm: Double?
        public var zMm: Double?
        public var interpolation: Interpolation

        public init(
            xMm: Double?, yMm: Double?, zMm: Double?, interpolation: Interpolation = .linear
        ) {
            self.xMm = xMm
            self.yMm = yMm
            self.zMm = zMm
            self.interpolation = interpolation
        }
    }

    /// How intensities become levels.
    public enum Binning: Hashable, Sendable {
        /// Each whole intensity is a level.
        case none
        /// Bins of a size, from the lowest intensity allowed.
        case size(Double)
        /// So many bins from the least to the greatest intensity of the region.
        case count(Int)
    }

    /// Whether texture is looked for in slices (2D and 2.5D), in space (3D), or both.
    public enum Dimension: String, Hashable, Sendable, CaseIterable {
        case slices
        case space
    }

    public var resampling: Resampling?
    /// Whether intensities become whole numbers after resampling.
    public var rounds: Bool
    /// The least and greatest intensity that stay in the region.
    public var lowest: Double?
    public var highest: Double?
    /// How many standard deviations from the mean stay in the region.
    public var sigmas: Double?
    public var binning: Binning
    public var volumeBinning: Binning
    public var dimensions: Set<Dimension>
    /// How far apart the levels of neighbours may be that depend on each other.
    public var coarseness: Int

    public init(
        resampling: Resampling? = nil, rounds: Bool = false, lowest: Double? = nil,
        highest: Double? = nil, sigmas: Double? = nil, binning: Binning,
        volumeBinning: Binning = .none, dimensions: Set<Dimension> = [.space], coarseness: Int = 0
    ) {
        self.resampling = resampling
        self.rounds = rounds
        self.lowest = lowest
        self.highest = highest
        self.sigmas = sigmas
        self.binning = binning
        self.volumeBinning = volumeBinning
        self.dimensions = dimensions
        self.coarseness = coarseness
    }
}

extension ImagingConfiguration {
    /// The configurations that have names.
    public static let named: [(name: String, configuration: ImagingConfiguration)] = [
        ("default", .init(binning: .size(25), dimensions: [.space])),
        ("ibsi-digital", .init(binning: .none, dimensions: [.slices, .space])),
        (
            "ibsi-a",
            .init(
                rounds: true, lowest: -500, highest: 400, binning: .size(25), dimensions: [.slices])
        ),
        (
            "ibsi-b",
            .init(
                resampling: .init(xMm: 2, yMm: 2, zMm: nil), rounds: true, lowest: -500,
                highest: 400, binning: .count(32), dimensions: [.slices])
        ),
        (
            "ibsi-c",
            .init(
                resampling: .init(xMm: 2, yMm: 2, zMm: 2), rounds: true, lowest: -1000,
                highest: 400, binning: .size(25), volumeBinning: .size(2.5))
        ),
        (
            "ibsi-d",
            .init(
                resampling: .init(xMm: 2, yMm: 2, zMm: 2), rounds: true, sigmas: 3,
                binning: .count(32))
        ),
        (
            "ibsi-e",
            .init(
                resampling: .init(xMm: 2, yMm: 2, zMm: 2, interpolation: .cubic), rounds: true,
                lowest: -1000, highest: 400, sigmas: 3, binning: .count(32),
                volumeBinning: .count(1000))
        ),
    ]

    /// A named configuration; nil where there is none of that name.
    public static func named(_ name: String) -> ImagingConfiguration? {
        named.first { $0.name == name }?.configuration
    }

    /// All that decides the numbers, in one line that never changes its form.
    public var canonicalText: String {
        func text(_ number: Double?) -> String { number.map { "\($0)" } ?? "-" }
        func text(_ binning: Binning) -> String {
            switch binning {
            case .none: "none"
            case .size(let size): "size \(size)"
            case .count(let count): "count \(count)"
            }
        }
        let grid = resampling.map {
            "\(text($0.xMm)) \(text($0.yMm)) \(text($0.zMm)) \($0.interpolation.rawValue)"
        }
        return [
            "imaging 1", "grid \(grid ?? "own")", "rounds \(rounds)",
            "range \(text(lowest)) \(text(highest))", "sigmas \(text(sigmas))",
            "bins \(text(binning))", "volume bins \(text(volumeBinning))",
            "dimensions " + dimensions.map(\.rawValue).sorted().joined(separator: " "),
            "coarseness \(coarseness)",
        ].joined(separator: "; ")
    }

    /// Sixteen hexadecimal digits that stand for the configuration: FNV-1a of the canonical text.
    public var hash: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in canonicalText.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        let text = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
