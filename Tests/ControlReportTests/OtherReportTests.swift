import ControlReport
import Foundation
import ModelTraining
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

@Suite struct `Pages of classes and of quantities` {
    private static func quantities(_ count: Int = 500) throws -> ScoredQuantities {
        let truths = (0..<count).map { Double(($0 * 37) % 101) }
        return try ScoredQuantities(
            answers: truths.enumerated().map { $1 + Double(($0 * 53) % 17) - 8 }, truths: truths)
    }

    private static func quantityReport(_ text: String = "sex") throws -> QuantityReport {
        let rows = try quantities()
        return QuantityReport(
            quantity: "creatinine", unit: "mg/dL", method: "Five folds.", name: "forest",
            rows: rows,
            subgroups: [
                .init(variable: text, group: "female", rows: rows),
                .init(variable: text, group: "few", rows: try quantities(3)),
            ], importances: [.init(feature: "urine.last", value: 3)], sampleCount: 50, seed: 1)
    }

    private static func classReport(_ text: String = "severe") throws -> ClassReport {
        let classes = (0..<300).map { $0 % 3 }
        let rows = try ScoredClasses(
            probabilities: classes.enumerated().map { row, own in
                (0..<3).map { $0 == (row % 5 == 0 ? (own + 1) % 3 : own) ? 0.6 : 0.2 }
            }, classes: classes, classCount: 3)
        return ClassReport(
            outcome: "severity", classes: ["mild", "moderate", text], method: "Five folds.",
            name: "svm", rows: rows,
            subgroups: [.init(variable: "sex", group: "female", rows: rows)],
            importances: [.init(feature: "lactate.last", value: 0.1)], sampleCount: 20, seed: 1)
    }

    private func pictures(_ page: String) -> [String] {
        page.components(separatedBy: "<svg ").dropFirst().compactMap {
            $0.components(separatedBy: "</svg>").first.map { "<svg " + $0 + "</svg>" }
        }
    }

    @Test func `the page of a quantity says what the measures say`() throws {
        let rows = try Self.quantities()
        let page = try Self.quantityReport().html()
        let agreement = try #require(rows.agreement)
        for number in [
            rows.rootMeanSquare, rows.meanSize, try #require(rows.determination),
            agreement.limits.upperBound, try #require(rows.residualMax(coverage: 0.9)),
        ] { #expect(page.contains(String(format: "%.3f", number)), "\(number)") }
        for word in ["Bland and Altman", "mg/dL", "too few", "urine.last", "Residuals"] {
            #expect(page.contains(word), "\(word)")
        }
        #expect(pictures(page).count == 4)
        #expect(page.components(separatedBy: "<circle").count > 700)
    }

    @Test func `the page of classes says what the measures say, for each class`() throws {
        let report = try Self.classReport()
        let page = try report.html()
        for number in [
            try #require(report.rows.meanAUROC), report.rows.brierScore, report.rows.logLoss,
            try #require(try report.rows.alone(2).auroc),
            try report.rows.alone(1).expectedCalibrationError(),
        ] { #expect(page.contains(String(format: "%.3f", number)), "\(number)") }
        for name in ["mild", "moderate", "severe"] {
            #expect(page.contains("Calibration of \(name)") && page.contains("called \(name)"))
        }
        #expect(pictures(page).count == 4 && page.contains("<td>80</td>"))
    }

    @Test func `hostile names do nothing, nothing is fetched, and pictures are well formed`() throws
    {
        let text = "<script>alert('x')</script>\"&"
        for page in [try Self.quantityReport(text).html(), try Self.classReport(text).html()] {
            #expect(!page.contains("<script") && page.contains("&lt;script&gt;"))
            for word in ["http:", "https:", "src=", "url(", "@import", "<link"] {
                #expect(!page.contains(word), "\(word)")
            }
            for picture in pictures(page) {
                let reader = PictureReader()
                let parser = XMLParser(data: Data(picture.utf8))
                parser.delegate = reader
                #expect(parser.parse(), "\(String(describing: parser.parserError))")
                #expect(
                    reader.places.allSatisfy {
                        (0...380).contains($0.x) && (0...320).contains($0.y)
                    })
            }
        }
        #expect(try Self.classReport().html() == Self.classReport().html())
    }

    @Test func `a single patient, and patients who are all alike, make a page too`() throws {
        for truths in [[3.0], [3, 3, 3]] {
            let rows = try ScoredQuantities(answers: truths, truths: truths)
            let page = try QuantityReport(
                quantity: "q", unit: "1", method: "", name: "n", rows: rows, sampleCount: 20,
                seed: 1
            ).html()
            #expect(page.contains("RMSE"))
        }
    }
}
