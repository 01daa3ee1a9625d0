/// How a data set is written: its transfer syntax.
public struct DICOMSyntax: Hashable, Sendable {
    public let identifier: String
    public let isExplicit: Bool
    public let isBigEndian: Bool
    public let isDeflated: Bool

    public init(_ identifier: String) {
        self.identifier = identifier
        isExplicit = identifier != "1.2.840.10008.1.2"
        isBigEndian = identifier == "1.2.840.10008.1.2.2"
        isDeflated = identifier == "1.2.840.10008.1.2.1.99"
    }

    public static let explicitLittle = DICOMSyntax("1.2.840.10008.1.2.1")
    public static let implicitLittle = DICOMSyntax("1.2.840.10008.1.2")
    public static let explicitBig = DICOMSyntax("1.2.840.10008.1.2.2")
    public static let deflated = DICOMSyntax("1.2.840.10008.1.2.1.99")
    public static let runLengths = DICOMSyntax("1.2.840.10008.1.2.5")

    /// Whether pixels lie as they are.
    public var isNative: Bool {
        [
            DICOMSyntax.explicitLittle, .implicitLittle, .explicitBig, .deflated,
        ].contains(self)
    }
}

/// How much a data set may hold.
public struct DICOMLimits: Hashable, Sendable {
    /// Sequences within sequences.
    public var depthMax: Int
    public var elementsMax: Int
    /// The most bytes that a deflated data set may become.
    public var inflatedMax: Int

    public init(
        depthMax: Int = 256, elementsMax: Int = 1 << 20, inflatedMax: Int = 1 << 30
    ) {
        self.depthMax = depthMax
        self.elementsMax = elementsMax
        self.inflatedMax = inflatedMax
    }
}
