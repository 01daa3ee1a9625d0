import TwinCore
import TwinStoreCore

/// One change of one twin that may not be in the database yet.
struct TailItem: Sendable {
    enum Change: Sendable {
        case slice(TwinSlice)
        case features(FeatureSet)
        case assessments([Assessment])
        case shadows([Assessment])
    }

    var cursor: UInt64
    var commitTime: Instant
    var change: Change

    /// The changes of single twins that a record holds.
    static func items(of record: StoreRecord) -> [(twin: TwinID, item: TailItem)] {
        func item(_ change: Change) -> TailItem {
            TailItem(cursor: record.cursor, commitTime: record.commitTime, change: change)
        }
        switch record.change {
        case .observations(_, _, let slices): return slices.map { ($0.twin, item(.slice($0))) }
        case .features(let twin, let set): return [(twin, item(.features(set)))]
        case .assessments(let twin, _, let made): return [(twin, item(.assessments(made)))]
        case .shadows(let twin, _, let made): return [(twin, item(.shadows(made)))]
        case .artifact, .activation, .drift: return []
        }
    }
}

extension [TailItem] {
    /// The observations in the order of their commits.
    var observations: [StoredObservation] {
        flatMap { item -> [StoredObservation] in
            guard case .slice(let slice) = item.change else { return [] }
            return slice.observations.map {
                StoredObservation(
                    observation: $0, commitRevision: slice.revision, commitTime: item.commitTime)
            }
        }
    }

    var revision: Revision? {
        for item in reversed() {
            if case .slice(let slice) = item.change { return slice.revision }
        }
        return nil
    }

    var assessments: [StoredAssessment] {
        flatMap { item -> [StoredAssessment] in
            guard case .assessments(let made) = item.change else { return [] }
            return made.map { StoredAssessment(assessment: $0, commitTime: item.commitTime) }
        }
    }

    var shadows: [StoredAssessment] {
        flatMap { item -> [StoredAssessment] in
            guard case .shadows(let made) = item.change else { return [] }
            return made.map { StoredAssessment(assessment: $0, commitTime: item.commitTime) }
        }
    }

    /// The newest set of each modality.
    var features: [Modality: FeatureSet] {
        reduce(into: [:]) { sets, item in
            if case .features(let set) = item.change { sets[set.modality] = set }
        }
    }
}

/// What is durable in the journal and not yet applied to the database.
struct Tail: Sendable {
    /// A transaction of the applier is about so large.
    static let observationCountPerApply = 65_536
    /// Each twin of a transaction touches pages of its own, and the log must hold them all.
    static let changeCountPerApply = 4096

    struct Entry: Sendable {
        var record: StoreRecord
        var byteCount: Int
        var observationCount: Int
        var changeCount: Int
    }

    /// In ascending order of cursor.
    private(set) var entries: [Entry] = []
    private(set) var observationCount = 0
    private(set) var byteCount = 0
    private var byTwin: [TwinID: [TailItem]] = [:]

    func items(of twin: TwinID) -> [TailItem] { byTwin[twin] ?? [] }

    func twins(identifier: String) -> [TwinID] {
        byTwin.keys.filter { $0.identifier == identifier }
    }

    mutating func append(_ record: StoreRecord, byteCount: Int) {
        let items = TailItem.items(of: record)
        for (twin, item) in items { byTwin[twin, default: []].append(item) }
        let count = StoreRecord.observationCount(record)
        entries.append(
            Entry(
                record: record, byteCount: byteCount, observationCount: count,
                changeCount: items.count))
        observationCount += count
        self.byteCount += byteCount
    }

    /// The oldest records, as many as one transaction takes; at least one.
    var nextToApply: [StoreRecord] {
        var observations = 0
        var changes = 0
        let portion = entries.prefix { entry in
            defer {
                observations += entry.observationCount
                changes += entry.changeCount
            }
            return observations < Tail.observationCountPerApply
                && changes < Tail.changeCountPerApply
        }
        return portion.map(\.record)
    }

    mutating func removeApplied(through cursor: UInt64) {
        let applied = entries.prefix { $0.record.cursor <= cursor }
        for entry in applied {
            observationCount -= entry.observationCount
            byteCount -= entry.byteCount
            for (twin, _) in TailItem.items(of: entry.record) {
                byTwin[twin]?.removeAll { $0.cursor <= cursor }
                if byTwin[twin]?.isEmpty == true { byTwin[twin] = nil }
            }
        }
        entries.removeFirst(applied.count)
    }
}

extension StoreRecord {
    /// By their weight.
    static func observationCount(_ record: StoreRecord) -> Int {
        guard case .observations(_, _, let slices) = record.change else { return 0 }
        return slices.reduce(0) { $0 + $1.observations.weight }
    }
}
