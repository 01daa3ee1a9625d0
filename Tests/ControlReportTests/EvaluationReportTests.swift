import ControlReport
import Foundation
import ModelTraining
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

struct EvaluationReportTests {
    /// Rows whose scores tell something, from a fixed recipe.
    private static func rows(_ count: Int) throws -> ScoredRows {
        let scores = (0..<count).map { Double(($0 * 37) % 101) / 101 }
        return try ScoredRows(
            scores: scores, labels: scores.indices.map { scores[$0] > Double(($0 * 53) % 97) / 97 })
    }

    private static func report(named name: String = "forest") throws -> EvaluationReport {
        let rows = try rows(600)
        let half = try ScoredRows(
            scores: Array(rows.scores[..<300]), labels: Array(rows.labels[..<300]))
        let few = try ScoredRows(scores: [0.1, 0.9], labels: [false, true])
        return EvaluationReport(
            outcome: "in_hospital_death", method: "Five folds.",
            model: .init(name: name, rows: rows, isProbability: true),
            beside: [.init(name: "SAPS-I", rows: half, isProbability: false)],
            subgroups: [
                .init(variable: "sex", group: "female", rows: half),
                .init(variable: "sex", group: "unknown", rows: few),
            ],
            importances: [.init(feature: "gcs.last", value: 0.2)],
            importanceMeaning: "The share of the impurity that each feature removed.",
            threshold: 0.5, thresholdReason: "Half.", bedDaysPerRow: 2, sampleCount: 50, seed: 1)
    }

    @Test func `the page says what the measures say`() throws {
        let report = try Self.report()
        let page = try report.html()
        let auroc = try #require(report.model.rows.auroc)
        #expect(page.contains(String(format: "%.3f", auroc)))
        #expect(page.contains(String(format: "%.3f", report.model.rows.brierScore)))
        let metrics = ThresholdMetrics(report.model.rows, threshold: 0.5)
        #expect(page.contains("\(metrics.truePositives) found"))
        #expect(page.contains("\(metrics.falsePositives) needless alerts"))
        #expect(page.contains("\(metrics.falseNegatives) missed"))
        let called = Double(metrics.truePositives + metrics.falsePositives)
        #expect(page.contains(String(format: "%.3f", called / 1200)))
        #expect(page.contains("too few"))
        #expect(page.contains("gcs.last"))
    }

    @Test func `a hostile name is shown and does nothing`() throws {
        let page = try Self.report(named: "<script>alert('x')</script>\"&").html()
        #expect(!page.contains("<script"))
        #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"))
    }

    @Test func `nothing is fetched from anywhere`() throws {
        let page = try Self.report().html()
        for word in ["http:", "https:", "src=", "url(", "@import", "<link"] {
            #expect(!page.contains(word), "\(word)")
        }
    }

    @Test func `every picture is well formed and stays within its frame`() throws {
        let page = try Self.report().html()
        let pictures = page.components(separatedBy: "<svg ").dropFirst().compactMap {
            $0.components(separatedBy: "</svg>").first.map { "<svg " + $0 + "</svg>" }
        }
        #expect(pictures.count == 5)
        for picture in pictures {
            let reader = PictureReader()
            let parser = XMLParser(data: Data(picture.utf8))
            parser.delegate = reader
            #expect(parser.parse(), "\(String(describing: parser.parserError))")
            #expect(reader.lineCount >= 2)
            #expect(
                reader.places.allSatisfy { (0...380).contains($0.x) && (0...320).contains($0.y) })
        }
    }

    @Test func `the same rows and seed make the same page`() throws {
        #expect(try Self.report().html() == Self.report().html())
    }
}

final class PictureReader: NSObject, XMLParserDelegate {
    var lineCount = 0
    var places: [(x: Double, y: Double)] = []

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
    ) {
        guard name == "polyline" else { return }
        lineCount += 1
        for pair in (attributes["points"] ?? "").split(separator: " ") {
            let numbers = pair.split(separator: ",").compactMap { Double($0) }
            places.append((numbers.first ?? .nan, numbers.last ?? .nan))
        }
    }
}
