import Testing
import TwinCore
import TwinStoreCore

struct DriftDeskTests {
    private let a = artifact("a")

    private var watched: ArtifactInfo {
        var info = info(a)
        // Trained on small counts of observations, which `featureSet` gives as its revision.
        let bins = ReferenceBins(of: (0..<1000).map { Float($0 % 10) })
        info.reference = DriftReference(
            features: [.init(name: "count", modality: .vitals, bins: bins)],
            scores: ReferenceBins(of: (0..<1000).map { Float($0) / 1000 }))
        return info
    }

    /// A ward where a speaks, that has seen `count` feature sets, a hundred a second at most.
    private func ward(_ count: Int, perSecond: Int, revision: (Int) -> Revision) -> Ward {
        var ward = Ward()
        ward.take(.push(9, 1, watched), .activate(9, 2, a), .connected(5, ready()))
        for number in 0..<count {
            let second = UInt64(number / perSecond)
            ward.take(.tick(at: seconds(Int64(second)), uptimeMs: second * 1000))
            let commit = commit(UInt64(number) + 1...UInt64(number) + 1, [twin(number)])
            for order in ward.take(.commit(1, UInt64(number), commit)).orders {
                var set = featureSet(1)
                set.features = [
                    Feature(name: "count", value: Double(revision(number)), unit: "")
                ]
                ward.take(.result(5, order.request, .features(twin(number), set)))
            }
        }
        return ward
    }

    @Test func `what is given to what serves is compared with its training`() throws {
        let calm = ward(250, perSecond: 50) { Revision($0 % 10) }
        #expect(calm.room.drift(of: nil).map(\.outcome) == ["death"])
        #expect(calm.room.drift(of: "death")[0].features.map(\.rowCount) == [250])
        #expect(calm.room.drift(of: "sepsis").isEmpty)
        #expect(calm.room.status().drifted.isEmpty)
        let changed = ward(250, perSecond: 50) { Revision(5 + $0 % 10) }
        #expect(changed.room.status().drifted == ["death"])
        #expect(changed.room.drift(of: nil)[0].features[0].isLarge)
        // Nothing was said by a yet.
        #expect(changed.room.drift(of: nil)[0].scores?.rowCount == 0)
    }

    /// What a store has kept of a ward, as it is when the store is killed.
    private func recovery(of ward: Ward) async throws -> Recovery {
        let engine = InMemoryEngine()
        engine.commit(ward.appended) { _ in }
        return try engine.recover()
    }

    @Test func `what was seen survives a restart, but for the last minute`() async throws {
        var ward = ward(250, perSecond: 50) { Revision(5 + $0 % 10) }
        #expect(try await recovery(of: ward).drifts.isEmpty)
        ward.take(.tick(at: seconds(61), uptimeMs: 61_000))
        let kept = ward.room.drift(of: nil)
        ward.take(.tick(at: seconds(200), uptimeMs: 200_000))
        // Nothing new came: nothing was written again.
        #expect(ward.appended.count { if case .drift = $0.change { true } else { false } } == 1)

        var again = Ward(try await recovery(of: ward))
        #expect(again.room.drift(of: nil) == kept && kept[0].features[0].rowCount == 250)
        #expect(again.room.status().drifted == ["death"])
        // It goes on from there.
        again.take(.connected(5, ready()))
        again.take(.tick(at: seconds(201), uptimeMs: 1000))
        for order in again.take(.commit(1, 1, commit(251...251, [twin(300)]))).orders {
            again.take(.result(5, order.request, .features(twin(300), featureSet(1))))
        }
        #expect(again.room.drift(of: nil)[0].features[0].rowCount == 251)
    }

    @Test func `a tally of another reference, or of what was let go, is not gone on with`()
        async throws
    {
        var ward = ward(250, perSecond: 50) { Revision($0 % 10) }
        ward.take(.tick(at: seconds(61), uptimeMs: 61_000))
        var recovery = try await recovery(of: ward)
        recovery.drifts[0].features[0] = RecentBins(counts: [1, 2], missingCount: 0)
        #expect(Ward(recovery).room.drift(of: nil)[0].features[0].rowCount == 0)

        var other = watched
        other.id = artifact("b")
        ward.take(.push(9, 11, other), .activate(9, 12, other.id), .activate(9, 13, a))
        #expect(ward.room.drift(of: nil)[0].features[0].rowCount == 0)
        ward.take(.tick(at: seconds(130), uptimeMs: 130_000))
        let again = Ward(try await self.recovery(of: ward))
        #expect(again.room.drift(of: nil)[0].features[0].rowCount == 0)
    }

    @Test func `a flood is sampled, and lists carry no reference`() {
        let ward = ward(240, perSecond: 240) { Revision($0 % 10) }
        #expect(ward.room.drift(of: nil)[0].features.map(\.rowCount) == [100])
        #expect(ward.room.artifacts == [info(a)])
        #expect(ward.room.artifact(a) == watched)
    }

    @Test func `a shadow is watched too, and what serves no more is not`() {
        var ward = Ward()
        var shadow = watched
        shadow.id = artifact("b")
        ward.take(.push(9, 1, watched), .push(9, 2, shadow), .activate(9, 3, a))
        ward.take(.release(9, 4, ReleaseOrder(.shadow(artifact("b")))))
        #expect(ward.room.drift(of: nil).map(\.artifact) == [a, artifact("b")])
        ward.take(.release(9, 5, ReleaseOrder(.promote(artifact("b")))))
        #expect(ward.room.drift(of: nil).map(\.artifact) == [artifact("b")])
    }
}
