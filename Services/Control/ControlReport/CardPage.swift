public import ModelCore
import TwinCore

/// What people must know of a model before they rely on it, as one page.
///
/// All of it is the artifact's own word, but for its name, its signature and its history. The
/// texts come from whoever made the artifact: they are shown as they are, and do nothing.
public struct CardPage: Sendable {
    enum Block: Sendable {
        case paragraph(String)
        case table(header: [String], rows: [[String]])
    }

    struct Section: Sendable {
        var title: String
        var blocks: [Block]
    }

    /// One line of the history: when, what, by whom.
    public struct Event: Hashable, Sendable {
        public var at: String
        public var what: String
        public var by: String

        public init(at: String, what: String, by: String) {
            self.at = at
            self.what = what
            self.by = by
        }
    }

    private let manifest: Manifest
    private let artifact: String
    /// The public key of who answers for the artifact; nil where nobody does.
    private let signedBy: String?
    private let history: [Event]

    public init(_ manifest: Manifest, artifact: String, signedBy: String?, history: [Event]) {
        self.manifest = manifest
        self.artifact = artifact
        self.signedBy = signedBy
        self.history = history
    }

    var title: String { manifest.card.title }

    var sections: [Section] {
        let card = manifest.card
        return [
            Section(title: "Identity", blocks: [.table(header: [], rows: identity)]),
            Section(title: "Intended use", blocks: [.paragraph(card.intendedUse)]),
            Section(title: "Where it must not be relied on", blocks: [.paragraph(card.limits)]),
            Section(
                title: "Patients that it learnt from",
                blocks: [.paragraph(card.population), .table(header: [], rows: training)]),
            Section(
                title: "How good it was",
                blocks: [
                    card.metrics.isEmpty
                        ? .paragraph("No measures are stated.")
                        : .table(
                            header: ["measure", "value"],
                            rows: card.metrics.map { [$0.name, Figure.text($0.value)] })
                ]),
            Section(title: "What it says, and when it says nothing", blocks: speech),
            Section(title: "Features", blocks: [features]),
            Section(
                title: "History in this store",
                blocks: [
                    history.isEmpty
                        ? .paragraph("It is in no store's history.")
                        : .table(
                            header: ["at", "what", "by"],
                            rows: history.map { [$0.at, $0.what, $0.by] })
                ]),
        ]
    }

    private var identity: [[String]] {
        [
            ["outcome", manifest.outcome], ["kind", manifest.kind],
            ["SHA-256 of the artifact", artifact],
            ["signed by", signedBy ?? "nobody: who made it is not proved"],
            [
                "features are made by",
                manifest.extractors.isEmpty
                    ? "any extractor"
                    : manifest.extractors.map { "\($0.modality.name) \($0.version)" }
                        .joined(separator: ", "),
            ],
            [
                "proved by",
                "\(manifest.golden.count) rows with the answers of the library that trained it, "
                    + "within \(manifest.goldenTolerance)",
            ],
        ]
    }

    private var training: [[String]] {
        let card = manifest.card
        let from = card.trainedFrom?.description ?? "not stated"
        let to = card.trainedTo?.description ?? "not stated"
        return [["rows", "\(card.trainingRowCount)"], ["data from", from], ["data to", to]]
    }

    private var speech: [Block] {
        if let quantity = manifest.quantity { return speech(of: quantity) }
        var lines = [
            "It tells \(manifest.classes.joined(separator: ", ")) apart, and shows the probability "
                + "of \(manifest.positiveClass)."
        ]
        lines += silence
        let calibration =
            switch manifest.calibration {
            case .none: "Its scores are shown as probabilities without calibration."
            case .platt: "Its scores are calibrated by a logistic line (Platt)."
            case .isotonic(let points):
                "Its scores are calibrated by \(points.count) steps (isotonic)."
            }
        lines.append(calibration)
        if let conformal = manifest.conformal {
            let scope: String
            if case .each = conformal.scoreMax {
                scope = "of each class"
            } else {
                scope = "of all patients"
            }
            lines.append(
                "The classes that it can't rule out hold the true one for "
                    + "\(Figure.percent(conformal.coverage)) \(scope), where patients are like "
                    + "those of its calibration.")
        } else {
            lines.append("It rules no class out.")
        }
        var blocks = lines.map(Block.paragraph)
        if !manifest.bands.isEmpty {
            blocks.append(
                .table(
                    header: ["from probability", "band", "advice"],
                    rows: manifest.bands.map {
                        [Figure.text($0.from), $0.name, $0.advice.joined(separator: " ")]
                    }))
        }
        return blocks
    }

    private func speech(of quantity: PredictedQuantity) -> [Block] {
        var lines = ["It tells \(manifest.outcome) in \(quantity.unit)."] + silence
        if let range = quantity.range {
            lines.append("It says nothing where its answer is not \(CardPage.text(range)).")
        }
        if let residual = quantity.residual {
            lines.append(
                "The truth is within \(Figure.text(residual.sizeMax)) \(quantity.unit) of its "
                    + "answer for \(Figure.percent(residual.coverage)) of patients, where they are "
                    + "like those that it was judged by.")
        } else {
            lines.append("How far it may be from the truth is not known.")
        }
        return lines.map(Block.paragraph)
    }

    /// When it says nothing, whatever it tells.
    private var silence: [String] {
        let missing =
            "It says nothing where fewer than \(Figure.percent(manifest.completenessMin)) of the "
            + "features are present."
        guard let share = manifest.outsideShareMax else { return [missing] }
        return [
            missing,
            "It says nothing where more than \(Figure.percent(share)) of the present features "
                + "are outside of what nearly all its training patients had.",
        ]
    }

    private var features: Block {
        .table(
            header: [
                "feature", "unit", "where it is missing", "typical", "nearly all had",
                "applies from", "can change",
            ],
            rows: manifest.features.map { feature in
                [
                    feature.name, feature.unit.isEmpty ? "–" : feature.unit,
                    CardPage.text(feature.missing),
                    feature.typical.map { Figure.text($0) } ?? "–", CardPage.text(feature.seen),
                    CardPage.text(feature.applicable), feature.isActionable ? "yes" : "no",
                ]
            })
    }

    private static func text(_ range: ClosedRange<Double>?) -> String {
        range.map { "\(Figure.text($0.lowerBound)) to \(Figure.text($0.upperBound))" } ?? "–"
    }

    private static func text(_ missing: MissingTreatment) -> String {
        switch missing {
        case .none: "the model knows that it is missing"
        case .mean(let value): "the mean is put in: \(Figure.text(value))"
        case .median(let value): "the median is put in: \(Figure.text(value))"
        case .constant(let value): "put in: \(Figure.text(value))"
        }
    }
}
