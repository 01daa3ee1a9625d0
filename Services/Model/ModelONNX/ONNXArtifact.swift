import Crypto
public import ModelCore
public import TwinCore

/// One ONNX file, read, bounded and compiled.
///
/// Reading it proves that it can be run, not that its answers are right: that is what the golden
/// rows of its manifest are for.
public struct ONNXArtifact: Sendable {
    /// One output of a run.
    public enum Output: Hashable, Sendable {
        case numbers(shape: [Int], [Float])
        case labels([String])
    }

    public let id: ArtifactID
    /// The text of the manifest; nil where the file carries none.
    public let manifestText: String?
    let plan: Plan

    public init(bytes: [UInt8]) throws(ONNXError) {
        let file = try GraphReader.read(bytes)
        plan = try PlanBuilder.build(file)
        manifestText = file.metadata.first { $0.key == Manifest.metadataKey }?.value
        id = try ONNXArtifact.identity(of: bytes)
    }

    /// The SHA-256 of a file.
    public static func identity(of bytes: [UInt8]) throws(ONNXError) -> ArtifactID {
        let digits = Array("0123456789abcdef".utf8)
        var hex: [UInt8] = []
        for byte in SHA256.hash(data: bytes) {
            hex += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        guard let id = ArtifactID(hex: String(decoding: hex, as: UTF8.self)) else {
            throw .malformed("identity")
        }
        return id
    }

    /// The columns of the input; nil where the file leaves it open.
    public var featureCount: Int? { plan.featureCount }
    public var outputNames: [String] { plan.outputs.map(\.name) }

    /// The outputs for `count` flat rows, in the order of ``outputNames``.
    public func run(_ rows: [Float], count: Int) throws(ONNXError) -> [Output] {
        guard count > 0, rows.count % count == 0 else { throw .graph("rows of unlike width") }
        return try plan.run(rows, count: count, width: rows.count / count).map { value in
            switch value {
            case .floats(let tensor): .numbers(shape: tensor.shape, tensor.elements)
            case .ints(let tensor): .labels(tensor.elements.map(String.init))
            case .texts(let tensor): .labels(tensor.elements)
            }
        }
    }

    /// The manifest that the file carries.
    public func manifest() throws(ManifestError) -> Manifest {
        guard let manifestText else { throw .absent }
        return try Manifest(json: manifestText)
    }

    /// The file with a manifest in its metadata; for models that others exported.
    ///
    /// Throws if it is no file of this kind or has a manifest.
    public static func adding(
        _ manifest: Manifest, to bytes: [UInt8]
    ) throws(ONNXError) -> [UInt8] {
        guard try ONNXArtifact(bytes: bytes).manifestText == nil else {
            throw .malformed("it carries a manifest")
        }
        // Fields of one protobuf message may come in any order: it can be appended to.
        var writer = WireWriter()
        writer.metadata(Manifest.metadataKey, manifest.json)
        return bytes + writer.bytes
    }
}
