import ControlReport
import Foundation
import ModelCore
import Testing
import TwinCore

#if canImport(FoundationXML)
import FoundationXML
#endif

struct CardPageTests {
    private static func manifest(_ text: String = "Early warning") -> Manifest {
        Manifest(
            outcome: "deterioration", kind: "forest",
            features: [
                ManifestFeature(
                    name: "heart_rate.last", unit: "/min", missing: .median(81.5), typical: 80,
                    applicable: 20...250, seen: 40...160, isActionable: true, modality: .vitals),
                ManifestFeature(name: text, unit: "", missing: .none),
            ], classes: ["no", "yes"], positiveClass: "yes", completenessMin: 0.4,
            calibration: .platt(a: -1, b: 0),
            conformal: Conformal(coverage: 0.9, scoreMax: .each([0.5, 0.6])),
            bands: [Band(from: 0, name: "low", advice: [text, "Look again."])],
            extractors: [ExtractorVersion(modality: .vitals, version: "vitals-3")],
            golden: [], outsideShareMax: 0.25,
            card: ModelCard(
                title: text, intendedUse: text, limits: text, population: text,
                trainedFrom: Instant(rfc3339: "2026-01-02T03:04:05Z"), trainingRowCount: 4321,
                metrics: [.init(name: "auroc_5fold", value: 0.8765)]))
    }

    private static func page(_ text: String = "Early warning") -> CardPage {
        CardPage(
            manifest(text), artifact: String(repeating: "ab", count: 32), signedBy: nil,
            history: [.init(at: "2026-02-03T00:00:00Z", what: "speaks for all", by: text)])
    }

    @Test func `the card says all that the manifest says`() {
        for page in [Self.page().html, Self.page().markdown.filter { $0 != "\\" }] {
            for word in [
                "Early warning", "deterioration", "forest", String(repeating: "ab", count: 32),
                "nobody", "vitals-3", "4321", "2026-01-02T03:04:05Z", "not stated", "auroc_5fold",
                "0.877", "40.0 %", "25.0 %", "Platt", "90.0 %",
                "of each class", "low", "Look again.", "heart_rate.last", "/min", "81.500",
                "40.000 to 160.000", "20.000 to 250.000", "2026-02-03T00:00:00Z", "speaks for all",
            ] { #expect(page.contains(word), "\(word)") }
        }
    }

    @Test func `of a quantity the card says how far from the truth it may be`() {
        var manifest = Self.manifest()
        (manifest.classes, manifest.positiveClass, manifest.bands) = ([], "", [])
        (manifest.calibration, manifest.conformal) = (.none, nil)
        manifest.quantity = PredictedQuantity(
            unit: "mg/dL", range: 0...25, residual: .init(coverage: 0.9, sizeMax: 0.375))
        let page = CardPage(manifest, artifact: "ab", signedBy: nil, history: [])
        for word in [
            "deterioration in mg/dL", "within 0.375 mg/dL", "90.0 %", "0.000 to 25.000", "40.0 %",
        ] { #expect(page.html.contains(word), "\(word)") }
        #expect(!page.html.contains("apart") && !page.html.contains("probabilities"))
    }

    @Test func `a hostile text is shown and does nothing, on one line`() {
        let text = "<script>alert('x')</script>\n\n# [a](javascript:x) | ![b](http://c) `d`"
        let html = Self.page(text).html
        #expect(!html.contains("<script") && html.contains("&lt;script&gt;"))
        let markdown = Self.page(text).markdown
        let calm = Self.page().markdown
        #expect(markdown.split(separator: "\n").count == calm.split(separator: "\n").count)
        for sign in ["<", "[", "`", "(j", "!["] {
            let bare = markdown.ranges(of: sign).contains { range in
                range.lowerBound == markdown.startIndex
                    || markdown[markdown.index(before: range.lowerBound)] != "\\"
            }
            #expect(!bare, "\(sign)")
        }
        // Every row of a table has as many cells as its header.
        let rows = markdown.split(separator: "\n").filter { $0.hasPrefix("|") }
        let features = rows.filter { $0.contains("alert") && $0.contains("knows") }
        #expect(
            features.first?.replacing("\\|", with: "").count { $0 == "|" } == 8, "\(features)")
    }

    @Test func `the page is well-formed and fetches nothing`() throws {
        let html = Self.page("a & b").html
        for word in ["http:", "https:", "src=", "url(", "@import", "<link"] {
            #expect(!html.contains(word), "\(word)")
        }
        let body = html.replacing("<!doctype html>", with: "")
            .replacing("<meta charset=\"utf-8\">", with: "")
            .replacing(
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
                with: "")
        let parser = XMLParser(data: Data(body.utf8))
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
    }
}
