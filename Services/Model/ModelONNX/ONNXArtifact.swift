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
    let entry: RowEntry
    /// The outputs as the file declares them.
    let declarations: [GraphFile.Input]

    public init(bytes: [UInt8]) throws(ONNXError) {
        let file = try GraphReader.read(bytes)
        plan = try PlanBuilder.build(file)
        entry = try RowEntry(file.ownInputs)
        declarations = file.outputs
        manifestText = file.metadata.first { $0.key == Manifest.metadataKey }?.value
        id = ONNXArtifact.identity(of: bytes)
    }

    /// The SHA-256 of a file.
    public static func identity(of bytes: [UInt8]) -> ArtifactID {
        ArtifactID(digest: SHA256.hash(data: bytes))
    }

    /// The columns of the input; nil where the file leaves it open.
    public var featureCount: Int? { entry.featureCount }
    public var outputNames: [String] { plan.outputs.map(\.name) }

    /// The outputs for `count` flat rows, in the order of ``outputNames``.
    public func run(_ rows: [Float], count: Int) throws(ONNXError) -> [Output] {
        guard count > 0, rows.count % count == 0 else { throw .graph("rows of unlike width") }
        return try answers(rows, count: count).outputs.map { value in
            switch value {
            case .floats(let tensor): .numbers(shape: tensor.shape, tensor.elements)
            case .doubles(let tensor):
                .numbers(shape: tensor.shape, tensor.elements.map { Float($0) })
            case .ints(let tensor): .labels(tensor.elements.map(String.init))
            case .truths(let tensor): .labels(tensor.elements.map { $0 ? "1" : "0" })
            case .texts(let tensor): .labels(tensor.elements)
            }
        }
    }

    /// The values of all outputs for `count` rows, and what they took.
    func answers(
        _ rows: [Float], count: Int
    ) throws(ONNXError) -> (outputs: [Value], cost: Plan.Cost) {
        let width = rows.count / count
        guard entry.takesOneRow, count > 1 else {
            return try plan.run(entry.values(rows, count: count, width: width))
        }
        var parts: [[Value]] = []
        var cost = Plan.Cost()
        for start in stride(from: 0, to: rows.count, by: max(1, width)) {
            let row = Array(rows[start..<start + width])
            let (outputs, own) = try plan.run(entry.values(row, count: 1, width: width))
            parts.append(outputs)
            cost.operations += own.operations
            cost.elements += own.elements
        }
        var outputs: [Value] = []
        for index in plan.outputs.indices {
            outputs.append(try ONNXArtifact.stacked(parts.map { $0[index] }))
        }
        return (outputs, cost)
    }

    /// The answers for single rows as one answer for all.
    private static func stacked(_ parts: [Value]) throws(ONNXError) -> Value {
        let shape = parts.first?.shape ?? []
        guard let first = shape.first, first == 1, parts.allSatisfy({ $0.shape == shape }) else {
            throw .graph("an output is not of one row")
        }
        do throws(KernelFailure) {
            return try Value.chained(parts).reshaped([parts.count] + shape.dropFirst())
        } catch { throw error.running("outputs") }
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
