import ArgumentParser
import TwinCore

extension ModelCommand {
    struct Drift: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "How far what models are given, and what they say, has gone from their training.",
            discussion: "PSI is the population stability index (from 0.1 a moderate change, from "
                + "0.25 a large one), KS the greatest distance of both distributions. The store looks "
                + "at a sample of recent feature sets; a restart of it costs at most the last minute."
        )
        @OptionGroup var store: StoreOptions
        @OptionGroup var common: OutputOptions
        @Option(help: "How many features are shown; --json has all.") var top: Int = 15
        @Argument(help: "Only of this outcome.") var outcome: String?

        struct Line: Encodable {
            let name: String
            let rows: UInt64
            let psi: Double?
            let ks: Double?
            let missingThen: Double?
            let missingNow: Double?
            /// `few-rows`, `stable`, `moderate`, `large`.
            let change: String

            init(_ figures: DriftFigures) {
                name = figures.name
                rows = figures.rowCount
                psi = figures.stabilityIndex
                ks = figures.distance
                missingThen = figures.missingThen
                missingNow = figures.missingNow
                let size = max(figures.stabilityIndex ?? 0, figures.missingChange.magnitude)
                change =
                    !figures.hasEnoughRows
                    ? "few-rows"
                    : size >= DriftFigures.large
                        ? "large" : size >= DriftFigures.moderate ? "moderate" : "stable"
            }

            var cells: [String] {
                func text(_ number: Double?) -> String {
                    number.map { Output.short($0, digits: 3) } ?? "-"
                }
                func percent(_ share: Double?) -> String {
                    share.map { "\(Output.short($0 * 100, digits: 3)) %" } ?? "-"
                }
                return [
                    name, text(psi), text(ks), percent(missingThen), percent(missingNow),
                    "\(rows)", change,
                ]
            }
        }

        struct Document: Encodable {
            let outcome: String
            let artifact: String
            let scores: Line?
            let features: [Line]

            init(_ report: DriftReport) {
                outcome = report.outcome
                artifact = report.artifact.hex
                scores = report.scores.map { Line($0) }
                features = report.features.map { Line($0) }
            }
        }

        func run() async throws {
            let reports = try await StoreClient.use(store) { try await $0.drift(of: outcome) }
            let documents = reports.map { Document($0) }
            if common.json { return try Output.json(documents) }
            if documents.isEmpty {
                throw CommandFailure(
                    "nothing that serves says what its training rows were like: train it again")
            }
            for document in documents { draw(document) }
        }

        private func draw(_ document: Document) {
            Output.line("\(document.outcome)  \(document.artifact.prefix(12))")
            let lines = [document.scores].compactMap(\.self) + document.features.prefix(top)
            Output.table(
                [["", "PSI", "KS", "missing then", "now", "rows", "change"]]
                    + lines.map(\.cells))
            if lines.contains(where: { $0.change == "few-rows" }) {
                Output.note(
                    "with fewer than \(DriftFigures.rowCountMin) rows chance alone looks like a change"
                )
            }
        }
    }
}

extension StoreClient {
    func drift(of outcome: String?) async throws -> [DriftReport] {
        guard case .drift(let reports) = try await ask(.drift(outcome: outcome)).answer else {
            throw unexpected
        }
        return reports
    }
}
