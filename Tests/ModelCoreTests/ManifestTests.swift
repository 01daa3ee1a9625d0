import ModelCore
import Testing
import TwinCore
import TwinJSON
import TwinTestKit

@Suite struct ManifestTests {
    private let sample: Manifest = {
        var manifest = SampleModel.manifest(
            golden: [GoldenRow(input: [0.1, nil, -3], output: [0.25, 0.75])],
            calibration: .isotonic([
                .init(score: 0, probability: 0.1), .init(score: 1.0 / 3, probability: 0.1),
                .init(score: 1, probability: 0.9),
            ]), conformal: Conformal(coverage: 0.9, scoreMax: 0.7))
        manifest.features[0].missing = .none
        return manifest
    }()

    @Test func `a manifest reads back as it was written`() throws {
        #expect(try Manifest(json: sample.json) == sample)
        var other = sample
        other.calibration = .platt(a: -1.25e-17, b: 0.1)
        other.conformal = nil
        other.extractors = []
        #expect(try Manifest(json: other.json) == other)
        #expect(try Manifest(json: other.json).json == other.json)
    }

    @Test func `what is known of the training rows reads back`() throws {
        var other = sample
        other.conformal = Conformal(coverage: 0.9, scoreMax: .each([0.25, 0.875]))
        other.features[0].seen = 42.5...171
        other.features[0].isActionable = true
        other.features[1].modality = .imaging
        other.outsideShareMax = 0.125
        other.reference = DriftReference(
            features: [
                .init(
                    name: "news2", modality: .vitals,
                    bins: ReferenceBins(
                        edges: [-0.5, 1e-9], counts: [3, 0, 1 << 40], missingCount: 7)),
                .init(
                    name: "lactate_max", modality: nil,
                    bins: ReferenceBins(edges: [], counts: [0], missingCount: 0)),
            ], scores: ReferenceBins(edges: [0.25], counts: [1, 2], missingCount: 0))
        other.qualityMin = 0.5
        other.backgroundRows = [[80, nil, 2], [0.1, 1, 0]]
        let read = try Manifest(json: other.json)
        #expect(read == other)
        #expect(read.filledBackgroundRows == [[80, 1.5, 2], [0.1, 1, 0]])
    }

    @Test func `an older manifest says nothing of them`() throws {
        #expect(sample.json.contains("\"conformal\":{\"coverage\":0.9,\"scoreMax\":0.7}"))
        for key in [
            "seen", "actionable", "modality", "outsideShareMax", "backgroundRows", "reference",
            "qualityMin",
        ] {
            #expect(!sample.json.contains("\"\(key)\""))
        }
        let read = try Manifest(json: sample.json)
        #expect(
            read.outsideShareMax == nil && read.qualityMin == nil && read.backgroundRows.isEmpty)
        #expect(read.features.allSatisfy { $0.seen == nil && !$0.isActionable })
    }

    @Test func `what is said of the training rows is checked`() {
        expect(.invalid("conformal.scoreMax", "one for each class")) {
            $0.conformal = Conformal(coverage: 0.9, scoreMax: .each([0.5]))
        }
        expect(.invalid("conformal", "0 to 1")) {
            $0.conformal = Conformal(coverage: 0.9, scoreMax: .each([0.5, 1.5]))
        }
        expect(.invalid("outsideShareMax", "0 to 1")) { $0.outsideShareMax = -0.1 }
        expect(.invalid("reference.features", "features of the model")) {
            let bins = ReferenceBins(edges: [1], counts: [1, 1], missingCount: 0)
            $0.reference = DriftReference(
                features: [.init(name: "another", modality: nil, bins: bins)], scores: nil)
        }
        expect(.invalid("qualityMin", "0 to 1")) { $0.qualityMin = 1.5 }
        expect(.invalid("backgroundRows", "as wide as the features")) {
            $0.backgroundRows = [[1, 2]]
        }
        expect(.notFinite("backgroundRows")) { $0.backgroundRows = [[1, 1e300, 2]] }
        expect(.limit("background rows", max: 100)) {
            $0.backgroundRows = Array(repeating: [1, 2, 3], count: 101)
        }
    }

    private func expect(_ error: ManifestError, _ change: (inout Manifest) -> Void) {
        var broken = sample
        change(&broken)
        #expect(throws: error) { try broken.validate() }
        #expect(throws: error) { try Manifest(json: broken.json) }
    }

    @Test func `what is promised is checked`() {
        expect(.duplicateFeature("news2")) { $0.features[0].name = "news2" }
        expect(.unit(feature: "news2", unit: "a b")) { $0.features[2].unit = "a b" }
        expect(.missing("features.name")) { $0.features[1].name = "" }
        expect(.missing("features")) { $0.features = [] }
        expect(.notFinite("news2")) { $0.features[2].typical = 1e300 }
        expect(.duplicateClass("died")) { $0.classes = ["died", "died"] }
        expect(.invalid("classes", "two or more")) { $0.classes = ["died"] }
        expect(.invalid("positive", "one of classes")) { $0.positiveClass = "x" }
        expect(.bandsOutOfOrder) { $0.bands.reverse() }
        expect(.bandsOutOfOrder) { $0.bands[0].from = 0.1 }
        expect(.invalid("bands.from", "0 to 1")) { $0.bands[1].from = 1.5 }
        expect(.toleranceTooWide(1e9)) { $0.goldenTolerance = 1e9 }
        expect(.toleranceTooWide(0)) { $0.goldenTolerance = 0 }
        expect(.missing("golden")) { $0.golden = [] }
        expect(.goldenWidth(row: 0)) { $0.golden[0].input.removeLast() }
        expect(.goldenWidth(row: 0)) { $0.golden[0].output.append(0) }
        expect(.invalid("completenessMin", "0 to 1")) { $0.completenessMin = 1.1 }
        expect(.calibrationOutOfOrder) {
            $0.calibration = .isotonic([
                .init(score: 0, probability: 0.5), .init(score: 1, probability: 0.4),
            ])
        }
        expect(.missing("card.intendedUse")) { $0.card.intendedUse = "" }
        expect(.missing("card.population")) { $0.card.population = "" }
        expect(.invalid("card.trainedFrom", "not after trainedTo")) {
            swap(&$0.card.trainedFrom, &$0.card.trainedTo)
        }
    }

    @Test func `a golden answer that is no number is refused`() {
        var broken = sample
        broken.golden[0].output[0] = .nan
        #expect(throws: ManifestError.notFinite("golden row 0")) { try broken.validate() }
    }

    @Test func `unknown keys and versions are refused`() {
        let json = sample.json
        #expect(throws: ManifestError.unknownKey("x")) {
            try Manifest(json: "{\"x\":1," + json.dropFirst())
        }
        #expect(throws: ManifestError.formatVersion(2)) {
            try Manifest(json: json.replacing("\"format\":1", with: "\"format\":2"))
        }
        #expect(throws: ManifestError.json(.duplicateKey("format", at: 13))) {
            try Manifest(json: "{\"format\":1,\"format\":1," + json.dropFirst())
        }
        #expect(throws: ManifestError.unknownKey("extractors.smell")) {
            try Manifest(json: json.replacing("{\"vitals\":", with: "{\"smell\":"))
        }
    }

    @Test func `truncated and changed texts are refused or read`() {
        let bytes = Array(sample.json.utf8)
        for count in 0..<bytes.count {
            let text = String(decoding: bytes.prefix(count), as: UTF8.self)
            #expect(throws: ManifestError.self) { try Manifest(json: text) }
        }
        let seed: UInt64 = 41
        var random = SeededSequence(seed: seed)
        var read = 0
        for _ in 0..<3_000 {
            var changed = bytes
            for _ in 0...random.next(below: 3) {
                changed[random.next(below: bytes.count)] = UInt8(random.next(below: 128))
            }
            if (try? Manifest(json: String(decoding: changed, as: UTF8.self))) != nil { read += 1 }
        }
        print("seed \(seed): \(read) of 3000 changed manifests were still manifests")
        #expect(read < 3_000)
    }
}

@Suite struct CalibrationTests {
    @Test func `points are joined by straight lines and flat outside`() {
        let calibration = Calibration.isotonic([
            .init(score: 0.2, probability: 0.1), .init(score: 0.6, probability: 0.5),
            .init(score: 0.8, probability: 0.5),
        ])
        for (score, expected) in [
            (-5, 0.1), (0.2, 0.1), (0.4, 0.3), (0.6, 0.5), (0.7, 0.5), (9, 0.5),
        ] {
            #expect((calibration.probability(ofScore: score) - expected).magnitude < 1e-12)
        }
        #expect(calibration.probability(ofScore: .nan).isNaN)
    }

    @Test func `Platt's curve falls with a positive slope`() {
        let calibration = Calibration.platt(a: 2, b: -1)
        #expect(calibration.probability(ofScore: 0.5) == 0.5)
        #expect(calibration.probability(ofScore: 1) < 0.5)
        #expect(calibration.probability(ofScore: .nan).isNaN)
    }
}
