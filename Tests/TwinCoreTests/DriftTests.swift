import Testing
import TwinCore

struct DriftTests {
    private let id = ArtifactID(hex: String(repeating: "a", count: 64)).unsafelyUnwrapped

    /// The rows whose figures NumPy and SciPy have worked out.
    private let then = (0..<1000).map { Float(($0 * $0) % 101) }
    private let now = (0..<700).map { Double(($0 * $0 * 3 + $0) % 137) }

    private func set(
        _ features: [(String, Double?)], _ modality: Modality = .vitals, flags: QualityFlags = []
    ) -> FeatureSet {
        FeatureSet(
            modality: modality, version: "1", revision: 1, referenceTime: nil,
            features: features.map { Feature(name: $0.0, value: $0.1, unit: "", flags: flags) })
    }

    private func sketch(_ bins: ReferenceBins, rowCountMax: Int = 10_000) -> DriftSketch {
        DriftSketch(
            DriftReference(
                features: [.init(name: "a", modality: .vitals, bins: bins)], scores: bins),
            rowCountMax: rowCountMax)
    }

    @Test func `bins and figures are those of NumPy and SciPy`() throws {
        let bins = ReferenceBins(of: then.map { $0 })
        #expect(bins.edges == [9, 19, 24, 36, 49, 64, 76, 81, 88])
        #expect(bins.counts == [107, 99, 100, 98, 99, 99, 100, 99, 100, 99])
        var sketch = sketch(bins)
        for value in now { sketch.note(set([("a", value)])) }
        let figures = try #require(sketch.report("death", id).features.first)
        // ((q - p) * np.log(q / p)).sum(), with half a row more in every bin.
        #expect(abs(try #require(figures.stabilityIndex) - 0.5135948289216048) < 1e-12)
        // The distance of the empirical distributions at the edges; scipy.stats.ks_2samp, which
        // looks at every value, finds 0.2867: never less.
        #expect(abs(try #require(figures.distance) - 0.24957142857142856) < 1e-12)
        #expect(figures.rowCount == 700 && figures.isLarge)
    }

    @Test func `the same distribution is stable, a shifted one is not`() throws {
        let bins = ReferenceBins(of: then.map { $0 })
        var (same, shifted) = (sketch(bins), sketch(bins))
        for index in 0..<500 {
            let value = Double(then[(index * 7) % 1000])
            same.note(set([("a", value)]))
            shifted.note(set([("a", value + 30)]))
        }
        let calm = try #require(same.report("death", id).features.first)
        #expect(try #require(calm.stabilityIndex) < 0.05 && !calm.isLarge)
        #expect(try #require(calm.distance) < 0.05)
        let far = try #require(shifted.report("death", id).features.first)
        #expect(try #require(far.stabilityIndex) > 0.5 && far.isLarge)
        #expect(try #require(far.distance) > 0.25)
        #expect(same.report("death", id).isLarge == false && shifted.report("death", id).isLarge)
    }

    @Test func `missing is not zero: it is counted by itself, however it is missing`() throws {
        // A tenth was missing, and zero was an ordinary value.
        let rows = (0..<1000).map { $0 % 10 == 0 ? nil : Float($0 % 5) }
        let bins = ReferenceBins(of: rows)
        #expect(bins.missingCount == 100 && bins.counts.reduce(0, +) == 900)
        var sketch = sketch(bins)
        for index in 0..<400 {
            switch index % 8 {
            case 0: sketch.note(set([]))
            case 1: sketch.note(set([("a", nil)]))
            case 2: sketch.note(set([("a", 3)], flags: .outOfRange))
            case 3: sketch.note(set([("a", .nan)]))
            // Another modality's row says nothing of it.
            case 4: sketch.note(set([("b", 1)], .imaging))
            default: sketch.note(set([("a", Double(index % 5))]))
            }
        }
        let figures = try #require(sketch.report("death", id).features.first)
        #expect(figures.rowCount == 350)
        #expect(figures.missingThen == 0.1 && figures.missingNow == 200.0 / 350)
        #expect(try #require(figures.stabilityIndex) < DriftFigures.moderate)
        #expect(figures.isLarge && figures.missingChange > 0.4)
    }

    @Test func `with few rows nothing is called a change, and with none there are no figures`()
        throws
    {
        let bins = ReferenceBins(of: then.map { $0 })
        var sketch = sketch(bins)
        let nothing = try #require(sketch.report("death", id).features.first)
        #expect(nothing.stabilityIndex == nil && nothing.distance == nil)
        #expect(nothing.missingNow == nil && nothing.missingThen == 0 && nothing.rowCount == 0)
        for _ in 0..<199 { sketch.note(set([("a", 1000)])) }
        #expect(sketch.report("death", id).features[0].isLarge == false)
        sketch.note(set([("a", 1000)]))
        #expect(sketch.report("death", id).features[0].isLarge)
    }

    @Test func `answers are watched like inputs, and silence counts as missing`() throws {
        let bins = ReferenceBins(of: (0..<1000).map { Float($0) / 1000 })
        var sketch = sketch(bins)
        for index in 0..<300 {
            sketch.note(
                index % 3 == 0
                    ? Verdict.indeterminate(reason: "too few")
                    : .prediction(probability: Double(index % 10) / 10, classes: []))
        }
        let scores = try #require(sketch.report("death", id).scores)
        #expect(scores.rowCount == 300 && scores.missingNow == 1.0 / 3 && scores.isLarge)
        #expect(try #require(scores.stabilityIndex) < 0.1)
    }

    @Test func `estimates are watched as such`() throws {
        let bins = ReferenceBins(of: (0..<1000).map { Float($0) })
        var sketch = sketch(bins)
        for _ in 0..<300 {
            sketch.note(Verdict.estimate(QuantityEstimate(value: 990, unit: "mg/dL")))
        }
        let scores = try #require(sketch.report("creatinine", id).scores)
        #expect(scores.name == "estimate" && scores.rowCount == 300 && scores.isLarge)
    }

    @Test func `old rows are forgotten, and the memory does not grow`() throws {
        let bins = ReferenceBins(of: then.map { $0 })
        var sketch = sketch(bins, rowCountMax: 1000)
        for _ in 0..<20_000 { sketch.note(set([("a", 1000)])) }
        for index in 0..<12_000 { sketch.note(set([("a", Double(then[(index * 7) % 1000]))])) }
        let figures = try #require(sketch.report("death", id).features.first)
        #expect(figures.rowCount <= 1000)
        #expect(try #require(figures.stabilityIndex) < 0.05)
    }

    @Test func `the worst comes first, and one value for all is no trouble`() {
        let constant = ReferenceBins(of: Array(repeating: 7, count: 50))
        #expect(constant.edges == [7] && constant.counts == [50, 0] && constant.isSound)
        #expect(ReferenceBins(of: [nil, .nan]).edges.isEmpty)
        #expect(ReferenceBins(of: [nil, .nan]).missingCount == 2)
        var sketch = DriftSketch(
            DriftReference(
                features: ["calm", "wild"].map {
                    .init(name: $0, modality: nil, bins: constant)
                }, scores: nil))
        for _ in 0..<300 { sketch.note(set([("calm", 7), ("wild", 7.5)])) }
        let report = sketch.report("death", id)
        #expect(report.features.map(\.name) == ["wild", "calm"])
        #expect(report.features.map(\.isLarge) == [true, false])
        #expect(report.scores == nil)
    }

    @Test func `bins of another form are refused`() {
        let good = ReferenceBins(edges: [1, 2], counts: [1, 2, 3], missingCount: 0)
        #expect(good.isSound && good.bin(of: 1) == 0 && good.bin(of: 2.5) == 2)
        // The training rows were of single precision.
        let tenth = ReferenceBins(edges: [Double(Float(0.7))], counts: [1, 1], missingCount: 0)
        #expect(tenth.bin(of: 0.7) == 0)
        let bad: [ReferenceBins] = [
            .init(edges: [2, 1], counts: [1, 2, 3], missingCount: 0),
            .init(edges: [1, 1], counts: [1, 2, 3], missingCount: 0),
            .init(edges: [1], counts: [1], missingCount: 0),
            .init(edges: [.nan], counts: [1, 1], missingCount: 0),
            .init(edges: [], counts: [.max], missingCount: 0),
        ]
        for bins in bad { #expect(!bins.isSound) }
    }
}
