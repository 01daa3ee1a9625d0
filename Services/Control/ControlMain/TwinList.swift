import ArgumentParser
import TwinCore
import TwinRuntime

struct TwinList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "One line a twin.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var common: OutputOptions
    @Flag(help: "Those first whose highest probability is highest.") var byRisk = false
    @Option(help: "At most so many.") var limit: Int?
    @Flag(help: "Show each of them whole.") var show = false

    struct Line: Encodable {
        let id: String
        let revision: UInt64
        let featureRevision: UInt64
        let assessedRevision: UInt64
        let lastEventTime: String?
        /// The highest probability of its assessments; only where it was asked for by risk.
        let risk: Double?
    }

    func run() async throws {
        try await StoreClient.use(store) { client in
            var entries: [(summary: TwinSummary, risk: Double?)] = []
            try await client.everyTwin { summary in
                if !byRisk, let limit, entries.count >= limit { return }
                entries.append((summary, byRisk ? try await client.risk(of: summary.id) : nil))
            }
            if byRisk {
                entries.sort { ($0.risk ?? -1, $1.summary.id) > ($1.risk ?? -1, $0.summary.id) }
            }
            if !common.json, !show { Output.line(TwinList.heading(byRisk)) }
            for entry in entries.prefix(limit ?? entries.count) {
                try await tell(entry.summary, entry.risk, client)
            }
        }
    }

    private static func heading(_ byRisk: Bool) -> String {
        "twin  revision  features  assessed  last measured" + (byRisk ? "  risk" : "")
    }

    private func tell(_ summary: TwinSummary, _ risk: Double?, _ client: StoreClient) async throws {
        if show {
            let state = try await client.twin(summary.id, asOf: nil)
            let now = MachineClock.now
            if common.json { return try Output.json(TwinDocument(state, at: now)) }
            return TwinPicture(state: state, now: now).draw()
        }
        let line = Line(
            id: summary.id.text, revision: summary.revision,
            featureRevision: summary.featureRevision, assessedRevision: summary.assessedRevision,
            lastEventTime: summary.lastEventTime?.description, risk: risk)
        if common.json { return try Output.json(line) }
        Output.line(
            "\(line.id)  \(line.revision)  \(line.featureRevision)  \(line.assessedRevision)  "
                + (line.lastEventTime ?? "-")
                + (risk.map { "  \(Output.short($0 * 100, digits: 3)) %" } ?? ""))
    }
}

extension StoreClient {
    /// The highest probability that is said of the twin; nil where nothing is.
    fileprivate func risk(of id: TwinID) async throws -> Double? {
        try await twin(id, asOf: nil).assessments.compactMap { stored in
            guard case .prediction(let probability, _) = stored.assessment.verdict else {
                return nil
            }
            return probability
        }.max()
    }
}
