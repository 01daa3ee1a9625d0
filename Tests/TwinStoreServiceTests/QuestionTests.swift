import Testing
import TwinCore
import TwinStoreCore
import TwinStoreService

struct QuestionTests {
    private func ward() throws -> Bench {
        var bench = try Bench()
        _ = bench.commit(
            1, [reading("A|1", 10), reading("B|1", 20), reading("B|2", 30), reading("3", 40)])
        return bench
    }

    private func id(_ reply: StoreReply?) -> String? {
        guard case .answer(.twin(let state), _) = reply else { return nil }
        return state.id.text
    }

    @Test func `a twin is found by its id, or by an identifier that only one has`() throws {
        var bench = try ward()
        #expect(id(bench.ask(.twin(id: patient("B|1"), asOf: nil))) == "B|1")
        #expect(id(bench.ask(.twin(id: patient("2"), asOf: nil))) == "B|2")
        #expect(id(bench.ask(.twin(id: patient("3"), asOf: 1))) == "3")
        guard case .refused(let several) = bench.ask(.twin(id: patient("1"), asOf: nil)) else {
            Issue.record("not refused")
            return
        }
        #expect(several.reason == .ambiguousPatient)
        #expect(several.detail.contains("A|1, B|1"))
        for unknown in ["9", "A|2", "|", "B"] {
            let reply = bench.ask(.twin(id: patient(unknown), asOf: nil))
            #expect(reply?.refusal == .notFound)
        }
        #expect(bench.ask(.twin(id: patient("3"), asOf: 0))?.refusal == .notFound)
    }

    @Test func `an exact id comes before an identifier`() throws {
        var bench = try ward()
        _ = bench.commit(2, [reading("2", 1)])
        #expect(id(bench.ask(.twin(id: patient("2"), asOf: nil))) == "2")
    }

    private func history(
        _ bench: inout Bench, after: Revision, limit: UInt32, code: String? = nil
    )
        -> [StoredObservation]
    {
        let query = Query.history(
            id: patient("1"), code: code.map { .loinc($0) }, afterRevision: after, limit: limit)
        guard case .answer(.history(let found), _) = bench.ask(query) else { return [] }
        return found
    }

    @Test func `pages of history part no revision, and together are all of it`() throws {
        var bench = try Bench()
        let sizes: [Int] = (1...40).map { $0 * 7 % 150 }
        for offset in UInt64(1)...40 {
            let observations = (0..<sizes[Int(offset) - 1]).map { number in
                reading("1", Double(number), code: number % 10 == 0 ? "x" : "y")
            }
            _ = bench.commit(offset, observations)
        }
        for limit in [UInt32(1), 10, 100, 100_000, 0] {
            var all: [StoredObservation] = []
            while true {
                let page = history(&bench, after: all.last?.commitRevision ?? 0, limit: limit)
                if page.isEmpty { break }
                all += page
            }
            #expect(all.count == sizes.reduce(0, +), "limit \(limit)")
            #expect(all.map(\.commitRevision) == all.map(\.commitRevision).sorted())
        }
        let only = history(&bench, after: 0, limit: 10_000, code: "x")
        let marked = sizes.map { ($0 + 9) / 10 }
        #expect(only.count == marked.reduce(0, +))
        #expect(Set(only.map(\.observation.code)) == [.loinc("x")])
    }

    @Test func `an artifact's bytes come back as they were pushed`() throws {
        var bench = try Bench()
        _ = bench.ask(.push(outcome: "death", kind: "svm"), bytes: [1, 2, 3])
        let id = Bench.name([1, 2, 3])
        guard case .answer(.artifact(let info), let bytes) = bench.ask(.artifact(id)) else {
            Issue.record("no artifact")
            return
        }
        #expect(info.kind == "svm" && info.byteCount == 3 && bytes == [1, 2, 3])
        guard case .answer(.artifacts(let list, let active), _) = bench.ask(.artifacts) else {
            Issue.record("no list")
            return
        }
        #expect(list == [info] && active.isEmpty)
        #expect(bench.ask(.artifact(Bench.name([9])))?.refusal == .notFound)
        #expect(bench.ask(.activate(Bench.name([9])))?.refusal == .notFound)
        #expect(bench.ask(.rollback(outcome: "death"))?.refusal == .notFound)
    }

    @Test func `an artifact comes in parts, in any order and twice, and is seen when it is whole`()
        throws
    {
        var bench = try Bench()
        let bytes = (0..<100).map { UInt8($0) }
        let id = Bench.name(bytes)
        func push(_ range: Range<Int>, of count: Int = 100) -> StoreReply? {
            bench.ask(
                .push(
                    outcome: "death", kind: "svm",
                    part: ArtifactPart(
                        artifact: id, byteCount: UInt64(count), offset: UInt64(range.lowerBound))),
                bytes: Array(bytes[range]))
        }
        #expect(push(0..<40) == .answer(.progress(id, byteCount: 40)))
        #expect(push(0..<40) == .answer(.progress(id, byteCount: 40)))
        // A gap is not filled with anything: the sender hears from where to go on.
        #expect(push(60..<100) == .answer(.progress(id, byteCount: 40)))
        #expect(bench.ask(.artifact(id))?.refusal == .notFound)
        #expect(push(30..<80) == .answer(.progress(id, byteCount: 80)))
        guard case .answer(.artifact(let info), _) = push(80..<100) else {
            Issue.record("not whole")
            return
        }
        #expect(info.byteCount == 100)
        var fetched: [UInt8] = []
        while fetched.count < 100 {
            let range = ArtifactRange(offset: UInt64(fetched.count), byteCountMax: 33)
            guard case .answer(.artifact(info), let part?) = bench.ask(.artifact(id, range)),
                !part.isEmpty
            else {
                Issue.record("no part from \(fetched.count) on")
                return
            }
            fetched += part
        }
        #expect(fetched == bytes)
        let behind = ArtifactRange(offset: 100, byteCountMax: 33)
        #expect(bench.ask(.artifact(id, behind)) == .answer(.artifact(info), attachment: []))
    }

    @Test func `what is too large is refused before a byte of it is kept`() throws {
        var settings = ServiceSettings()
        settings.artifactByteCountMax = 50
        settings.artifactPartByteCountMax = 30
        var bench = try Bench(settings: settings)
        let id = Bench.name([1])
        func push(_ count: UInt64, _ offset: UInt64) -> Refusal.Reason? {
            bench.ask(
                .push(
                    outcome: "o", kind: "k",
                    part: ArtifactPart(artifact: id, byteCount: count, offset: offset)),
                bytes: [1, 2])?.refusal
        }
        #expect(push(51, 0) == .tooLarge && push(.max, 0) == .tooLarge)
        #expect(push(50, 49) == .malformed && push(50, .max) == .malformed)
        #expect(push(1, 0) == .malformed && push(0, 0) == .malformed)
        #expect(push(50, 0) == nil)
        // More than one message takes is asked for in parts.
        _ = bench.ask(.push(outcome: "o", kind: "k"), bytes: Array(1...40))
        let large = Bench.name(Array(1...40))
        #expect(bench.ask(.artifact(large))?.refusal == .tooLarge)
    }

    @Test func `where signers are named, nothing of a stranger is kept or listed`() throws {
        let trusted = ArtifactSignature(key: "known", value: "v")
        var bench = try Bench { id, signature, _ throws(Refusal) in
            if signature != trusted { throw Refusal(.notAuthorised, "signature: a stranger") }
        }
        let id = Bench.name([1, 2, 3])
        for signature in [nil, ArtifactSignature(key: "other", value: "v")] {
            let whole = Query.push(outcome: "o", kind: "k", signature: signature)
            #expect(bench.ask(whole, bytes: [1, 2, 3])?.refusal == .notAuthorised)
            let part = ArtifactPart(artifact: id, byteCount: 3, offset: 0)
            let first = Query.push(outcome: "o", kind: "k", signature: signature, part: part)
            #expect(bench.ask(first, bytes: [1])?.refusal == .notAuthorised)
        }
        #expect(try bench.engine.artifactBytes(id) == nil)
        let good = Query.push(outcome: "o", kind: "k", signature: trusted)
        guard case .answer(.artifact(let info), _) = bench.ask(good, bytes: [1, 2, 3]) else {
            Issue.record("refused")
            return
        }
        #expect(info.signature == trusted && bench.loop.room.artifacts == [info])
    }

    @Test func `a push without bytes, with too many, or without a name is refused`() throws {
        var settings = ServiceSettings()
        settings.artifactByteCountMax = 2
        var bench = try Bench(settings: settings)
        #expect(bench.ask(.push(outcome: "o", kind: "k"))?.refusal == .malformed)
        #expect(bench.ask(.push(outcome: "o", kind: "k"), bytes: [])?.refusal == .malformed)
        #expect(bench.ask(.push(outcome: "o", kind: "k"), bytes: [1, 2, 3])?.refusal == .tooLarge)
        #expect(bench.ask(.push(outcome: "", kind: "k"), bytes: [1])?.refusal == .malformed)
        bench.engine.failNextCommit("full")
        #expect(bench.commit(1, []).replies.map(\.refusal) == [.storageFailed])
        #expect(bench.ask(.push(outcome: "o", kind: "k"), bytes: [1])?.refusal == .storageFailed)
    }

    @Test func `a watch names its twin as other questions do`() throws {
        var bench = try ward()
        func watched(_ name: String) -> [TwinID]? {
            guard
                case .answer(.changes(let changes), _) = bench.ask(
                    .watch(cursor: 0, twin: patient(name)))
            else { return nil }
            return changes.map(\.twin)
        }
        #expect(watched("B|2") == [patient("B|2")])
        #expect(watched("2") == [patient("B|2")])
        #expect(
            bench.ask(.watch(cursor: 0, twin: patient("1")))?.refusal == .ambiguousPatient)
        // One that is still to come is waited for.
        #expect(watched("C|7") == nil)
        let told = bench.commit(2, [reading("C|7", 1)]).replies
        #expect(told.count == 2)
        #expect(bench.ask(.watch(cursor: 99, twin: nil))?.refusal == .expired)
    }

    @Test func `twins are listed by id`() throws {
        var bench = try ward()
        guard case .answer(.twins(let list), _) = bench.ask(.twins(after: patient("3"), limit: 2))
        else { return }
        #expect(list.map(\.id.text) == ["A|1", "B|1"])
    }

    @Test func `too many questions are pushed back`() throws {
        var bench = try Bench(isFull: true)
        _ = bench.commit(1, [reading("1", 1)])
        #expect(bench.ask(.twin(id: patient("1"), asOf: nil))?.refusal == .overloaded)
        guard case .answer(.status, _) = bench.ask(.status) else {
            Issue.record("no status")
            return
        }
    }
}
