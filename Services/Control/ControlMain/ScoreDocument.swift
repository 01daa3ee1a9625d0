import TwinCore

/// One score, as in `twin show` and `twin explain`.
struct ScoreDocument: Encodable {
    struct Input: Encodable {
        let code: String
        let quantity: String?
        let value: Double
        let unit: String
        let eventTime: String
        let ageSeconds: Double
        let source: String
        let flags: [String]
        /// Left out where it stays valid for ever.
        let expiresAt: String?
        let stale: Bool
    }

    struct Part: Encodable {
        let name: String
        /// Left out while it is not known.
        let points: Double?
        let min: Double?
        let max: Double?
        let flags: [String]
        let note: String?
        let inputs: [Input]
    }

    let score: String
    let title: String
    let version: String
    let unit: String
    /// The moment that the worth and the ages are of.
    let at: String
    /// Left out while a part is missing.
    let value: Double?
    let min: Double?
    let max: Double?
    let complete: Bool
    /// Left out where a missing part decides.
    let band: String?
    let parts: [Part]

    init(_ score: Score, in sheet: ScoreSheet, at now: Instant) {
        let worth = score.worth(at: now)
        self.score = score.name
        title = score.title
        version = score.version
        unit = score.unit
        at = now.description
        value = worth.value
        min = worth.least
        max = worth.most
        complete = worth.isComplete
        band = worth.band.map { score.bands[$0].name }
        parts = zip(score.parts, worth.stages).map { part, stage in
            Part(
                name: part.name, points: stage.isKnown ? stage.least : nil, min: stage.least,
                max: stage.most, flags: stage.flags.words,
                note: stage.note.isEmpty ? nil : stage.note,
                inputs: sheet.inputs(of: stage).map { Input($0, at: now) })
        }
    }

    static func all(of state: TwinState, at now: Instant) -> [ScoreDocument] {
        state.features.flatMap { set in
            set.sheet.scores.map { ScoreDocument($0, in: set.sheet, at: now) }
        }
    }
}

extension ScoreDocument.Input {
    init(_ input: ScoreInput, at now: Instant) {
        code = input.code.description
        quantity = Concept.of(input.code)?.name
        value = input.number
        unit = input.unit
        eventTime = input.eventTime.description
        ageSeconds = now.seconds(since: input.eventTime)
        source = input.source
        flags = input.flags.words
        expiresAt = input.expiresAt?.description
        stale = input.isStale(at: now)
    }
}
