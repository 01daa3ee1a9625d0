import Testing
import TwinCore

@testable import TwinStoreCore

struct CanaryTests {
    let a = artifact("a")
    let b = artifact("b")
    let c = artifact("c")

    /// A ward where a speaks, b and c are known, and many twins have features of revision 1.
    private func ward(_ twinCount: Int = 60) -> Ward {
        let twins = (0..<twinCount).map {
            TwinProgress(
                twin: twin($0), revision: 1,
                features: [.vitals: FeatureProgress(revision: 1, version: "1.0")],
                assessments: ["death": AssessmentProgress(revision: 1, artifact: a)])
        }
        let active = Activation(outcome: "death", artifact: a, epoch: 1, activatedAt: seconds(0))
        return Ward(
            Recovery(
                cursor: 99, offsets: ["ward-a": 1], twins: twins,
                artifacts: [info(a), info(b), info(c)], activations: [active]))
    }

    /// Everything that is asked of one model worker that answers at once, twin by twin.
    private func answerAll(
        _ ward: inout Ward, _ departures: [TwinRoom.Departure], worker: TwinRoom.Peer = 6
    ) -> [TwinID: [ArtifactID]] {
        var asked: [TwinID: [ArtifactID]] = [:]
        var waiting = departures
        while !waiting.isEmpty {
            let departure = waiting.removeFirst()
            switch departure {
            case .prepare(let peer, let request, let artifacts, _):
                waiting += ward.take(.result(peer, request, .prepared(artifacts)))
            case .order(let peer, let request, .assess(let id, let revision, let epoch, let by), _):
                asked[id, default: []] += by
                let made = by.map { assessment(revision, $0) }
                waiting += ward.take(
                    .result(
                        peer, request,
                        .assessments(id, revision: revision, epoch: epoch, made)))
            default: break
            }
        }
        return asked
    }

    private func canary(
        _ ward: inout Ward, _ id: ArtifactID, _ share: Double, after: UInt64? = nil
    ) -> [TwinID: [ArtifactID]] {
        answerAll(
            &ward, ward.take(.release(9, 1, ReleaseOrder(.canary(id, share: share), after: after))))
    }

    @Test func `a canary speaks for its share, which only grows, and falls back to what spoke`() {
        var ward = ward()
        ward.connectModel(6)
        let tenth = canary(&ward, b, 0.1)
        #expect(!tenth.isEmpty && tenth.count < 20)
        #expect(tenth.values.allSatisfy { $0 == [b] })
        #expect(tenth.keys.allSatisfy { Voices.place(of: $0) < 0.1 })
        // Growing asks only for those that are added.
        let half = canary(&ward, b, 0.5)
        #expect(Set(half.keys).isDisjoint(with: tenth.keys))
        #expect(half.values.allSatisfy { $0 == [b] })
        #expect(half.keys.allSatisfy { (0.1..<0.5).contains(Voices.place(of: $0)) })
        // Asked again, nothing happens.
        let cursor = ward.appended.last?.cursor
        let again = canary(&ward, b, 0.5)
        #expect(again.isEmpty)
        #expect(ward.appended.last?.cursor == cursor)
        // Shrinking and ending give the twins back, and no others.
        let back = canary(&ward, b, 0.1)
        #expect(Set(back.keys) == Set(half.keys) && back.values.allSatisfy { $0 == [a] })
        let ended = answerAll(
            &ward, ward.take(.release(9, 2, ReleaseOrder(.endCanary(outcome: "death")))))
        #expect(Set(ended.keys) == Set(tenth.keys) && ended.values.allSatisfy { $0 == [a] })
        #expect(ward.room.status().dueCount == 0 && ward.room.status().trials.isEmpty)
    }

    @Test func `promoted, a canary speaks for the others too, and can be rolled back`() {
        var ward = ward()
        ward.connectModel(6)
        let tenth = canary(&ward, b, 0.1)
        let promoted = answerAll(&ward, ward.take(.release(9, 2, ReleaseOrder(.promote(b)))))
        #expect(promoted.count == 60 - tenth.count)
        #expect(promoted.values.allSatisfy { $0 == [b] })
        #expect(ward.room.activations.map(\.artifact) == [b])
        #expect(ward.room.activations.map(\.cause) == [.promoted])
        let back = answerAll(&ward, ward.take(.rollback(9, 3, outcome: "death", undoing: 3)))
        #expect(back.count == 60 && back.values.allSatisfy { $0 == [a] })
        #expect(
            ward.room.releases(of: "death").map(\.cause)
                == [nil, .ordered, .promoted, .rolledBack])
        #expect(ward.room.releases(of: nil).map(\.epoch) == [1, 2, 3, 4])
    }

    @Test func `a restart knows who speaks for whom`() {
        var first = ward()
        first.connectModel(6)
        let tenth = canary(&first, b, 0.1)
        let twins = (0..<60).map { number -> TwinProgress in
            let id = tenth[twin(number)] == nil ? a : b
            return TwinProgress(
                twin: twin(number), revision: 1,
                features: [.vitals: FeatureProgress(revision: 1, version: "1.0")],
                assessments: ["death": AssessmentProgress(revision: 1, artifact: id)])
        }
        var again = Ward(
            Recovery(
                cursor: 99, twins: twins, artifacts: [info(a), info(b)],
                activations: first.room.releases(of: nil)))
        #expect(again.room.status().dueCount == 0)
        #expect(again.room.status().trials.map(\.share) == [0.1])
        // A worker that comes serves once it has proved both.
        #expect(again.take(.connected(6, ready(.model))).prepares.map(\.artifacts) == [[a, b]])
    }

    @Test func `the places of twins do not change, and are spread evenly`() {
        // Worked out by another program: the canary's twins must be the same for ever.
        #expect(Voices.place(of: twin(1)) == 0.3672150567867488)
        #expect(Voices.place(of: twin(2)) == 0.026773681189629417)
        let places = (0..<20_000).map { Voices.place(of: twin($0)) }
        for tenth in 1...9 {
            let share = Double(places.count { $0 < Double(tenth) / 10 }) / 20_000
            #expect(abs(share - Double(tenth) / 10) < 0.015)
        }
    }

    @Test func `an order that names the epoch it follows does no more when it is asked again`() {
        var ward = ward()
        ward.connectModel(6)
        let order = ReleaseOrder(.canary(b, share: 0.1), after: 1)
        _ = answerAll(&ward, ward.take(.release(9, 1, order)))
        #expect(ward.take(.release(9, 2, order)).activated.map(\.epoch) == [2])
        let end = ReleaseOrder(.endCanary(outcome: "death"), after: 2)
        _ = answerAll(&ward, ward.take(.release(8, 1, end)))
        #expect(ward.take(.release(8, 2, end)).activated.map(\.epoch) == [3])
        // Long answered, and ended by somebody else since: it does not come back.
        #expect(ward.take(.release(9, 3, order)).activated.map(\.epoch) == [2])
        #expect(ward.room.status().trials.isEmpty)
        #expect(
            ward.take(.release(9, 4, ReleaseOrder(.canary(c, share: 0.1), after: 1))).refusals
                == [.conflict])
    }

    @Test func `what makes no sense is refused`() {
        var ward = ward()
        ward.connectModel(6)
        func refusal(_ step: ReleaseOrder.Step) -> [Refusal.Reason] {
            ward.take(.release(9, 1, ReleaseOrder(step))).refusals
        }
        let early: [(ReleaseOrder.Step, Refusal.Reason)] = [
            (.canary(artifact("d"), share: 0.1), .notFound), (.canary(a, share: 0.1), .conflict),
            (.canary(b, share: 0), .malformed), (.canary(b, share: .nan), .malformed),
            (.promote(b), .conflict), (.endCanary(outcome: "death"), .notFound),
            (.endShadow(outcome: "sepsis"), .notFound),
        ]
        for (step, reason) in early { #expect(refusal(step) == [reason]) }
        _ = canary(&ward, b, 0.1)
        let late: [ReleaseOrder.Step] = [.canary(c, share: 0.1), .shadow(b)]
        for step in late { #expect(refusal(step) == [.conflict]) }
        #expect(ward.take(.rollback(9, 2, outcome: "death")).refusals == [.conflict])
        // Activating what speaks for the others ends the canary.
        _ = answerAll(&ward, ward.take(.activate(9, 3, a)))
        #expect(ward.room.status().trials.isEmpty)
    }

    @Test func `a result of a canary that was ended meanwhile is discarded`() {
        var ward = ward()
        ward.connectModel(6, credits: 64)
        let prepares = ward.take(.release(9, 1, ReleaseOrder(.canary(b, share: 1)))).prepares
        let order = ward.take(.result(6, prepares[0].request, .prepared([b]))).orders[0]
        guard case .assess(let id, let revision, let epoch, _) = order.sketch else {
            Issue.record("no assessment")
            return
        }
        ward.take(.release(9, 2, ReleaseOrder(.endCanary(outcome: "death"))))
        let cursor = ward.appended.last?.cursor
        ward.take(
            .result(
                6, order.request,
                .assessments(id, revision: revision, epoch: epoch, [assessment(revision, b)])))
        #expect(ward.appended.last?.cursor == cursor)
    }

    @Test func `who asked is kept, however long the name`() {
        var ward = ward()
        let name = String(repeating: "ä", count: 2000)
        ward.take(.introduced(9, name: name, role: "client", version: "1"))
        ward.take(.release(9, 1, ReleaseOrder(.shadow(b))), .push(9, 2, info(artifact("e"))))
        #expect(ward.room.releases(of: nil).last?.by == String(name.prefix(64)))
        #expect(
            ward.room.artifact(artifact("e"))?.pushedBy == String(name.prefix(64)))
    }

    @Test
    func `a canary that grows in many small steps keeps few ranges, and speaks for its share`() {
        var voices = Voices()
        _ = voices.redraw(base: a, canary: nil, epoch: 1)
        for step in 1...500 {
            let canary = Activation(
                outcome: "death", artifact: b, epoch: UInt64(step), activatedAt: seconds(0),
                mode: .canary, share: Double(step) / 1000)
            let isChanged = voices.redraw(base: a, canary: canary, epoch: UInt64(1 + step))
            #expect(isChanged && voices.rangeCount <= 64)
        }
        for number in 0..<2000 {
            let place = Voices.place(of: twin(number))
            let speaker = voices.speaker(for: twin(number))
            #expect(speaker?.artifact == (place < 0.5 ? b : a))
            #expect(place < 0.5 || speaker?.since == 1)
            // Never before the canary came to it.
            if place < 0.5 { #expect(speaker?.since ?? 0 >= UInt64(place * 1000) + 2) }
        }
    }
}
