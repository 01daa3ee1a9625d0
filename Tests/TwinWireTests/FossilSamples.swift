import TwinCore
import TwinLink
import TwinWire

/// What the fossils say: never change one, only add.
enum FossilSamples {
    static let twin = twinNamed("CINC|132539")
    static let artifact = artifactNamed(String(repeating: "0123456789abcdef", count: 4))
    static let instant = Instant(microsecondsSinceEpoch: 1_700_000_000_123_456)

    static let observations: [Observation] = [
        observation(.number(72), 0), observation(.number(-0.5), 1, comparator: .less),
        observation(.text("tachykardisch ✓"), 2), observation(.absent, 3, flags: [.noResult]),
        observation(.number(1e-12), 4, flags: [.converted, .stale]), observation(.number(88), -5),
        observation(.text("tachykardisch ✓"), 6), observation(.number(90), 7),
        observation(.number(91), 8, comparator: .greaterOrEqual),
    ]

    private static func observation(
        _ value: ObservedValue, _ seconds: Int64, comparator: Comparator = .equal,
        flags: QualityFlags = []
    ) -> Observation {
        Observation(
            twin: seconds < 4 ? twin : twinNamed("7"),
            code: seconds % 2 == 0 ? .loinc("8867-4") : Code(system: "", value: "HR"),
            value: value, comparator: comparator, unit: seconds % 3 == 0 ? "/min" : "",
            eventTime: instant.adding(seconds: seconds),
            receiveTime: instant.adding(seconds: seconds * 2 + 1), source: "Monitor 7",
            flags: flags)
    }

    static let stored = observations.enumerated().map {
        StoredObservation(
            observation: $1, commitRevision: UInt64($0 * 3),
            commitTime: instant.adding(seconds: Int64($0)))
    }

    static let features = FeatureSet(
        modality: .vitals, version: "vitals-1", revision: 42, referenceTime: instant,
        features: [
            Feature(name: "heart_rate_last_1h", value: 72, unit: "/min"),
            Feature(name: "lactate_max_24h", value: nil, unit: "mmol/L", flags: [.empty]),
            Feature(name: "news2", value: 0, unit: "", flags: [.incomplete]),
        ])

    static let emptyFeatures = FeatureSet(
        modality: .genome, version: "", revision: 0, referenceTime: nil, features: [])

    static let storedAssessment = StoredAssessment(assessment: assessment, commitTime: instant)
    static let refusal = Refusal(.overloaded, "the outbox is full", retryAfterMs: 250)
    static let activation = Activation(
        outcome: "in-hospital death", artifact: artifact, epoch: 3, activatedAt: instant)
    static let canary = Activation(
        outcome: "in-hospital death", artifact: artifact, epoch: 5, activatedAt: instant,
        mode: .canary, share: 0.125, cause: .ordered, by: "twinctl")
    static let endedShadow = Activation(
        outcome: "in-hospital death", artifact: artifact, epoch: 6, activatedAt: instant,
        mode: .shadow, isEnded: true, cause: .failed)
    static let guarded = Activation(
        outcome: "in-hospital death", artifact: artifact, epoch: 7, activatedAt: instant,
        cause: .guarded, reason: "3 answers were not valid")
    static let artifactInfo = ArtifactInfo(
        id: artifact, outcome: "in-hospital death", kind: "forest", byteCount: 123_456,
        pushedAt: instant)

    static let reference = DriftReference(
        features: [
            .init(
                name: "news2.max", modality: .vitals,
                bins: ReferenceBins(edges: [1, 4.5], counts: [10, 20, 30], missingCount: 4)),
            .init(
                name: "other", modality: nil,
                bins: ReferenceBins(edges: [], counts: [0], missingCount: 64)),
        ], scores: ReferenceBins(edges: [0.25], counts: [40, 24], missingCount: 0))
    static let driftTally = DriftTally(
        artifact: artifact,
        features: [
            RecentBins(counts: [1.5, 0, 100], missingCount: 0.25),
            RecentBins(counts: [0], missingCount: 0),
        ], scores: RecentBins(counts: [40, 24.5], missingCount: 3))
    static let watchedInfo: ArtifactInfo = {
        var info = signedInfo
        info.pushedBy = "twinctl"
        info.reference = reference
        return info
    }()
    static let barredInfo: ArtifactInfo = {
        var info = artifactInfo
        info.bar = ArtifactBar(at: instant, reason: "3 answers were not valid")
        return info
    }()
    static let pardonedInfo: ArtifactInfo = {
        var info = barredInfo
        info.bar?.pardonedAt = instant
        info.bar?.pardonedBy = "twinctl"
        return info
    }()
    private static let figures = DriftFigures(
        name: "news2.max", rowCount: 300, stabilityIndex: 0.125, distance: 0.25, missingThen: 0.5,
        missingNow: 0)
    private static let emptyFigures = DriftFigures(
        name: "other", rowCount: 0, stabilityIndex: nil, distance: nil, missingThen: nil,
        missingNow: nil)

    static let signature = ArtifactSignature(
        key: String(repeating: "5a", count: 32), value: String(repeating: "c3", count: 64))
    static let signedInfo: ArtifactInfo = {
        var info = artifactInfo
        info.signature = signature
        return info
    }()

    static let header = LinkHeader(
        kind: .request, session: 0xFEDC_BA98_7654_3210, correlation: 300, subject: 10,
        deadlineMs: 5000, trace: 7)
    static let hello = LinkHeader(
        kind: .hello, session: 1,
        hello: Hello(
            name: "bed 7", role: "device", version: "1.2", windowCount: 8,
            windowByteCount: 1 << 24))
    static let reject = LinkHeader(
        kind: .reject, session: 2, refusal: Refusal(.wrongVersion, "too new"))
}

extension FossilSamples {
    static let messages: [(name: String, message: Message)] =
        [
            ("submit-rows", .submit(ObservationBatch(Array(observations.prefix(3))))),
            ("submit-columns", .submit(ObservationBatch(observations))),
            ("submit-explained-rows", .submit(ObservationBatch(Array(explained.prefix(3))))),
            ("submit-explained-columns", .submit(ObservationBatch(explained))),
            ("accepted", .accepted(count: 9)),
            (
                "commit",
                .commit(
                    Commit(
                        ingest: "ward-7",
                        records: [
                            OutboxRecord(offset: 300, batch: ObservationBatch(observations)),
                            OutboxRecord(
                                offset: 301, batch: ObservationBatch(Array(observations.prefix(1)))),
                        ]))
            ),
            ("committed", .committed(Committed(ingest: "ward-7", offset: 301))),
            (
                "ready-feature",
                .ready(Ready(role: .feature(.imaging), version: "imaging-2", credits: 4))
            ),
            ("ready-model", .ready(Ready(role: .model, version: "1.0", credits: 1))),
            ("refused", .refused(refusal)),
        ] + work + queries + answers

    private static let work: [(name: String, message: Message)] = [
        (
            "order-features",
            .order(
                .features(
                    FeatureTask(
                        twin: twin, modality: .vitals, fromRevision: 40, toRevision: 42,
                        observations: observations)))
        ),
        (
            "order-assess",
            .order(
                .assess(
                    ModelTask(
                        twin: twin, revision: 42, epoch: 3, artifacts: [artifact],
                        features: [features, emptyFeatures])))
        ),
        ("order-prepare", .order(.prepare(PrepareTask(artifacts: [artifact])))),
        ("result-features", .result(.features(twin, features))),
        ("result-scored", .result(.features(twin, scored))),
        (
            "result-assessments",
            .result(.assessments(twin, revision: 42, epoch: 3, [assessment, abstention]))
        ),
        (
            "result-accounted",
            .result(.assessments(twin, revision: 42, epoch: 3, [accounted, outOfDistribution]))
        ),
        ("result-cleaned-features", .result(.features(twin, cleanedFeatures))),
        ("result-aged-features", .result(.features(twin, agedFeatures))),
        (
            "result-cleaned-assessment",
            .result(.assessments(twin, revision: 42, epoch: 3, [cleanedAssessment]))
        ),
        (
            "result-estimated",
            .result(.assessments(twin, revision: 42, epoch: 3, [estimate, estimateAlone]))
        ),
        ("result-prepared", .result(.prepared([artifact]))),
        ("result-failed", .result(.failed(Refusal(.needSlice, "revision 40 is not cached")))),
    ]

    private static let queries: [(name: String, message: Message)] = [
        ("query-status", .query(.status)),
        ("query-twins", .query(.twins(after: twin, limit: 100))),
        ("query-twin", .query(.twin(id: twin, asOf: nil))),
        ("query-twin-as-of", .query(.twin(id: twin, asOf: 0))),
        (
            "query-history",
            .query(
                .history(id: twin, code: .loinc("8867-4"), afterRevision: 7, limit: 1000))
        ),
        ("query-assessments", .query(.assessments(id: twin, afterRevision: 7, limit: 10))),
        ("query-watch", .query(.watch(cursor: 99, twin: twin))),
        ("query-artifacts", .query(.artifacts)),
        ("query-artifact", .query(.artifact(artifact))),
        ("query-push", .query(.push(outcome: "in-hospital death", kind: "forest"))),
        (
            "query-artifact-part",
            .query(.artifact(artifact, ArtifactRange(offset: 1 << 33, byteCountMax: 4096)))
        ),
        (
            "query-push-part",
            .query(
                .push(
                    outcome: "in-hospital death", kind: "forest", signature: signature,
                    part: ArtifactPart(artifact: artifact, byteCount: 1 << 30, offset: 1 << 22)))
        ),
        ("query-rollback-epoch", .query(.rollback(outcome: "in-hospital death", undoing: 7))),
        (
            "query-release-canary",
            .query(.release(ReleaseOrder(.canary(artifact, share: 0.125), after: 0)))
        ),
        ("query-release-shadow", .query(.release(ReleaseOrder(.shadow(artifact))))),
        (
            "query-release-end",
            .query(.release(ReleaseOrder(.endCanary(outcome: "in-hospital death"), after: 5)))
        ),
        ("query-release-promote", .query(.release(ReleaseOrder(.promote(artifact), after: 5)))),
        ("query-releases", .query(.releases(outcome: "in-hospital death"))),
        ("query-shadows", .query(.shadows(id: twin, afterRevision: 7, limit: 100))),
        ("query-drift", .query(.drift(outcome: "in-hospital death"))),
        (
            "query-push-reference",
            .query(.push(outcome: "in-hospital death", kind: "forest", reference: reference))
        ),
        ("query-pardon", .query(.pardon(twin))),
        ("query-pardon-artifact", .query(.pardonArtifact(artifact))),
        ("query-activate", .query(.activate(artifact))),
        ("query-rollback", .query(.rollback(outcome: "in-hospital death"))),
    ]

    private static let answers: [(name: String, message: Message)] = [
        (
            "answer-drift",
            .answer(
                .drift([
                    DriftReport(
                        outcome: "in-hospital death", artifact: artifact,
                        features: [figures, emptyFigures], scores: figures)
                ]))
        ),
        (
            "answer-status-drifted",
            .answer(
                .status(
                    StoreStatus(
                        version: "1.0", upSeconds: 60, twinCount: 2, observationCount: 9,
                        assessmentCount: 1, dueCount: 1, poisonedCount: 0, cursor: 99,
                        activations: [activation], drifted: ["in-hospital death"], peers: [])))
        ),
        ("answer-releases", .answer(.releases([activation, canary, endedShadow]))),
        (
            "answer-status-trials",
            .answer(
                .status(
                    StoreStatus(
                        version: "1.0", upSeconds: 60, twinCount: 2, observationCount: 9,
                        assessmentCount: 1, dueCount: 1, poisonedCount: 0, cursor: 99,
                        activations: [activation], trials: [canary], peers: [])))
        ),
        (
            "answer-status",
            .answer(
                .status(
                    StoreStatus(
                        version: "1.0", upSeconds: 60, twinCount: 2, observationCount: 9,
                        assessmentCount: 1, dueCount: 1, poisonedCount: 0, cursor: 99,
                        activations: [activation],
                        peers: [
                            PeerStatus(
                                name: "vitals-1", role: "feature-vitals", version: "vitals-1",
                                credits: 4, inFlight: 1, completed: 1 << 33)
                        ])))
        ),
        (
            "answer-status-links",
            .answer(
                .status(
                    StoreStatus(
                        version: "1.0", upSeconds: 60, twinCount: 2, observationCount: 9,
                        assessmentCount: 1, dueCount: 1, poisonedCount: 0, cursor: 99,
                        activations: [], peers: [], linkCount: 7, silentLinkCount: 1,
                        silentLinks: [SilentLink(twin: twin, link: link)])))
        ),
        (
            "answer-twin-links",
            .answer(
                .twin(
                    TwinState(
                        id: twin, revision: 42, latest: stored, features: [scored],
                        assessments: [], links: [link])))
        ),
        (
            "answer-twins",
            .answer(
                .twins([
                    TwinSummary(
                        id: twin, revision: 42, featureRevision: 41, assessedRevision: 40,
                        lastEventTime: instant),
                    TwinSummary(
                        id: twinNamed("7"), revision: 0, featureRevision: 0, assessedRevision: 0,
                        lastEventTime: nil),
                ]))
        ),
        (
            "answer-twin",
            .answer(
                .twin(
                    TwinState(
                        id: twin, revision: 42, latest: stored, features: [features],
                        assessments: [storedAssessment])))
        ),
        (
            "answer-twin-amended",
            .answer(
                .twin(
                    TwinState(
                        id: twin, revision: 42, latest: stored, features: [features],
                        assessments: [
                            StoredAssessment(
                                assessment: assessment, commitTime: instant, amendedRevision: 41)
                        ], amendedRevision: 41)))
        ),
        ("answer-history", .answer(.history(stored))),
        ("answer-assessments", .answer(.assessments([storedAssessment]))),
        (
            "answer-changes",
            .answer(
                .changes([
                    Change(
                        cursor: 100, twin: twin, kind: .assessments, revision: 42,
                        assessments: [storedAssessment]),
                    Change(cursor: 101, twin: twin, kind: .features, revision: 43),
                ]))
        ),
        ("answer-artifacts", .answer(.artifacts([artifactInfo], active: [activation]))),
        ("answer-artifact", .answer(.artifact(artifactInfo))),
        ("answer-activated", .answer(.activated(activation))),
        ("answer-progress", .answer(.progress(artifact, byteCount: 1 << 33))),
        ("answer-refused", .answer(.refused(Refusal(.notFound, "no such twin")))),
    ]
}
