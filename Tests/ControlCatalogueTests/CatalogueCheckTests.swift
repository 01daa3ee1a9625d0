import ControlCatalogue
import FeatureCore
import FeatureRoster
import ModelCore
import Testing
import TwinCore
import TwinTestKit

@Suite struct `A model asks for what twins have` {
    private static let check = CatalogueCheck(FeatureRoster.all)

    private func manifest(
        _ features: [(name: String, unit: String)], isOfTwins: Bool = true
    ) -> Manifest {
        var manifest = SampleModel.manifest(golden: [])
        manifest.features = features.map {
            ManifestFeature(name: $0.name, unit: $0.unit, missing: .none)
        }
        if !isOfTwins { manifest.extractors = [] }
        return manifest
    }

    private static let sound = [
        ("heart_rate.last", "/min"), ("lactate.max_6h", "mmol/L"), ("lactate.age_s", "s"),
        ("news2.score", "{score}"), ("news2.incomplete", "1"), ("sofa.renal", "{score}"),
        ("ecg.sdnn", "ms"), ("abp.map", "mm[Hg]"), ("pulse_pressure.last", "mm[Hg]"),
        ("pews.score", "{score}"),
    ]

    @Test func `and may be pushed and speak`() {
        let manifest = manifest(Self.sound)
        #expect(Self.check.refusalOfPush(manifest) == nil)
        #expect(Self.check.refusalOfSpeech(manifest) == nil)
    }

    @Test func `or is refused, with the feature and both units`() throws {
        let refusal = try #require(
            Self.check.refusalOfPush(
                manifest([("heart_rate.last", "/min"), ("lactate.last", "mg/dL")])))
        #expect(refusal.reason == .malformed)
        #expect(
            refusal.detail
                == "schema: the feature lactate.last is in \"mmol/L\" here, the model takes it in "
                + "\"mg/dL\"")
    }

    @Test func `or is refused, with the name that nothing has`() throws {
        let refusal = try #require(
            Self.check.refusalOfPush(
                manifest([("heart_rate.last", "/min"), ("thalach", "/min"), ("oldpeak", "mm")])))
        #expect(refusal.detail == "schema: twins have no feature thalach; and 1 more")
    }

    @Test func `or was made of a table, and does not speak`() throws {
        let table = manifest([("thalach", "/min")], isOfTwins: false)
        #expect(Self.check.refusalOfPush(table) == nil)
        let refusal = try #require(Self.check.refusalOfSpeech(table))
        #expect(
            refusal.detail == "schema: it was made of a table, and can't speak for twins: twins "
                + "have no feature thalach")
        let unit = manifest([("lactate.last", "")], isOfTwins: false)
        #expect(Self.check.refusalOfSpeech(unit)?.detail.contains("\"mmol/L\"") == true)
    }

    @Test func `or was made of a table of the twins' own features, and does`() {
        #expect(Self.check.refusalOfSpeech(manifest(Self.sound, isOfTwins: false)) == nil)
    }

    @Test func `where an extractor has no catalogue, nothing is refused but a known unit`() {
        struct Silent: Extractor {
            let modality = Modality.imaging
            let version = "1"
            func reads(_ code: Code) -> Bool { false }
            func features(of timeline: Timeline, at revision: Revision) -> FeatureSet {
                FeatureSet(
                    modality: modality, version: version, revision: revision, referenceTime: nil,
                    features: [])
            }
        }
        let check = CatalogueCheck(FeatureRoster.all + [Silent()])
        var manifest = manifest([("lesion.volume", "mm3"), ("lactate.last", "mg/dL")])
        manifest.extractors.append(ExtractorVersion(modality: .imaging, version: "1"))
        #expect(check.refusalOfPush(manifest)?.detail.contains("lactate.last") == true)
        manifest.features.removeLast()
        #expect(check.refusalOfPush(manifest) == nil)
        manifest.extractors = [ExtractorVersion(modality: .genome, version: "1")]
        #expect(check.refusalOfPush(manifest) == nil)
    }
}
