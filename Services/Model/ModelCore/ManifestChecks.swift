extension Manifest {
    static let featureCountMax = 100_000
    static let classCountMax = 1_000
    static let goldenCountMax = 256
    /// Of ``backgroundRows``.
    public static let backgroundRowCountMax = 100
    static let backgroundValueCountMax = 1 << 18
    static let textByteCountMax = 16_384
    static let nameByteCountMax = 256
    /// No manifest may ask for a looser proof than this.
    public static let toleranceMax = 1e-3

    /// Throws unless every promise of the manifest's documentation holds.
    public func validate() throws(ManifestError) {
        try Manifest.checkName(outcome, "outcome")
        try Manifest.checkName(kind, "kind")
        try checkFeatures()
        try checkClasses()
        try checkCalibration()
        try checkBands()
        try checkExtractors()
        try checkGolden()
        try checkBackground()
        try checkReference()
        try checkCard()
        guard (0...1).contains(completenessMin) else {
            throw .invalid("completenessMin", "0 to 1")
        }
        guard qualityMin.map({ (0...1).contains($0) }) ?? true else {
            throw .invalid("qualityMin", "0 to 1")
        }
        guard outsideShareMax.map({ (0...1).contains($0) }) ?? true else {
            throw .invalid("outsideShareMax", "0 to 1")
        }
    }

    private func checkFeatures() throws(ManifestError) {
        guard !features.isEmpty else { throw .missing("features") }
        guard features.count <= Manifest.featureCountMax else {
            throw .limit("features", max: Manifest.featureCountMax)
        }
        var names: Set<String> = []
        for feature in features {
            try Manifest.checkName(feature.name, "features.name")
            guard names.insert(feature.name).inserted else {
                throw .duplicateFeature(feature.name)
            }
            guard Manifest.isUnit(feature.unit) else {
                throw .unit(feature: feature.name, unit: feature.unit)
            }
            for value in [feature.missing.value, feature.typical] {
                guard let value else { continue }
                guard Float(value).isFinite else { throw .notFinite(feature.name) }
            }
            for range in [feature.applicable, feature.seen] {
                guard let range else { continue }
                guard range.lowerBound.isFinite, range.upperBound.isFinite else {
                    throw .notFinite(feature.name)
                }
            }
        }
    }

    private func checkClasses() throws(ManifestError) {
        if let quantity { return try checkQuantity(quantity) }
        guard classes.count >= 2 else { throw .invalid("classes", "two or more") }
        guard classes.count <= Manifest.classCountMax else {
            throw .limit("classes", max: Manifest.classCountMax)
        }
        var names: Set<String> = []
        for name in classes {
            try Manifest.checkName(name, "classes")
            guard names.insert(name).inserted else { throw .duplicateClass(name) }
        }
        guard names.contains(positiveClass) else { throw .invalid("positive", "one of classes") }
    }

    private func checkCalibration() throws(ManifestError) {
        switch calibration {
        case .none: break
        case .platt(let a, let b):
            guard a.isFinite, b.isFinite else { throw .notFinite("calibration") }
        case .isotonic(let points):
            guard (2...10_000).contains(points.count) else {
                throw .invalid("calibration", "2 to 10000 points")
            }
            for point in points {
                guard point.score.isFinite, (0...1).contains(point.probability) else {
                    throw .notFinite("calibration")
                }
            }
            let rises = zip(points, points.dropFirst()).allSatisfy {
                $0.score < $1.score && $0.probability <= $1.probability
            }
            guard rises else { throw .calibrationOutOfOrder }
        }
        if let conformal { try checkConformal(conformal) }
    }

    private func checkConformal(_ conformal: Conformal) throws(ManifestError) {
        let thresholds: [Double]
        switch conformal.scoreMax {
        case .one(let threshold): thresholds = [threshold]
        case .each(let each):
            guard each.count == classes.count else {
                throw .invalid("conformal.scoreMax", "one for each class")
            }
            thresholds = each
        }
        guard ([conformal.coverage] + thresholds).allSatisfy({ (0...1).contains($0) }) else {
            throw .invalid("conformal", "0 to 1")
        }
    }

    private func checkBands() throws(ManifestError) {
        guard bands.count <= 100 else { throw .limit("bands", max: 100) }
        for band in bands {
            try Manifest.checkName(band.name, "bands.name")
            guard (0...1).contains(band.from) else { throw .invalid("bands.from", "0 to 1") }
            guard band.advice.count <= 32 else { throw .limit("pieces of advice", max: 32) }
            for text in band.advice { try Manifest.checkText(text, "bands.advice") }
        }
        let rises = zip(bands, bands.dropFirst()).allSatisfy { $0.from < $1.from }
        guard rises, bands.first.map({ $0.from == 0 }) ?? true else { throw .bandsOutOfOrder }
    }

    private func checkExtractors() throws(ManifestError) {
        guard Set(extractors.map(\.modality)).count == extractors.count else {
            throw .invalid("extractors", "each modality once")
        }
        for extractor in extractors {
            try Manifest.checkName(extractor.version, "extractors.version")
        }
    }

    private func checkGolden() throws(ManifestError) {
        guard !golden.isEmpty else { throw .missing("golden") }
        guard golden.count <= Manifest.goldenCountMax else {
            throw .limit("golden rows", max: Manifest.goldenCountMax)
        }
        guard goldenTolerance > 0, goldenTolerance <= Manifest.toleranceMax else {
            throw .toleranceTooWide(goldenTolerance)
        }
        for (index, row) in golden.enumerated() {
            guard row.input.count == features.count, row.output.count == answerCount else {
                throw .goldenWidth(row: index)
            }
            guard row.output.allSatisfy(\.isFinite),
                row.input.allSatisfy({ $0.map { Float($0).isFinite } ?? true })
            else { throw .notFinite("golden row \(index)") }
        }
    }

    private func checkBackground() throws(ManifestError) {
        guard backgroundRows.count <= Manifest.backgroundRowCountMax else {
            throw .limit("background rows", max: Manifest.backgroundRowCountMax)
        }
        guard backgroundRows.count * features.count <= Manifest.backgroundValueCountMax else {
            throw .limit("values of background rows", max: Manifest.backgroundValueCountMax)
        }
        for row in backgroundRows {
            guard row.count == features.count else {
                throw .invalid("backgroundRows", "as wide as the features")
            }
            guard row.allSatisfy({ $0.map { Float($0).isFinite } ?? true }) else {
                throw .notFinite("backgroundRows")
            }
        }
    }

    private func checkCard() throws(ManifestError) {
        for (text, name) in [
            (card.title, "card.title"), (card.intendedUse, "card.intendedUse"),
            (card.limits, "card.limits"), (card.population, "card.population"),
        ] { try Manifest.checkText(text, name) }
        guard card.trainingRowCount >= 0 else { throw .invalid("card.trainingRows", "0 or more") }
        guard card.metrics.count <= 1_000 else { throw .limit("metrics", max: 1_000) }
        for metric in card.metrics {
            try Manifest.checkName(metric.name, "card.metrics")
            guard metric.value.isFinite else { throw .notFinite(metric.name) }
        }
        if let from = card.trainedFrom, let to = card.trainedTo {
            guard from <= to else { throw .invalid("card.trainedFrom", "not after trainedTo") }
        }
    }

    /// Whether a unit is of UCUM's characters.
    static func isUnit(_ text: String) -> Bool {
        text.utf8.count <= 64 && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static func checkName(_ text: String, _ path: String) throws(ManifestError) {
        guard !text.isEmpty else { throw .missing(path) }
        guard text.utf8.count <= nameByteCountMax,
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { throw .invalid(path, "1 to 256 bytes without control characters") }
    }

    private static func checkText(_ text: String, _ path: String) throws(ManifestError) {
        guard !text.isEmpty else { throw .missing(path) }
        guard text.utf8.count <= textByteCountMax else {
            throw .limit("bytes in \(path)", max: textByteCountMax)
        }
    }
}
