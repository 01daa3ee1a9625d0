import TwinCore
import TwinJSON

extension Manifest {
    /// The manifest as one JSON text; ``init(json:)`` reads back an equal manifest.
    public var json: String {
        var members: [JSON.Member] = [
            .init("format", .number(Double(Manifest.formatVersion))),
            .init("outcome", .string(outcome)), .init("kind", .string(kind)),
            .init("features", .array(features.map(\.json))),
        ]
        if let quantity {
            members.append(.init("quantity", quantity.json))
        } else {
            members += [
                .init("classes", .array(classes.map(JSON.string))),
                .init("positive", .string(positiveClass)),
            ]
        }
        members += [
            .init("completenessMin", .number(completenessMin)),
            .init("calibration", calibration.json),
        ]
        if let conformal {
            members.append(
                .init(
                    "conformal",
                    .object([
                        .init("coverage", .number(conformal.coverage)),
                        .init("scoreMax", conformal.scoreMax.json),
                    ])))
        }
        members += [
            .init("bands", .array(bands.map(\.json))),
            .init(
                "extractors",
                .object(extractors.map { .init($0.modality.name, .string($0.version)) })),
            .init("goldenTolerance", .number(goldenTolerance)),
            .init("golden", .array(golden.map(\.json))), .init("card", card.json),
        ]
        if let outsideShareMax {
            members.append(.init("outsideShareMax", .number(outsideShareMax)))
        }
        if let qualityMin { members.append(.init("qualityMin", .number(qualityMin))) }
        if !backgroundRows.isEmpty {
            members.append(
                .init(
                    "backgroundRows",
                    .array(
                        backgroundRows.map { row in
                            .array(row.map { $0.map(JSON.number) ?? .null })
                        })))
        }
        if let reference { members.append(.init("reference", reference.json)) }
        return JSON.object(members).text
    }
}

extension ManifestFeature {
    fileprivate var json: JSON {
        var members: [JSON.Member] = [
            .init("name", .string(name)), .init("unit", .string(unit)),
            .init("missing", missing.json),
        ]
        if let typical { members.append(.init("typical", .number(typical))) }
        for (name, range) in [("applicable", applicable), ("seen", seen)] {
            guard let range else { continue }
            members.append(
                .init(name, .array([.number(range.lowerBound), .number(range.upperBound)])))
        }
        if isActionable { members.append(.init("actionable", .bool(true))) }
        if let modality { members.append(.init("modality", .string(modality.name))) }
        return .object(members)
    }
}

extension Conformal.Threshold {
    fileprivate var json: JSON {
        switch self {
        case .one(let threshold): .number(threshold)
        case .each(let thresholds): .array(thresholds.map(JSON.number))
        }
    }
}

extension MissingTreatment {
    fileprivate var json: JSON {
        switch self {
        case .none: .string("none")
        case .mean(let value): .object([.init("mean", .number(value))])
        case .median(let value): .object([.init("median", .number(value))])
        case .constant(let value): .object([.init("constant", .number(value))])
        }
    }
}

extension Calibration {
    fileprivate var json: JSON {
        switch self {
        case .none: .string("none")
        case .platt(let a, let b):
            .object([.init("platt", .array([.number(a), .number(b)]))])
        case .isotonic(let points):
            .object([
                .init(
                    "isotonic",
                    .array(points.map { .array([.number($0.score), .number($0.probability)]) }))
            ])
        }
    }
}

extension Band {
    fileprivate var json: JSON {
        .object([
            .init("from", .number(from)), .init("name", .string(name)),
            .init("advice", .array(advice.map(JSON.string))),
        ])
    }
}

extension GoldenRow {
    fileprivate var json: JSON {
        .object([
            .init("input", .array(input.map { $0.map(JSON.number) ?? .null })),
            .init("output", .array(output.map(JSON.number))),
        ])
    }
}

extension ModelCard {
    fileprivate var json: JSON {
        var members: [JSON.Member] = [
            .init("title", .string(title)), .init("intendedUse", .string(intendedUse)),
            .init("limits", .string(limits)), .init("population", .string(population)),
        ]
        if let trainedFrom {
            members.append(.init("trainedFrom", .string(trainedFrom.description)))
        }
        if let trainedTo { members.append(.init("trainedTo", .string(trainedTo.description))) }
        members += [
            .init("trainingRows", .number(Double(trainingRowCount))),
            .init("metrics", .object(metrics.map { .init($0.name, .number($0.value)) })),
        ]
        return .object(members)
    }
}
