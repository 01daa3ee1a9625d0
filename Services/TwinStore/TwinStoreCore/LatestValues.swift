public import TwinCore

/// The value of every code that speaks now, kept while observations come in.
///
/// What was corrected or withdrawn does not speak, whichever came first: amendments are kept as long
/// as a value that they speak of could still win.
public struct LatestValues: Hashable, Sendable {
    public private(set) var byCode: [Code: StoredObservation] = [:]
    /// Of each code, those not older than the value that speaks.
    private var amendments: [Code: [StoredObservation]] = [:]
    /// That of the highest revision; none is forgotten without a newer one.
    private var newestAmendment: StoredObservation?
    /// A value that spoke was amended: which one speaks in its place only all of them tell.
    public private(set) var isBehind = false

    public init() {}

    /// Made of all observations, which are given twice.
    public static func all<Failure: Error>(
        _ forEach: ((StoredObservation) -> Void) throws(Failure) -> Void
    ) throws(Failure) -> LatestValues {
        var values = LatestValues()
        try forEach { if $0.observation.isAmendment { values.note($0) } }
        try forEach { values.insert($0) }
        values.isBehind = false
        return values
    }

    /// Waveforms are left out, but for when they were amended: a stretch of time is no value of a
    /// moment.
    public mutating func insert(_ new: StoredObservation) {
        let observation = new.observation
        let code = observation.code
        if observation.isAmendment { note(new) }
        if LatestValues.isWaveform(new) { return }
        if !amendments.isEmpty, isSuperseded(observation) { return }
        if let old = byCode[code], !Timeline.supersedes(new, old) { return }
        byCode[code] = new
        guard !amendments.isEmpty, observation.isUsable, let known = amendments[code] else {
            return
        }
        // Nothing older than a usable value can speak while it stands.
        let needed = known.filter { $0.observation.eventTime >= observation.eventTime }
        amendments[code] = needed.isEmpty ? nil : needed
    }

    private static func isWaveform(_ stored: StoredObservation) -> Bool {
        if case .waveform = stored.observation.value { true } else { false }
    }

    private func isSuperseded(_ observation: Observation) -> Bool {
        amendments[observation.code]?.contains {
            observation.isSuperseded(by: $0.observation)
        } ?? false
    }

    private mutating func note(_ new: StoredObservation) {
        let code = new.observation.code
        if newestAmendment.map({ $0.commitRevision < new.commitRevision }) ?? true {
            newestAmendment = new
        }
        if LatestValues.isWaveform(new) { return }
        if let old = byCode[code], old.observation.isSuperseded(by: new.observation) {
            byCode[code] = nil
            isBehind = true
        }
        let isKnown = amendments[code]?.contains { $0.observation == new.observation } ?? false
        if !isKnown { amendments[code, default: []].append(new) }
    }

    /// The newest revision that brought a correction or a withdrawal; nil where none did.
    public var amendedRevision: Revision? { newestAmendment?.commitRevision }

    /// In ascending order of code.
    public var sorted: [StoredObservation] {
        byCode.values.sorted { $0.observation.code < $1.observation.code }
    }

    /// Everything that ``all(_:)`` makes the same of.
    public var kept: [StoredObservation] {
        var kept = amendments.sorted { $0.key < $1.key }.flatMap(\.value)
        if let newestAmendment, !kept.contains(newestAmendment) {
            kept.insert(newestAmendment, at: 0)
        }
        return kept + sorted.filter { !kept.contains($0) }
    }
}
