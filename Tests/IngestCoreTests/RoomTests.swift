import IngestCore
import Testing
import TwinCore

/// The fold: what departs, in which order, and what it waits for.
struct RoomTests {
    private static let peer = Peer(connection: 1)
    private static let start = Instant(microsecondsSinceEpoch: 1_800_000_000_000_000)

    private static func room(_ settings: IngestRoom.Settings = .init()) -> IngestRoom {
        IngestRoom(adapters: [LineAdapter()], settings: settings)
    }

    private static func input(_ text: String, from peer: Peer = peer) -> IngestRoom.Arrival {
        .input(LineAdapter.format, bytes: Array(text.utf8), from: peer, receivedAt: start)
    }

    private func texts(_ departures: [IngestRoom.Departure]) -> [String] {
        departures.map { departure in
            switch departure {
            case .append(let batch, _): "append \(batch.observations.count)"
            case .quarantine(let entry, _): "quarantine \(entry.reason.reason.name)"
            case .acknowledge(_, .bytes(let bytes)), .refuse(_, .bytes(let bytes)):
                String(decoding: bytes, as: UTF8.self)
            case .acknowledge(_, .accepted(let correlation, let count)),
                .refuse(_, .accepted(let correlation, let count)):
                "accept \(correlation): \(count)"
            case .acknowledge(_, .refused(let correlation, let refusal)),
                .refuse(_, .refused(let correlation, let refusal)):
                "refuse \(correlation) \(refusal.reason.name)"
            }
        }
    }

    private func tokens(_ departures: [IngestRoom.Departure]) -> [IngestToken] {
        departures.compactMap { departure in
            switch departure {
            case .append(_, let token), .quarantine(_, let token): token
            case .acknowledge, .refuse: nil
            }
        }
    }

    @Test func `a message is acknowledged when it is appended, and not before`() {
        var room = Self.room()
        let departures = room.receive(Self.input("p 1 70"))
        #expect(texts(departures) == ["append 1"])
        #expect(room.pendingByteCount > 0)
        #expect(texts(room.receive(.appended(tokens(departures)[0]))) == ["ok:p 1 70"])
        #expect(room.pendingByteCount == 0)
        #expect(room.receive(.appended(tokens(departures)[0])) == [])
    }

    @Test func `a failed append is a refusal, and the message is taken when it comes again`() {
        var room = Self.room()
        let first = tokens(room.receive(Self.input("p 1 70")))
        let refused = room.receive(.appendFailed(first[0], detail: "disk full"))
        #expect(texts(refused) == ["storage-failed:p 1 70"])
        #expect(texts(room.receive(Self.input("p 1 70"))) == ["append 1"])
    }

    @Test func `replies leave in the order of the messages, each sender for itself`() {
        var room = Self.room()
        let one = tokens(room.receive(Self.input("p 1 70")))
        let two = tokens(room.receive(Self.input("p 2 71")))
        let other = tokens(room.receive(Self.input("p 3 72", from: Peer(connection: 2))))
        #expect(room.receive(.appended(two[0])) == [])
        #expect(texts(room.receive(.appended(other[0]))) == ["ok:p 3 72"])
        #expect(texts(room.receive(.appended(one[0]))) == ["ok:p 1 70", "ok:p 2 71"])
    }

    @Test func `a refused message is in quarantine before its refusal leaves`() {
        var room = Self.room()
        let departures = room.receive(Self.input("bad"))
        #expect(texts(departures) == ["quarantine malformed"])
        let token = tokens(departures)[0]
        #expect(texts(room.receive(.quarantined(token, isKept: true))) == ["no:bad"])
        let second = tokens(room.receive(Self.input(" 1 70")))
        #expect(
            texts(room.receive(.quarantined(second[0], isKept: false))) == ["no-patient: 1 70"])
    }

    @Test func `a message with a value left out is taken, and kept in quarantine too`() {
        var room = Self.room()
        let departures = room.receive(Self.input("p 1 70\np 2 "))
        #expect(texts(departures) == ["quarantine malformed", "append 1"])
        guard case .quarantine(let entry, let kept) = departures[0] else { return }
        #expect(entry.isAcknowledged)
        #expect(entry.bytes == Array("p 2 ".utf8))
        #expect(room.receive(.quarantined(kept, isKept: true)) == [])
        #expect(
            texts(room.receive(.appended(tokens(departures)[1]))) == ["ok:p 1 70", "ok:p 2 "])
    }

    @Test func `the same message again is acknowledged and not appended`() {
        var room = Self.room()
        let first = tokens(room.receive(Self.input("p 1 70")))
        // The first one is not durable yet: its repetition waits with it.
        #expect(room.receive(Self.input("p 1 70", from: Peer(connection: 2))) == [])
        #expect(
            Set(texts(room.receive(.appended(first[0])))) == ["ok:p 1 70"])
        #expect(texts(room.receive(Self.input("p 1 70"))) == ["ok:p 1 70"])
        #expect(room.counts.duplicates == 2)
        #expect(room.counts.observations == 1)
    }

    @Test func `a message that comes a thousand times in one input is appended once`() {
        var room = Self.room()
        let lines = Array(repeating: "p 1 70", count: 1000)
        let departures = room.receive(Self.input(lines.joined(separator: "\n")))
        #expect(texts(departures) == ["append 1"])
        let answers = texts(room.receive(.appended(tokens(departures)[0])))
        #expect(answers == lines.map { "ok:" + $0 })
        #expect(room.counts.duplicates == 999)
    }

    @Test func `a repetition waits for the message that said the same, whoever had its id before`()
    {
        var room = Self.room()
        let departures = room.receive(Self.input("p 1 \np 1 70\np 1 70"))
        var answers: [String] = []
        for departure in departures {
            switch departure {
            case .append(_, let token): answers += texts(room.receive(.appended(token)))
            case .quarantine(_, let token):
                answers += texts(room.receive(.appendFailed(token, detail: "full")))
            case .acknowledge, .refuse: Issue.record("answered at once")
            }
        }
        #expect(answers == ["storage-failed:p 1 ", "ok:p 1 70", "ok:p 1 70"])
    }

    @Test func `a repetition of a message that fails fails with it`() {
        var room = Self.room()
        let first = tokens(room.receive(Self.input("p 1 70")))
        _ = room.receive(Self.input("p 1 70", from: Peer(connection: 2)))
        #expect(
            texts(room.receive(.appendFailed(first[0], detail: "full")))
                == ["storage-failed:p 1 70", "storage-failed:p 1 70"])
    }

    @Test func `an id with other content is counted, or refused where that is wished`() {
        var room = Self.room()
        for text in ["p 1 70", "p 1 71"] {
            #expect(texts(room.receive(Self.input(text))) == ["append 1"])
        }
        #expect(room.counts.idsReused == 1)
        var strict = Self.room(IngestRoom.Settings(refusesReusedIDs: true))
        _ = strict.receive(Self.input("p 1 70"))
        #expect(texts(strict.receive(Self.input("p 1 71"))) == ["quarantine conflict"])
    }

    @Test func `too many bytes that wait are pushed back`() {
        var room = Self.room(IngestRoom.Settings(pendingByteCountMax: 1200))
        let first = tokens(room.receive(Self.input("p 1 70")))
        _ = room.receive(Self.input("p 2 70"))
        #expect(
            room.receive(Self.input("p 3 70", from: Peer(connection: 2))).map { texts([$0]) }
                == [["overloaded:p 3 70"]])
        _ = room.receive(.appended(first[0]))
        #expect(texts(room.receive(Self.input("p 4 70"))) == ["append 1"])
        #expect(room.counts.overloads == 1)
    }

    @Test func `what is refused for overload does not count as waiting to be stored`() {
        var room = Self.room(.init(pendingByteCountMax: 8000))
        let first = tokens(room.receive(Self.input("p 1 70")))
        // Their replies wait behind the first message's; they themselves do not.
        for number in UInt64(2)...6 {
            let batch = IngestRoom.Arrival.observations(
                ObservationBatch([]), byteCount: 10_000, from: Self.peer, correlation: number,
                receivedAt: Self.start)
            #expect(room.receive(batch) == [])
        }
        #expect(room.counts.overloads == 5)
        #expect(room.pendingByteCount < 8000)
        let other = room.receive(Self.input("p 7 70", from: Peer(connection: 2)))
        #expect(texts(other) == ["append 1"])
        #expect(texts(room.receive(.appended(first[0]))).count == 6)
    }

    @Test func `the native door's batch is cleaned, and answered by its correlation`() throws {
        var room = Self.room()
        let twin = try #require(TwinID("p"))
        let sent = Observation(
            twin: twin, code: .mdc("147842"), value: .number(70), unit: "bpm",
            eventTime: Self.start, receiveTime: Self.start, source: "d")
        func arrival(_ observations: [Observation], _ correlation: UInt64) -> IngestRoom.Arrival {
            .observations(
                ObservationBatch(observations), byteCount: 100, from: Self.peer,
                correlation: correlation, receivedAt: Self.start)
        }
        let departures = room.receive(arrival([sent], 7))
        guard case .append(let batch, let token) = departures[0] else {
            Issue.record("no append")
            return
        }
        #expect(batch.observations.map(\.code) == [.loinc("8867-4")])
        #expect(texts(room.receive(.appended(token))) == ["accept 7: 1"])
        #expect(texts(room.receive(arrival([], 8))) == ["accept 8: 0"])
        let many = Array(repeating: sent, count: ObservationBatch.countMax + 1)
        #expect(texts(room.receive(arrival(many, 9))) == ["refuse 9 too-large"])
    }

    @Test func `bytes that the door can't read are kept and answered`() {
        var room = Self.room()
        let departures = room.receive(
            .unreadable(
                Format("native"), bytes: [1], Refusal(.malformed, "no batch"), from: Self.peer,
                correlation: 5, receivedAt: Self.start))
        #expect(texts(departures) == ["quarantine malformed"])
        #expect(
            texts(room.receive(.quarantined(tokens(departures)[0], isKept: true)))
                == ["refuse 5 malformed"])
    }

    @Test func `bytes that nobody waits for are kept without a reply`() {
        var room = Self.room()
        let departures = room.receive(
            .unreadable(
                LineAdapter.format, bytes: [1], Refusal(.malformed, "cut off"), from: Self.peer,
                correlation: nil, receivedAt: Self.start))
        #expect(texts(departures) == ["quarantine malformed"])
        #expect(room.receive(.quarantined(tokens(departures)[0], isKept: true)) == [])
        #expect(room.pendingByteCount == 0)
    }
}
