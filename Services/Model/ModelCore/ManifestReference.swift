import TwinCore
import TwinJSON

// How a manifest says what its training rows were like.
extension DriftReference {
    var json: JSON {
        var members: [JSON.Member] = [.init("features", .array(features.map(\.json)))]
        if let scores { members.append(.init("scores", .object(scores.members))) }
        return .object(members)
    }

    init?(json: JSON?) throws(ManifestError) {
        guard let json else { return nil }
        var object = try JSONObject(json, at: "reference")
        var features: [Feature] = []
        for value in try object.array("features") { features.append(try Feature(json: value)) }
        var scores: ReferenceBins?
        if let value = object.optional("scores") {
            var inner = try JSONObject(value, at: "reference.scores")
            scores = try ReferenceBins(&inner)
            try inner.finish()
        }
        try object.finish()
        self.init(features: features, scores: scores)
    }
}

extension DriftReference.Feature {
    fileprivate var json: JSON {
        var members: [JSON.Member] = [.init("name", .string(name))]
        if let modality { members.append(.init("modality", .string(modality.name))) }
        return .object(members + bins.members)
    }

    fileprivate init(json: JSON) throws(ManifestError) {
        var object = try JSONObject(json, at: "reference.features")
        var modality: Modality?
        if let name = try object.optional("modality")?.string(at: "reference.features.modality") {
            guard let known = Modality(name: name) else {
                throw .invalid("reference.features.modality", "one of the known modalities")
            }
            modality = known
        }
        self.init(
            name: try object.string("name"), modality: modality, bins: try ReferenceBins(&object))
        try object.finish()
    }
}

extension ReferenceBins {
    fileprivate var members: [JSON.Member] {
        [
            .init("edges", .array(edges.map(JSON.number))),
            .init("counts", .array(counts.map { .number(Double($0)) })),
            .init("missing", .number(Double(missingCount))),
        ]
    }

    fileprivate init(_ object: inout JSONObject) throws(ManifestError) {
        var edges: [Double] = []
        for value in try object.array("edges") {
            edges.append(try value.number(at: "reference.edges"))
        }
        var counts: [UInt64] = []
        for value in try object.array("counts") { counts.append(try ReferenceBins.count(value)) }
        self.init(
            edges: edges, counts: counts,
            missingCount: try ReferenceBins.count(object.required("missing")))
    }

    private static func count(_ json: JSON) throws(ManifestError) -> UInt64 {
        guard let count = UInt64(exactly: try json.number(at: "reference.counts")) else {
            throw .invalid("reference.counts", "whole numbers")
        }
        return count
    }
}

extension Manifest {
    func checkReference() throws(ManifestError) {
        guard let reference else { return }
        guard reference.isSound else {
            throw .invalid(
                "reference",
                "ascending edges, one count more than edges, each feature once, at most "
                    + "\(DriftReference.featureCountMax) features of \(ReferenceBins.edgeCountMax) edges"
            )
        }
        let names = Set(features.map(\.name))
        guard reference.features.allSatisfy({ names.contains($0.name) }) else {
            throw .invalid("reference.features", "features of the model")
        }
    }
}
