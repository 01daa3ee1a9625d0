import DequeModule
import TwinCore
import TwinStoreCore

/// What was appended lately: a task on fresh data is made from it without reading the engine.
///
/// What is not durable is always here, since an engine need not show it yet.
struct RecentData: Sendable {
    private struct Kept: Sendable {
        var set: FeatureSet
        var cursor: UInt64
    }

    private struct SliceMark: Sendable {
        var twin: TwinID
        var cursor: UInt64
        var count: Int
    }

    private struct SetMark: Sendable {
        var twin: TwinID
        var modality: Modality
        var cursor: UInt64
        var count: Int
    }

    private let observationCountMax: Int
    private let featureCountMax: Int
    private var slices: [TwinID: Deque<TwinSlice>] = [:]
    private var sets: [TwinID: [Modality: Kept]] = [:]
    /// In the order in which they came; a set that was replaced leaves its mark behind.
    private var sliceMarks = Deque<SliceMark>()
    private var setMarks = Deque<SetMark>()
    private(set) var observationCount = 0
    private(set) var featureCount = 0

    init(_ settings: ServiceSettings) {
        observationCountMax = settings.recentObservationCountMax
        featureCountMax = settings.recentFeatureCountMax
    }

    mutating func note(_ records: [StoreRecord]) {
        for record in records {
            switch record.change {
            case .observations(_, _, let added):
                for slice in added { note(slice, record.cursor) }
            case .features(let twin, let set):
                sets[twin, default: [:]][set.modality] = Kept(set: set, cursor: record.cursor)
                featureCount += set.features.count
                setMarks.append(
                    SetMark(
                        twin: twin, modality: set.modality, cursor: record.cursor,
                        count: set.features.count))
            case .assessments, .shadows, .artifact, .activation, .drift: break
            }
        }
    }

    private mutating func note(_ slice: TwinSlice, _ cursor: UInt64) {
        slices[slice.twin, default: Deque()].append(slice)
        let weight = slice.observations.weight
        observationCount += weight
        sliceMarks.append(SliceMark(twin: slice.twin, cursor: cursor, count: weight))
    }

    /// Lets go of the oldest beyond the limits, as far as the engine shows it.
    mutating func trim(durable: UInt64) {
        while observationCount > observationCountMax, let mark = sliceMarks.first,
            mark.cursor <= durable
        {
            _ = sliceMarks.popFirst()
            observationCount -= mark.count
            _ = slices[mark.twin]?.popFirst()
            if slices[mark.twin]?.isEmpty == true { slices[mark.twin] = nil }
        }
        while featureCount > featureCountMax, let mark = setMarks.first, mark.cursor <= durable {
            _ = setMarks.popFirst()
            featureCount -= mark.count
            guard sets[mark.twin]?[mark.modality]?.cursor == mark.cursor else { continue }
            sets[mark.twin]?[mark.modality] = nil
            if sets[mark.twin]?.isEmpty == true { sets[mark.twin] = nil }
        }
    }

    /// The slices after `from` up to and including `to` that are at hand: the newest, without a gap.
    func slices(of twin: TwinID, after from: Revision, through to: Revision) -> [TwinSlice] {
        slices[twin]?.filter { $0.revision > from && $0.revision <= to } ?? []
    }

    /// The newest feature sets that are at hand.
    func features(of twin: TwinID) -> [Modality: FeatureSet] {
        sets[twin]?.mapValues(\.set) ?? [:]
    }
}
