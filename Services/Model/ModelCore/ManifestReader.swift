import TwinCore
import TwinJSON

extension Manifest {
    /// Reads a manifest and validates it; a key that is not known is refused.
    public init(json text: String) throws(ManifestError) {
        var root: JSONObject
        do { root = try JSONObject(JSON(reading: text), at: "") } catch let error as JSONError {
            throw .json(error)
        } catch let error as ManifestError { throw error } catch { throw .absent }
        let format = try root.number("format")
        guard format == Double(Manifest.formatVersion) else { throw .formatVersion(format) }
        let quantity = try PredictedQuantity(json: root.optional("quantity"))
        self.init(
            outcome: try root.string("outcome"), kind: try root.string("kind"),
            features: try Manifest.map(root.array("features"), ManifestFeature.init(json:)),
            classes: quantity != nil
                ? []
                : try Manifest.map(root.array("classes")) { value throws(ManifestError) in
                    try value.string(at: "classes")
                },
            positiveClass: quantity != nil ? "" : try root.string("positive"), quantity: quantity,
            completenessMin: try root.number("completenessMin"),
            calibration: try Calibration(json: root.required("calibration")),
            conformal: try Conformal(json: root.optional("conformal")),
            bands: try Manifest.map(root.array("bands"), Band.init(json:)),
            extractors: try Manifest.extractors(root.object("extractors")),
            golden: try Manifest.map(root.array("golden"), GoldenRow.init(json:)),
            goldenTolerance: try root.number("goldenTolerance"),
            outsideShareMax: try root.optional("outsideShareMax")?.number(at: "outsideShareMax"),
            qualityMin: try root.optional("qualityMin")?.number(at: "qualityMin"),
            backgroundRows: try Manifest.rows(root.optional("backgroundRows")),
            reference: try DriftReference(json: root.optional("reference")),
            card: try ModelCard(json: root.required("card")))
        try root.finish()
        try validate()
    }

    private static func extractors(
        _ object: JSONObject
    ) throws(ManifestError) -> [ExtractorVersion] {
        var object = object
        var versions: [ExtractorVersion] = []
        for member in object.rest() {
            guard let modality = Modality(name: member.name) else {
                throw .unknownKey("extractors.\(member.name)")
            }
            versions.append(
                ExtractorVersion(
                    modality: modality, version: try member.value.string(at: "extractors")))
        }
        return versions
    }

    private static func rows(_ json: JSON?) throws(ManifestError) -> [[Double?]] {
        guard let json else { return [] }
        return try map(json.array(at: "backgroundRows")) { row throws(ManifestError) in
            try map(row.array(at: "backgroundRows")) { value throws(ManifestError) in
                value == .null ? nil : Optional(try value.number(at: "backgroundRows"))
            }
        }
    }

    fileprivate static func map<Value>(
        _ values: [JSON], _ make: (JSON) throws(ManifestError) -> Value
    ) throws(ManifestError) -> [Value] {
        var made: [Value] = []
        made.reserveCapacity(values.count)
        for value in values { made.append(try make(value)) }
        return made
    }
}

extension ManifestFeature {
    fileprivate init(json: JSON) throws(ManifestError) {
        var object = try JSONObject(json, at: "features")
        let name = try object.string("name")
        let unit = try object.string("unit")
        let missing = try MissingTreatment(json: object.required("missing"))
        let typical = try object.optional("typical")?.number(at: "features.typical")
        let applicable = try range(&object, "applicable")
        let seen = try range(&object, "seen")
        let isActionable = try object.optional("actionable")?.truth(at: "features.actionable")
        var modality: Modality?
        if let name = try object.optional("modality")?.string(at: "features.modality") {
            guard let known = Modality(name: name) else {
                throw .invalid("features.modality", "one of the known modalities")
            }
            modality = known
        }
        try object.finish()
        self.init(
            name: name, unit: unit, missing: missing, typical: typical, applicable: applicable,
            seen: seen, isActionable: isActionable ?? false, modality: modality)
    }
}

/// Two numbers in order; nil where there are none.
private func range(
    _ object: inout JSONObject, _ name: String
) throws(ManifestError) -> ClosedRange<Double>? {
    guard let (low, high) = try object.optional(name)?.pair(at: "features.\(name)") else {
        return nil
    }
    guard low <= high else { throw .invalid("features.\(name)", "in order") }
    return low...high
}

extension MissingTreatment {
    fileprivate init(json: JSON) throws(ManifestError) {
        let path = "features.missing"
        if json == .string("none") {
            self = .none
            return
        }
        guard case .object(let members) = json, members.count == 1 else {
            throw .invalid(path, "none, or one of mean, median, constant")
        }
        let value = try members[0].value.number(at: path)
        switch members[0].name {
        case "mean": self = .mean(value)
        case "median": self = .median(value)
        case "constant": self = .constant(value)
        default: throw .unknownKey("\(path).\(members[0].name)")
        }
    }
}

extension Calibration {
    fileprivate init(json: JSON) throws(ManifestError) {
        if json == .string("none") {
            self = .none
            return
        }
        var object = try JSONObject(json, at: "calibration")
        if let platt = object.optional("platt") {
            let (a, b) = try platt.pair(at: "calibration.platt")
            self = .platt(a: a, b: b)
        } else {
            self = .isotonic(
                try Manifest.map(object.array("isotonic")) { value throws(ManifestError) in
                    let (score, probability) = try value.pair(at: "calibration.isotonic")
                    return Point(score: score, probability: probability)
                })
        }
        try object.finish()
    }
}

extension Conformal {
    fileprivate init?(json: JSON?) throws(ManifestError) {
        guard let json else { return nil }
        var object = try JSONObject(json, at: "conformal")
        let coverage = try object.number("coverage")
        let scoreMax = try object.required("scoreMax")
        try object.finish()
        // One number is the older form, and still one that may be meant.
        if case .number(let one) = scoreMax {
            self.init(coverage: coverage, scoreMax: one)
        } else {
            let path = "conformal.scoreMax"
            let each = try Manifest.map(scoreMax.array(at: path)) { value throws(ManifestError) in
                try value.number(at: path)
            }
            self.init(coverage: coverage, scoreMax: .each(each))
        }
    }
}

extension Band {
    fileprivate init(json: JSON) throws(ManifestError) {
        var object = try JSONObject(json, at: "bands")
        let advice = try Manifest.map(object.array("advice")) { value throws(ManifestError) in
            try value.string(at: "bands.advice")
        }
        self.init(from: try object.number("from"), name: try object.string("name"), advice: advice)
        try object.finish()
    }
}

extension GoldenRow {
    fileprivate init(json: JSON) throws(ManifestError) {
        var object = try JSONObject(json, at: "golden")
        let input = try Manifest.map(object.array("input")) { value throws(ManifestError) in
            value == .null ? nil : Optional(try value.number(at: "golden.input"))
        }
        let output = try Manifest.map(object.array("output")) { value throws(ManifestError) in
            try value.number(at: "golden.output")
        }
        try object.finish()
        self.init(input: input, output: output)
    }
}

extension ModelCard {
    fileprivate init(json: JSON) throws(ManifestError) {
        var object = try JSONObject(json, at: "card")
        let count = try object.number("trainingRows")
        guard let rows = Int(exactly: count) else {
            throw .invalid("card.trainingRows", "a whole number")
        }
        var metrics = try object.object("metrics")
        var kept: [Metric] = []
        for member in metrics.rest() {
            kept.append(
                Metric(name: member.name, value: try member.value.number(at: "card.metrics")))
        }
        self.init(
            title: try object.string("title"), intendedUse: try object.string("intendedUse"),
            limits: try object.string("limits"), population: try object.string("population"),
            trainedFrom: try ModelCard.instant(object.optional("trainedFrom")),
            trainedTo: try ModelCard.instant(object.optional("trainedTo")),
            trainingRowCount: rows, metrics: kept)
        try object.finish()
    }

    private static func instant(_ json: JSON?) throws(ManifestError) -> Instant? {
        guard let json else { return nil }
        guard let instant = Instant(rfc3339: try json.string(at: "card")) else {
            throw .invalid("card", "RFC 3339 times")
        }
        return instant
    }
}
