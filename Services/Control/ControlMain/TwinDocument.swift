import ControlPicture
import TwinCore

/// `twin show --json`: the shape that others script against.
struct TwinDocument: Encodable {
    struct Latest: Encodable {
        let value: ValueDocument
        let unit: String
        let eventTime: String
        let receiveTime: String
        let source: String
        let flags: [String]
        let usable: Bool
        /// Since it was measured.
        let ageSeconds: Double
        /// Whether it is too old to enter a score.
        let stale: Bool
        /// Why rules have flagged it.
        let reasons: [ReasonDocument]
    }

    /// A device that sends regularly, or did.
    struct Link: Encodable {
        let source: String
        let lastReceived: String
        let gapSeconds: Double
        let silentAfterSeconds: Double
        /// A technical alarm.
        let silent: Bool
    }

    struct FeatureDocument: Encodable {
        let value: Double?
        let unit: String
        let flags: [String]
    }

    struct Quality: Encodable {
        /// The share of the latest values that may enter a score, 0 to 1.
        let usableShare: Double
        let flagged: Int
        /// The features' reference time, by modality.
        let referenceTimes: [String: String]
        /// The revision that the features were made from, by modality.
        let featureRevisions: [String: UInt64]
        /// What the rules of cleaning say, and how good the data are; beside the others, not in a
        /// document of its own.
        let cleaning: CleaningDocument?

        private enum Key: CodingKey { case usableShare, flagged, referenceTimes, featureRevisions }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(usableShare, forKey: .usableShare)
            try container.encode(flagged, forKey: .flagged)
            try container.encode(referenceTimes, forKey: .referenceTimes)
            try container.encode(featureRevisions, forKey: .featureRevisions)
            try cleaning?.encode(to: encoder)
        }
    }

    /// Where the patient is, as far as it was said.
    struct Encounter: Encodable {
        let status: String?
        let statusTime: String?
        let location: String?
    }

    let id: String
    let identifiers: [String]
    let revision: UInt64
    let latest: [String: Latest]
    let features: [String: FeatureDocument]
    let quality: Quality
    let encounter: Encounter?
    /// The twin that goes on in this one's place, since a merge that was not undone.
    let mergedInto: String?
    /// The twins whose observations are seen in this one, since merges that were not undone.
    let mergedFrom: [String]
    let assessments: [AssessmentDocument]
    /// As they are now, not as they were when the features were made.
    let scores: [ScoreDocument]
    let links: [Link]

    init(_ state: TwinState, earlier: [StoredAssessment] = [], at now: Instant) {
        id = state.id.text
        mergedFrom = state.retired.map(\.text)
        identifiers = [String(state.id.identifier)] + state.retired.map { String($0.identifier) }
        revision = state.revision
        latest = Dictionary(
            state.measured.map {
                let observation = state.judged($0.observation, at: now)
                return (observation.code.description, Latest(observation, at: now))
            },
            uniquingKeysWith: { first, _ in first })
        features = Dictionary(
            state.features.flatMap(\.features).map {
                ($0.name, FeatureDocument(value: $0.value, unit: $0.unit, flags: $0.flags.words))
            }, uniquingKeysWith: { first, _ in first })
        quality = Quality(state, at: now)
        encounter = Encounter(state)
        mergedInto = state.survivor
        assessments = state.assessments.map {
            AssessmentDocument($0, change: .since(earlier, of: $0))
        }
        scores = ScoreDocument.all(of: state, at: now)
        links = state.links.map {
            Link(
                source: $0.source, lastReceived: $0.lastReceived.description,
                gapSeconds: $0.gapSeconds, silentAfterSeconds: $0.silentAfterSeconds,
                silent: $0.isSilent)
        }
    }
}

extension TwinState {
    /// The latest that was said, with its time.
    func latest(_ statement: Statement) -> (words: String, time: Instant)? {
        for stored in latest where stored.observation.code == statement.code {
            guard stored.observation.flags.isDisjoint(with: .unusable),
                case .text(let words) = stored.observation.value
            else { return nil }
            return (words, stored.observation.eventTime)
        }
        return nil
    }

    /// The latest values without the store's own notes.
    var measured: [StoredObservation] {
        latest.filter { MergeReference($0.observation) == nil }
    }

    /// The twins that it has taken in.
    var retired: [TwinID] {
        latest.compactMap { MergeReference($0.observation) }.filter { $0.through != nil }
            .map(\.retired)
    }

    /// The twin that goes on in this one's place, if there is one.
    var survivor: String? {
        latest(.survivor).flatMap { $0.words == id.text ? nil : $0.words }
    }
}

extension TwinDocument.Encounter {
    init?(_ state: TwinState) {
        let status = state.latest(.encounterStatus)
        let location = state.latest(.location)
        guard status != nil || location != nil else { return nil }
        self.status = status?.words
        statusTime = status?.time.description
        self.location = location?.words
    }
}

extension TwinDocument.Latest {
    init(_ observation: Observation, at now: Instant) {
        value = ValueDocument(value: observation.value)
        unit = observation.unit
        eventTime = observation.eventTime.description
        receiveTime = observation.receiveTime.description
        source = observation.source
        flags = observation.flags.words
        usable = observation.isUsable
        ageSeconds = now.seconds(since: observation.eventTime)
        stale = observation.flags.contains(.stale)
        reasons = observation.reasons.map(ReasonDocument.init)
    }
}

extension TwinDocument.Quality {
    init(_ state: TwinState, at now: Instant) {
        let measured = state.measured.map { state.judged($0.observation) }
        let usable = measured.count { $0.isUsable }
        cleaning = state.features.compactMap(\.cleaning).first.map { CleaningDocument($0, at: now) }
        usableShare = measured.isEmpty ? 0 : Double(usable) / Double(measured.count)
        flagged = measured.count { !$0.flags.isEmpty }
        referenceTimes = Dictionary(
            state.features.compactMap { set in
                set.referenceTime.map { (set.modality.name, $0.description) }
            }, uniquingKeysWith: { first, _ in first })
        featureRevisions = Dictionary(
            state.features.map { ($0.modality.name, $0.revision) },
            uniquingKeysWith: { first, _ in first })
    }
}

/// A number, a text, what a waveform holds, or null.
struct ValueDocument: Encodable {
    let value: ObservedValue

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch value {
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .waveform(let block): try container.encode(WaveformDocument(block))
        case .absent: try container.encodeNil()
        }
    }
}

/// One line of `twin history --json`.
struct HistoryLine: Encodable {
    let code: String
    let value: ValueDocument
    let comparator: String
    let unit: String
    let eventTime: String
    let receiveTime: String
    let commitTime: String
    let commitRevision: UInt64
    let source: String
    let flags: [String]
    let usable: Bool
    /// Why rules have flagged it, by what the twin knows now.
    let reasons: [ReasonDocument]

    init(_ stored: StoredObservation, of state: TwinState) {
        let observation = state.judged(stored.observation)
        code = observation.code.description
        value = ValueDocument(value: observation.value)
        comparator = observation.comparator.symbol
        unit = observation.unit
        eventTime = observation.eventTime.description
        receiveTime = observation.receiveTime.description
        commitTime = stored.commitTime.description
        commitRevision = stored.commitRevision
        source = observation.source
        flags = observation.flags.words
        usable = observation.isUsable
        reasons = observation.reasons.map(ReasonDocument.init)
    }

    /// For people: when, what, how much, since which revision, and what is to be known of it.
    ///
    /// Why rules have flagged it stands below.
    static func text(_ stored: StoredObservation, of state: TwinState) -> String {
        let line = HistoryLine(stored, of: state)
        let said =
            "\(line.eventTime)  \(line.code)  \(ValueText.words(stored.observation, digits: 6))  "
            + "r\(line.commitRevision)  \(line.flags.joined(separator: " "))"
        let reasons = line.reasons.map { "    \($0.rule): \($0.saw); the rule is \($0.limit)" }
        return ([said] + reasons).joined(separator: "\n")
    }
}
