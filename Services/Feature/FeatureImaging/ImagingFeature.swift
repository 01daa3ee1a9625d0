/// A family of features, as the Image Biomarker Standardisation Initiative (IBSI) has them.
public enum ImagingFamily: String, Hashable, Sendable, CaseIterable {
    case morphology
    case localIntensity = "local_intensity"
    case statistics = "intensity_statistics"
    case histogram = "intensity_histogram"
    case volumeHistogram = "intensity_volume_histogram"
    case cooccurrence = "glcm"
    case runs = "glrlm"
    case zones = "glszm"
    case distanceZones = "gldzm"
    case differences = "ngtdm"
    case dependence = "ngldm"
}

/// Over what a texture feature was taken, and how it was put together.
public enum ImagingAggregation: String, Hashable, Sendable, CaseIterable {
    case slicesAveraged = "2D_avg"
    case slicesMerged = "2D_comb"
    case directionsMerged = "2.5D_avg"
    case allMerged = "2.5D_comb"
    case spaceAveraged = "3D_avg"
    case spaceMerged = "3D_comb"
    case slices = "2D"
    case stack = "2.5D"
    case space = "3D"

    /// The code that IBSI gave it.
    public var code: String {
        switch self {
        case .slicesAveraged: "BTW3"
        case .slicesMerged: "SUJT"
        case .directionsMerged: "JJUI"
        case .allMerged: "ZW7Z"
        case .spaceAveraged: "ITBB"
        case .spaceMerged: "IAZD"
        case .slices: "8QNN"
        case .stack: "62GR"
        case .space: "KOBO"
        }
    }
}

/// One number that says something of a region.
public struct ImagingFeature: Hashable, Sendable {
    public let family: ImagingFamily
    public let name: String
    /// The code that IBSI gave it.
    public let code: String
    public let aggregation: ImagingAggregation?
    /// Nil where the region does not say.
    public let value: Double?
    /// Empty where it has none.
    public let unit: String
}
