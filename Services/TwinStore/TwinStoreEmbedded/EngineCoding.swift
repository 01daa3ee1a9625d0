public import TwinCore
public import TwinJournal
import TwinStoreCore

/// How the values that an engine keeps become bytes.
public struct EngineCoding: Sendable {
    public var observations: ByteCoding<[Observation]>
    public var featureSet: ByteCoding<FeatureSet>
    public var assessments: ByteCoding<[Assessment]>
    public var artifactInfo: ByteCoding<ArtifactInfo>
    public var activation: ByteCoding<Activation>
    public var driftTally: ByteCoding<DriftTally>

    public init(
        observations: ByteCoding<[Observation]>, featureSet: ByteCoding<FeatureSet>,
        assessments: ByteCoding<[Assessment]>, artifactInfo: ByteCoding<ArtifactInfo>,
        activation: ByteCoding<Activation>, driftTally: ByteCoding<DriftTally>
    ) {
        self.observations = observations
        self.featureSet = featureSet
        self.assessments = assessments
        self.artifactInfo = artifactInfo
        self.activation = activation
        self.driftTally = driftTally
    }
}

/// Runs what reads stored bytes; whatever it finds wrong is damage.
func reading<Value>(
    _ what: @autoclosure () -> String, _ body: () throws -> Value
) throws(EngineError) -> Value {
    do {
        return try body()
    } catch let error as EngineError {
        throw error
    } catch {
        throw .corrupted("\(what()): \(error)")
    }
}

/// Records as the journal holds them.
struct RecordCoding: Sendable {
    private static let version: UInt8 = 1

    private enum Kind: UInt8 {
        case observations = 1
        case features = 2
        case assessments = 3
        case artifact = 4
        case activation = 5
        case shadows = 6
        case drift = 7
    }

    let coding: EngineCoding

    func encode(_ record: StoreRecord) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(RecordCoding.version)
        writer.append(kind(of: record.change).rawValue)
        writer.append(record.cursor)
        writer.append(record.commitTime.microsecondsSinceEpoch)
        switch record.change {
        case .observations(let ingest, let offset, let slices):
            writer.append(text: ingest)
            writer.append(offset)
            writer.append(UInt32(clamping: slices.count))
            for slice in slices {
                writer.append(text: slice.twin.text)
                writer.append(slice.revision)
                writer.append(blob: coding.observations.encode(slice.observations))
            }
        case .features(let twin, let set):
            writer.append(text: twin.text)
            writer.append(blob: coding.featureSet.encode(set))
        case .assessments(let twin, let revision, let assessments),
            .shadows(let twin, let revision, let assessments):
            writer.append(text: twin.text)
            writer.append(revision)
            writer.append(blob: coding.assessments.encode(assessments))
        case .artifact(let info): writer.append(blob: coding.artifactInfo.encode(info))
        case .activation(let activation):
            writer.append(blob: coding.activation.encode(activation))
        case .drift(let tally): writer.append(blob: coding.driftTally.encode(tally))
        }
        return writer.bytes
    }

    /// The record that the journal holds at `cursor`.
    func decode(_ bytes: [UInt8], cursor: UInt64) throws(EngineError) -> StoreRecord {
        try reading("journal record \(cursor)") {
            var reader = ByteReader(bytes)
            guard try reader.number() == RecordCoding.version,
                let kind = Kind(rawValue: try reader.number()), try reader.number() == cursor
            else { throw MalformedBytes("not this record") }
            let commitTime = Instant(microsecondsSinceEpoch: try reader.number())
            let change = try change(kind, &reader)
            guard reader.isAtEnd else { throw MalformedBytes("bytes left") }
            return StoreRecord(cursor: cursor, commitTime: commitTime, change: change)
        }
    }

    private func kind(of change: StoreChange) -> Kind {
        switch change {
        case .observations: .observations
        case .features: .features
        case .assessments: .assessments
        case .artifact: .artifact
        case .activation: .activation
        case .shadows: .shadows
        case .drift: .drift
        }
    }

    private func change(_ kind: Kind, _ reader: inout ByteReader) throws -> StoreChange {
        switch kind {
        case .observations:
            let ingest = try reader.text()
            let offset: UInt64 = try reader.number()
            let count: UInt32 = try reader.number()
            guard Int(count) <= reader.leftByteCount else { throw MalformedBytes("cut short") }
            let slices = try (0..<count).map { _ in
                TwinSlice(
                    twin: try reader.twin(), revision: try reader.number(),
                    observations: try coding.observations.decode(try reader.blob()))
            }
            return .observations(ingest: ingest, offset: offset, slices: slices)
        case .features:
            return .features(try reader.twin(), try coding.featureSet.decode(try reader.blob()))
        case .assessments:
            return .assessments(
                try reader.twin(), revision: try reader.number(),
                try coding.assessments.decode(try reader.blob()))
        case .shadows:
            return .shadows(
                try reader.twin(), revision: try reader.number(),
                try coding.assessments.decode(try reader.blob()))
        case .artifact:
            return .artifact(try coding.artifactInfo.decode(try reader.blob()))
        case .activation:
            return .activation(try coding.activation.decode(try reader.blob()))
        case .drift: return .drift(try coding.driftTally.decode(try reader.blob()))
        }
    }
}

extension ByteReader {
    mutating func twin() throws -> TwinID {
        guard let twin = TwinID(try text()) else { throw MalformedBytes("not a twin's name") }
        return twin
    }
}
