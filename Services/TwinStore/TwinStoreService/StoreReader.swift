import TwinCore
import TwinStoreCore

/// Answers from the engine; used by any thread.
struct StoreReader: Sendable {
    let engine: any TwinEngine
    let settings: ServiceSettings

    /// Answers a question about one twin's past, by its id or by an identifier that only one twin has.
    func answer(_ query: Query, isExact: Bool) -> StoreReply {
        do throws(Refusal) {
            switch query {
            case .history(let id, let code, let after, let limit):
                let exact = try resolve(id, isExact: isExact)
                return .answer(.history(try history(exact, code, after, bounded(limit))))
            case .assessments(let id, let after, let limit):
                return try assessments(of: id, isExact, limit) { exact, limit throws(EngineError) in
                    try engine.assessments(of: exact, after: after, limit: limit)
                }
            case .shadows(let id, let after, let limit):
                return try assessments(of: id, isExact, limit) { exact, limit throws(EngineError) in
                    try engine.shadows(of: exact, after: after, limit: limit)
                }
            default: throw Refusal(.unsupported, "not a question about a twin")
            }
        } catch {
            return .refused(error)
        }
    }

    /// A twin by its exact id, with the links that the room knows.
    func twin(_ id: TwinID, asOf revision: Revision?, _ links: [DeviceLink]) -> StoreReply {
        do throws(Refusal) {
            let state = try reading { () throws(EngineError) in
                try engine.twin(id, asOf: revision)
            }
            guard let state else { throw StoreReader.nothing(of: id) }
            var marked = try marked(state, isPast: revision != nil)
            marked.links = links
            return .answer(.twin(marked))
        } catch {
            return .refused(error)
        }
    }

    /// The exact id, or the only twin with this identifier.
    func resolve(_ id: TwinID, isExact: Bool) throws(Refusal) -> TwinID {
        if isExact { return id }
        let candidates = try reading { () throws(EngineError) in
            try engine.twins(identifier: id.text)
        }
        guard let first = candidates.first else { throw StoreReader.nothing(of: id) }
        guard candidates.count == 1 else {
            let names = candidates.map(\.text).joined(separator: ", ")
            throw Refusal(.ambiguousPatient, "several twins have this identifier: \(names)")
        }
        return first
    }

    static func nothing(of id: TwinID) -> Refusal {
        Refusal(.notFound, "there is no twin \(id): see the list of twins")
    }

    private func bounded(_ limit: UInt32) -> Int {
        Int(max(1, min(limit, settings.pageCountMax)))
    }

    /// A page of what was said of a twin, marked where what it rests on was amended.
    private func assessments(
        of id: TwinID, _ isExact: Bool, _ limit: UInt32,
        _ read: (TwinID, Int) throws(EngineError) -> [StoredAssessment]
    ) throws(Refusal) -> StoreReply {
        let exact = try resolve(id, isExact: isExact)
        let page = try wholeRevisions(bounded(limit), \.assessment.revision) {
            limit throws(EngineError) in try read(exact, limit)
        }
        guard !page.items.isEmpty, let amendments = try amendments(of: exact) else {
            return .answer(.assessments(page.items))
        }
        return .answer(.assessments(page.items.map(amendments.marked)))
    }

    private func history(
        _ id: TwinID, _ code: Code?, _ after: Revision, _ limit: Int
    )
        throws(Refusal) -> [StoredObservation]
    {
        let merged = try reading { () throws(EngineError) in try mergedObservations(of: id) }
        var found: [StoredObservation] = []
        var cursor = after
        var weight = 0
        while weight < limit {
            let page = try wholeRevisions(
                limit, \.commitRevision, weight: \.observation.value.weight
            ) { limit throws(EngineError) -> [StoredObservation] in
                if let merged { return StoreReader.page(of: merged, after: cursor, limit) }
                return try engine.observations(
                    of: id, after: cursor, through: .max, limit: limit)
            }
            for item in page.items where code == nil || item.observation.code == code {
                found.append(item)
                weight += item.observation.value.weight
            }
            guard page.isFull, let last = page.items.last else { break }
            cursor = last.commitRevision
        }
        guard !found.isEmpty, let amendments = try amendments(of: id) else { return found }
        return found.map(amendments.marked)
    }

    /// The twin with what its corrections and withdrawals take from under features and assessments.
    private func marked(_ state: TwinState, isPast: Bool) throws(Refusal) -> TwinState {
        let through = isPast ? state.revision : .max
        var marked = try merged(state)
        guard marked.amendedRevision != nil,
            let amendments = try amendments(of: state.id, through: through)
        else { return marked }
        marked.features = state.features.map(amendments.marked)
        marked.assessments = state.assessments.map(amendments.marked)
        return marked
    }

    /// Nil where nothing of the twin was ever amended, as is nearly always so.
    private func amendments(
        of id: TwinID, through last: Revision = .max
    ) throws(Refusal) -> Amendments? {
        try reading { () throws(EngineError) in
            guard let state = try engine.twin(id, asOf: nil) else { return nil }
            if MergedTimeline<EngineError>.isNeeded(for: state.latest) {
                let all = try mergedTimeline.observations(of: id, through: last)
                return Amendments { each in for one in all { each(one) } }
            }
            if state.amendedRevision == nil { return nil }
            return try Amendments { each throws(EngineError) in
                try forEachObservation(of: id, through: last, each)
            }
        }
    }

    var mergedTimeline: MergedTimeline<EngineError> {
        MergedTimeline { twin, last throws(EngineError) in
            var own: [StoredObservation] = []
            try forEachObservation(of: twin, through: last) { own.append($0) }
            return own
        }
    }

    /// All of a twin's observations with those of twins that it has taken in; nil where it has taken
    /// in none.
    private func mergedObservations(of id: TwinID) throws(EngineError) -> [StoredObservation]? {
        guard let latest = try engine.twin(id, asOf: nil)?.latest,
            MergedTimeline<EngineError>.isNeeded(for: latest)
        else { return nil }
        return try mergedTimeline.observations(of: id, through: .max)
    }

    /// Those after a revision, as many as reach the limit with their weight.
    private static func page(
        of all: [StoredObservation], after: Revision, _ limit: Int
    ) -> [StoredObservation] {
        var weight = 0
        let page = all.drop { $0.commitRevision <= after }.prefix { one in
            defer { weight += one.observation.value.weight }
            return weight < limit
        }
        return Array(page)
    }

    /// The twin with what it has taken in.
    private func merged(_ state: TwinState) throws(Refusal) -> TwinState {
        guard MergedTimeline<EngineError>.isNeeded(for: state.latest) else { return state }
        let all = try reading { () throws(EngineError) in
            try mergedTimeline.observations(of: state.id, through: state.revision)
        }
        let values = LatestValues.all { each in for one in all { each(one) } }
        var merged = state
        merged.latest = values.sorted
        merged.amendedRevision = values.amendedRevision
        return merged
    }

    /// Every observation up to a revision, in pages that end with a revision.
    private func forEachObservation(
        of id: TwinID, through last: Revision, _ each: (StoredObservation) -> Void
    ) throws(EngineError) {
        var cursor: Revision = 0
        var limit = ObservationBatch.countMax
        while true {
            let page = try engine.observations(of: id, after: cursor, through: last, limit: limit)
            let weight = page.weight
            guard weight >= limit, let end = page.last?.commitRevision else {
                for one in page { each(one) }
                return
            }
            // What the limit may have cut comes with the next page.
            let whole = page.prefix { $0.commitRevision < end }
            for one in whole { each(one) }
            if let reached = whole.last?.commitRevision { cursor = reached } else { limit *= 2 }
        }
    }

    /// As many items as `limit`, and those that belong to the last one's revision.
    ///
    /// A client goes on after a revision: it would never see what a page's end cut off.
    private func wholeRevisions<Item>(
        _ limit: Int, _ revision: (Item) -> Revision, weight: (Item) -> Int = { _ in 1 },
        _ read: (Int) throws(EngineError) -> [Item]
    ) throws(Refusal) -> (items: [Item], isFull: Bool) {
        var readCount = limit + 64
        while true {
            let items = try reading { () throws(EngineError) in try read(readCount) }
            var (sum, reached) = (0, Int?.none)
            for (index, item) in items.enumerated() {
                sum += weight(item)
                if reached == nil, sum >= limit { reached = index }
            }
            guard sum > limit, let reached else { return (items, false) }
            let last = revision(items[reached])
            let page = Array(items.prefix { revision($0) <= last })
            if page.count < items.count || sum < readCount { return (page, true) }
            readCount *= 2
        }
    }

    /// The bytes of an artifact, all of them or some.
    func artifact(_ info: ArtifactInfo, _ range: ArtifactRange?) -> StoreReply {
        let most = settings.artifactPartByteCountMax
        do throws(Refusal) {
            if let range {
                let bytes = try reading { () throws(EngineError) in
                    try engine.artifactBytes(
                        info.id, from: range.offset, count: min(Int(range.byteCountMax), most))
                }
                guard let bytes else { throw Refusal(.notFound, "the artifact's bytes are gone") }
                return .answer(.artifact(info), attachment: bytes)
            }
            guard info.byteCount <= UInt64(most) else {
                throw Refusal(
                    .tooLarge, "\(info.byteCount) bytes, more than \(most): ask for it in parts")
            }
            let bytes = try reading { () throws(EngineError) in
                try engine.artifactBytes(info.id)
            }
            guard let bytes else { throw Refusal(.notFound, "the artifact's bytes are gone") }
            return .answer(.artifact(info), attachment: bytes)
        } catch {
            return .refused(error)
        }
    }

    /// A feature task from what the engine has before `recent`, and from `recent`.
    func featureTask(
        _ twin: TwinID, _ modality: Modality, from: Revision, to: Revision, recent: [TwinSlice]
    ) throws(Refusal) -> FeatureTask {
        var task = FeatureTask(
            twin: twin, modality: modality, fromRevision: from, toRevision: from,
            observations: [])
        var weight = 0
        let last = recent.first.map { $0.revision - 1 } ?? to
        if last > from {
            let limit = settings.taskObservationCountMax + ObservationBatch.countMax
            let stored = try reading { () throws(EngineError) in
                try engine.observations(of: twin, after: from, through: last, limit: limit)
            }
            let slices = StoreReader.slices(stored, twin, isCut: stored.weight >= limit)
            try fill(&task, with: slices, &weight)
        }
        try fill(&task, with: recent, &weight)
        guard task.toRevision > from else {
            throw Refusal(.storageFailed, "the engine does not have what was committed")
        }
        return task
    }

    /// A feature task of a twin that has taken in others, with their observations.
    ///
    /// `recent` are slices of all of them, of those that the engine may not show yet.
    func mergedFeatureTask(
        _ twin: TwinID, _ modality: Modality, from: Revision, to: Revision,
        recent: [TwinID: [TwinSlice]]
    ) throws(Refusal) -> FeatureTask {
        let timeline = MergedTimeline { twin, last throws(EngineError) in
            var own: [StoredObservation] = []
            try forEachObservation(of: twin, through: last) { own.append($0) }
            let reached = own.last?.commitRevision ?? 0
            for slice in recent[twin] ?? [] where slice.revision > reached && slice.revision <= last
            {
                own += slice.observations.map {
                    StoredObservation(
                        observation: $0, commitRevision: slice.revision,
                        commitTime: $0.receiveTime)
                }
            }
            return own
        }
        let all = try reading { () throws(EngineError) in
            try timeline.observations(of: twin, through: to)
        }
        var task = FeatureTask(
            twin: twin, modality: modality, fromRevision: from, toRevision: from,
            observations: [])
        let new = all.filter { $0.commitRevision > from }
        var weight = 0
        try fill(&task, with: StoreReader.slices(new, twin, isCut: false), &weight)
        guard task.toRevision > from else {
            throw Refusal(.storageFailed, "the engine does not have what was committed")
        }
        return task
    }

    /// Adds slices while there is room; a full task stays as it is.
    ///
    /// `weight` is what was offered so far: after a slice that was left out none fits.
    private func fill(
        _ task: inout FeatureTask, with slices: [TwinSlice], _ weight: inout Int
    ) throws(Refusal) {
        for slice in slices {
            weight += slice.observations.weight
            if !task.observations.isEmpty, weight > settings.taskObservationCountMax { return }
            guard slice.revision == task.toRevision + 1 else {
                // The last revision that was read may have been cut.
                if slice.revision > task.toRevision, !task.observations.isEmpty { return }
                throw Refusal(.storageFailed, "the engine's revisions have a gap")
            }
            task.observations += slice.observations
            task.toRevision = slice.revision
        }
    }

    /// Stored observations by revision; without the last revision where the reading may have cut it.
    private static func slices(
        _ stored: [StoredObservation], _ twin: TwinID, isCut: Bool
    )
        -> [TwinSlice]
    {
        var slices: [TwinSlice] = []
        for item in stored {
            if slices.last?.revision != item.commitRevision {
                slices.append(
                    TwinSlice(twin: twin, revision: item.commitRevision, observations: []))
            }
            slices[slices.count - 1].observations.append(item.observation)
        }
        if isCut, slices.count > 1 { slices.removeLast() }
        return slices
    }

    /// The newest feature sets, `recent` before what the engine has.
    func features(of twin: TwinID, recent: [Modality: FeatureSet]) throws(Refusal) -> [FeatureSet] {
        var sets = recent
        let stored = try reading { () throws(EngineError) in try engine.features(of: twin) }
        for set in stored where sets[set.modality] == nil { sets[set.modality] = set }
        return StoreReader.ordered(sets)
    }

    static func ordered(_ sets: [Modality: FeatureSet]) -> [FeatureSet] {
        sets.values.sorted { $0.modality.rawValue < $1.modality.rawValue }
    }

    private func reading<Value>(_ body: () throws(EngineError) -> Value) throws(Refusal) -> Value {
        do {
            return try body()
        } catch {
            throw Refusal(.storageFailed, error.description)
        }
    }
}
