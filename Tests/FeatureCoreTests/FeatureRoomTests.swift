import FeatureCore
import Testing
import TwinCore
import TwinTestKit

struct FeatureRoomTests {
    private func task(
        _ twin: TwinID, _ range: ClosedRange<Revision>, _ observations: [Observation]
    ) -> FeatureTask {
        FeatureTask(
            twin: twin, modality: .vitals, fromRevision: range.lowerBound,
            toRevision: range.upperBound, observations: observations)
    }

    private func answer(_ room: inout FeatureRoom, _ task: FeatureTask) -> WorkResult? {
        guard case .result(let request, let result)? = room.receive(.order(request: 9, task)).first,
            request == 9
        else { return nil }
        return result
    }

    private func values(_ result: WorkResult?) -> [Double?]? {
        guard case .features(_, let set)? = result else { return nil }
        return set.features.map(\.value)
    }

    private func reason(_ result: WorkResult?) -> Refusal.Reason? {
        guard case .failed(let refusal)? = result else { return nil }
        return refusal.reason
    }

    @Test func `an increment builds on what is kept`() throws {
        let twin = try twin("1")
        var room = FeatureRoom(extractors: [CountingExtractor()])
        let first = answer(&room, task(twin, 0...3, [heartRate(60, minute: 0, of: twin)]))
        #expect(values(first) == [1, 60])
        let second = answer(&room, task(twin, 3...5, [heartRate(70, minute: 1, of: twin)]))
        #expect(values(second) == [2, 130])
        guard case .features(let id, let set)? = second else { return }
        #expect(id == twin && set.revision == 5 && set.version == "counting-1")
    }

    @Test func `without the state that it builds on a task asks for the slice`() throws {
        let twin = try twin("1")
        var room = FeatureRoom(extractors: [CountingExtractor()])
        let increment = task(twin, 3...5, [heartRate(70, minute: 1, of: twin)])
        #expect(reason(answer(&room, increment)) == .needSlice)
        _ = answer(&room, task(twin, 0...2, []))
        #expect(reason(answer(&room, increment)) == .needSlice)
        _ = answer(&room, task(twin, 0...6, []))
        #expect(reason(answer(&room, increment)) == .needSlice)
    }

    @Test func `a task tried again gives the same answer`() throws {
        let twin = try twin("1")
        var room = FeatureRoom(extractors: [CountingExtractor()])
        _ = answer(&room, task(twin, 0...3, [heartRate(60, minute: 0, of: twin)]))
        let increment = task(twin, 3...5, [heartRate(70, minute: 1, of: twin)])
        let first = answer(&room, increment)
        #expect(answer(&room, increment) == first)
        #expect(values(first) == [2, 130])
    }

    @Test func `a whole slice always works, also an older one`() throws {
        let twin = try twin("1")
        var room = FeatureRoom(extractors: [CountingExtractor()])
        _ = answer(&room, task(twin, 0...9, [heartRate(60, minute: 0, of: twin)]))
        let older = answer(&room, task(twin, 0...4, []))
        #expect(values(older) == [])
    }

    @Test func `what makes no sense is refused`() throws {
        let twin = try twin("1")
        var room = FeatureRoom(extractors: [CountingExtractor()])
        let stranger = try FeatureCoreTests.twin("2")
        let mixed = task(twin, 0...1, [heartRate(60, minute: 0, of: stranger)])
        #expect(reason(answer(&room, mixed)) == .malformed)
        var backwards = task(twin, 0...1, [])
        (backwards.fromRevision, backwards.toRevision) = (5, 4)
        #expect(reason(answer(&room, backwards)) == .malformed)
        var imaging = task(twin, 0...1, [])
        imaging.modality = .imaging
        #expect(reason(answer(&room, imaging)) == .unsupported)
        #expect(room.kept.timelineCount == 0)
    }

    @Test func `the twin unused for longest is forgotten first`() throws {
        var room = FeatureRoom(
            extractors: [CountingExtractor()], limits: FeatureRoom.Limits(twinCountMax: 2))
        let twins = try ["1", "2", "3"].map { try twin($0) }
        _ = answer(&room, task(twins[0], 0...1, []))
        _ = answer(&room, task(twins[1], 0...1, []))
        _ = answer(&room, task(twins[0], 1...2, []))
        _ = answer(&room, task(twins[2], 0...1, []))
        #expect(room.kept.timelineCount == 2)
        #expect(reason(answer(&room, task(twins[1], 1...2, []))) == .needSlice)
        #expect(values(answer(&room, task(twins[0], 2...3, []))) == [])
        #expect(values(answer(&room, task(twins[2], 1...2, []))) == [])
    }

    @Test func `memory stays within its bound`() throws {
        let limits = FeatureRoom.Limits(byteCountMax: 50_000)
        var room = FeatureRoom(extractors: [CountingExtractor()], limits: limits)
        for index in 0..<100 {
            let twin = try twin("\(index)")
            let sent = (0..<100).map { heartRate(Double($0), minute: Int64($0), of: twin) }
            #expect(values(answer(&room, task(twin, 0...1, sent))) == [100, 4_950])
            #expect(room.kept.byteCount <= limits.byteCountMax)
        }
        #expect(room.kept.timelineCount > 1)
        // One that is too large for the bound is still answered.
        let twin = try twin("large")
        let sent = (0..<5_000).map { heartRate(1, minute: Int64($0), of: twin) }
        #expect(values(answer(&room, task(twin, 0...1, sent))) == [5_000, 5_000])
        #expect(room.kept.byteCount <= limits.byteCountMax)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `increments with losses of state give the bits of one whole task`(seed: UInt64) throws {
        let twin = try twin("1")
        var random = SplitMix64(seed: seed)
        let sent = SampleTwin.observations(
            count: 400, seed: seed, twin: twin, codes: [CountingExtractor.code])
        var fresh = FeatureRoom(extractors: [CountingExtractor()])
        let whole = answer(&fresh, task(twin, 0...400, sent))
        var room = FeatureRoom(extractors: [CountingExtractor()])
        var last: WorkResult?
        var done = 0
        while done < sent.count {
            let next = min(sent.count, done + Int.random(in: 1...40, using: &random))
            if Int.random(in: 0..<5, using: &random) == 0 {
                room = FeatureRoom(extractors: [CountingExtractor()])
            }
            last = answer(
                &room, task(twin, UInt64(done)...UInt64(next), Array(sent[done..<next])))
            if reason(last) == .needSlice {
                last = answer(&room, task(twin, 0...UInt64(next), Array(sent[..<next])))
            }
            done = next
        }
        #expect(last == whole)
    }

    @Test func `a worker says what it can do`() {
        let room = FeatureRoom(extractors: [CountingExtractor()])
        #expect(
            room.ready(credits: 4) == [
                Ready(role: .feature(.vitals), version: "counting-1", credits: 4)
            ])
    }
}
