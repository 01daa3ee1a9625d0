import TwinJSON

/// Why a configuration, an image or a mask gives no features.
public enum ImagingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A configuration file that says something else than it may.
    case configuration(String)
    /// Mask and image do not lie on the same grid.
    case otherGrid
    case emptyRegion
    /// Everything in the region is outside the range of intensities.
    case nothingInRange
    /// Levels are whole intensities from 1, and the region has others.
    case notDiscrete
    case tooManyLevels(Int)
    case tooLarge(String)

    public var description: String {
        switch self {
        case .configuration(let what): "the configuration \(what)"
        case .otherGrid: "the mask does not lie on the grid of the image"
        case .emptyRegion: "the mask holds no voxel"
        case .nothingInRange: "no voxel of the region is in the range of intensities"
        case .notDiscrete: "without bins, intensities must be whole numbers from 1"
        case .tooManyLevels(let count):
            "\(count) grey levels are more than \(GreyLevels.countMax): take larger bins"
        case .tooLarge(let what): "\(what) is too large"
        }
    }
}

extension ImagingConfiguration {
    /// Reads a configuration file, a JSON object; what is not named there is as by default.
    public init(file bytes: [UInt8]) throws(ImagingError) {
        let root: JSONNode
        do { root = try JSONDocument(bytes).root } catch {
            throw .configuration("file is no JSON: \(error)")
        }
        guard root.kind == .object else { throw .configuration("file is no JSON object") }
        self.init(binning: .size(25))
        for (name, value) in root.members { try read(name, value) }
        guard sigmas.map({ $0 > 0 }) ?? true, (0...255).contains(coarseness) else {
            throw .configuration("has sigmas or a coarseness out of range")
        }
        guard lowest ?? -.infinity <= highest ?? .infinity else {
            throw .configuration("has a lowest above its highest intensity")
        }
    }

    private mutating func read(_ name: String, _ value: JSONNode) throws(ImagingError) {
        switch name {
        case "spacingMm": resampling = try Self.resampling(value, resampling?.interpolation)
        case "interpolation":
            guard let kind = value.string.flatMap(Interpolation.init) else {
                throw .configuration("knows the interpolations nearest, linear, cubic")
            }
            resampling = resampling ?? Resampling(xMm: nil, yMm: nil, zMm: nil)
            resampling?.interpolation = kind
        case "round":
            guard let flag = value.bool else { throw .configuration("'round' is true or false") }
            rounds = flag
        case "lowest": lowest = try Self.number(value, name)
        case "highest": highest = try Self.number(value, name)
        case "sigmas": sigmas = try Self.number(value, name)
        case "bins": binning = try Self.binning(value, name)
        case "volumeBins": volumeBinning = try Self.binning(value, name)
        case "coarseness": coarseness = Int(clamping: Int64(try Self.number(value, name) ?? 0))
        case "dimensions":
            let names = value.elements.map { $0.string.flatMap(Dimension.init) }
            guard !names.isEmpty, !names.contains(nil) else {
                throw .configuration("'dimensions' is an array of slices, space")
            }
            dimensions = Set(names.compactMap { $0 })
        default: throw .configuration("does not know '\(name)'")
        }
    }

    private static func number(_ value: JSONNode, _ name: String) throws(ImagingError) -> Double? {
        if value.kind == .null { return nil }
        guard let number = value.number, abs(number) < 1e9 else {
            throw .configuration("'\(name)' is a number")
        }
        return number
    }

    /// Three spacings, null where an axis keeps its own, or one for all.
    private static func resampling(
        _ value: JSONNode, _ interpolation: Interpolation?
    ) throws(ImagingError) -> Resampling? {
        if value.kind == .null { return nil }
        let nodes = value.kind == .array ? value.elements : [value, value, value]
        guard nodes.count == 3 else { throw .configuration("'spacingMm' has three numbers") }
        var spacing: [Double?] = []
        for node in nodes {
            let side = try number(node, "spacingMm")
            guard side.map({ (0.01...1000).contains($0) }) ?? true else {
                throw .configuration("'spacingMm' is 0.01 to 1000")
            }
            spacing.append(side)
        }
        return Resampling(
            xMm: spacing[0], yMm: spacing[1], zMm: spacing[2],
            interpolation: interpolation ?? .linear)
    }

    /// `{"size": 25}`, `{"count": 32}` or null.
    private static func binning(_ value: JSONNode, _ name: String) throws(ImagingError) -> Binning {
        if value.kind == .null { return .none }
        if let size = value["size"]?.number, size > 0 { return .size(size) }
        if let count = value["count"]?.number, (2...65_535).contains(count) {
            return .count(Int(count))
        }
        throw .configuration("'\(name)' is {\"size\": 25}, {\"count\": 32} or null")
    }
}
