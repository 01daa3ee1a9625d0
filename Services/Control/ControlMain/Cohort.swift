import ControlCohort
import FeatureRoster
import TwinCore

/// Which twins are learnt from, and what was known of each at the moment of prediction.
struct Cohort {
    private let outcomes: Outcomes
    private let conditions: [CohortCondition]
    /// Nil for the newest features.
    private let time: PredictionTime?
    private let timeColumn: String?
    private let mustBeReceived: Bool

    init(_ options: RowOptions, _ outcomes: Outcomes) throws {
        self.outcomes = outcomes
        conditions = try options.cohort.map { text in
            guard let condition = CohortCondition(text) else {
                throw CommandFailure(
                    "--cohort '\(text)': give a column, one of = != < <= > >=, and a value",
                    status: 2)
            }
            try outcomes.demand(condition.column)
            return condition
        }
        timeColumn = options.happenedAt
        mustBeReceived = options.asReceived
        if let column = options.happenedAt {
            try outcomes.demand(column)
            time = .before(hours: options.horizon)
        } else {
            time = options.firstHours.map { .afterFirst(hours: $0) }
        }
    }

    func holds(_ twin: TwinID) -> Bool {
        conditions.allSatisfy { $0.holds(for: outcomes.value($0.column, of: twin)) }
    }

    /// The newest features, or those of the moment, made anew from what was known by then.
    func features(of twin: TwinID, _ client: StoreClient) async throws -> [FeatureSet] {
        guard let time else { return try await client.twin(twin, asOf: nil).features }
        var observations: [Observation] = []
        try await client.everyObservation(of: twin, code: nil) {
            observations.append($0.observation)
        }
        let told = try timeColumn.flatMap { try moment($0, of: twin) }
        let first = observations.lazy.map(\.eventTime).min()
        guard let moment = time.moment(told: told, first: first) else { return [] }
        return FeaturesAsOf.sets(
            of: observations,
            known: KnownBy(moment: moment, mustBeReceived: mustBeReceived), by: FeatureRoster.all)
    }

    private func moment(_ column: String, of twin: TwinID) throws -> Instant? {
        guard let text = outcomes.value(column, of: twin), !text.isEmpty else { return nil }
        guard let moment = Instant(rfc3339: text) else {
            throw CommandFailure(
                "\(column) of \(twin) is '\(text)': a time as 2026-03-01T12:00:00Z is needed")
        }
        return moment
    }
}
