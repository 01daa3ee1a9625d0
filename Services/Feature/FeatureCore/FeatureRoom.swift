import TwinCleaning
public import TwinCore

/// What a feature worker does, as a pure fold: orders come in, results go out.
///
/// It holds no truth. What it keeps of the twins saves work and may be lost at any moment: an
/// order that builds on something not kept is answered with `needSlice`, and the store sends all.
public struct FeatureRoom: Sendable {
    public enum Arrival: Sendable {
        case order(request: UInt64, FeatureTask)
    }

    public enum Departure: Hashable, Sendable {
        case result(request: UInt64, WorkResult)
    }

    /// How much a worker keeps.
    public struct Limits: Hashable, Sendable {
        /// Measurements of one code of one twin that are seen; of more, the newest.
        public var sampleCountMax: Int
        public var twinCountMax: Int
        public var byteCountMax: Int

        public init(
            sampleCountMax: Int = Timeline.sampleCountMaxDefault, twinCountMax: Int = 20_000,
            byteCountMax: Int = 512 << 20
        ) {
            self.sampleCountMax = sampleCountMax
            self.twinCountMax = twinCountMax
            self.byteCountMax = byteCountMax
        }
    }

    private let extractors: [Modality: any Extractor]
    private let limits: Limits
    private var cache: TimelineCache

    /// A worker for the modalities of these extractors; of two for one modality the last is taken.
    public init(extractors: [any Extractor], limits: Limits = Limits()) {
        self.extractors = Dictionary(
            extractors.map { ($0.modality, $0) }, uniquingKeysWith: { $1 })
        self.limits = limits
        self.cache = TimelineCache(
            twinCountMax: limits.twinCountMax, byteCountMax: limits.byteCountMax)
    }

    /// What the worker says of itself when it connects: one role a modality.
    public func ready(credits: UInt32) -> [Ready] {
        extractors.values.map {
            Ready(role: .feature($0.modality), version: $0.version, credits: credits)
        }.sorted { $0.role.name < $1.role.name }
    }

    /// How many timelines are kept, and about how many bytes of memory they hold.
    public var kept: (timelineCount: Int, byteCount: Int) { (cache.count, cache.byteCount) }

    /// Takes in one arrival, and says everything that must happen because of it.
    public mutating func receive(_ arrival: Arrival) -> [Departure] {
        switch arrival {
        case .order(let request, let task):
            do {
                return [.result(request: request, .features(task.twin, try features(for: task)))]
            } catch {
                return [.result(request: request, .failed(error))]
            }
        }
    }

    private mutating func features(for task: FeatureTask) throws(Refusal) -> FeatureSet {
        guard let extractor = extractors[task.modality] else {
            throw Refusal(.unsupported, "no extractor for \(task.modality.name) here")
        }
        guard task.fromRevision <= task.toRevision else {
            throw Refusal(.malformed, "a task ends before it starts")
        }
        guard task.observations.allSatisfy({ $0.twin == task.twin }) else {
            throw Refusal(.malformed, "a task holds observations of another twin")
        }
        let key = TimelineCache.Key(twin: task.twin, modality: task.modality)
        var entry = try start(of: task, key: key, extractor.rules)
        entry.timeline.merge(task.observations, reading: extractor)
        entry.revision = task.toRevision
        let features = extractor.features(of: entry.timeline, at: task.toRevision)
        cache.put(key, entry)
        return features
    }

    /// What the task builds on.
    ///
    /// A timeline that already holds some or all of the task's observations serves as well as one
    /// that holds none: merging them again changes nothing. So a task may be tried again.
    private mutating func start(
        of task: FeatureTask, key: TimelineCache.Key, _ rules: CleaningRules
    ) throws(Refusal) -> TimelineCache.Entry {
        if task.fromRevision == 0 {
            return TimelineCache.Entry(
                timeline: Timeline(sampleCountMax: limits.sampleCountMax, rules: rules),
                revision: 0)
        }
        guard let revision = cache.revision(of: key),
            (task.fromRevision...task.toRevision).contains(revision), let kept = cache.take(key)
        else {
            throw Refusal(.needSlice, "revision \(task.fromRevision) of the twin is not kept")
        }
        return kept
    }
}
