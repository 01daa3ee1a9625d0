import Foundation
import Synchronization

/// A sender over MLLP that writes down what it sent and what was acknowledged.
///
/// One heart rate a message, at a second of its own: what the store holds can be told apart. What
/// has no acknowledgement when a connection is lost is sent again, as devices do.
final class LedgerSender: Sendable {
    struct Entry: Sendable {
        var sendCount = 0
        var isAcknowledged = false
    }

    private struct Book {
        var entries: [Entry] = []
        /// In the order of sending.
        var unanswered: [Int] = []
        var refusedCount = 0
        var connectionCount = 0
        var isEnding = false
    }

    /// Who the messages speak of, one after the other.
    let patients: [String]
    let authority: String
    private let lane: Int
    private let port: Int
    private let perSecond: Double
    private let window: Int
    private let book = Mutex(Book())
    private let ended = DispatchSemaphore(value: 0)

    /// Begins at once.
    init(
        lane: Int, patients: [String], authority: String, port: Int, perSecond: Double,
        window: Int = 32
    ) {
        self.lane = lane
        self.patients = patients
        self.authority = authority
        self.port = port
        self.perSecond = perSecond
        self.window = window
        Thread.detachNewThread { [self] in
            run()
            ended.signal()
        }
    }

    /// Sends nothing new, and waits until everything is acknowledged.
    func finish(within seconds: Double) throws {
        book.withLock { $0.isEnding = true }
        guard ended.wait(timeout: .now() + seconds) == .success else {
            throw SystemFailure("lane \(lane): \(unansweredCount) messages were not answered")
        }
    }

    var entries: [Entry] { book.withLock { $0.entries } }
    var acknowledgedCount: Int { book.withLock { $0.entries.count { $0.isAcknowledged } } }
    var refusedCount: Int { book.withLock { $0.refusedCount } }
    private var unansweredCount: Int { book.withLock { $0.unanswered.count } }

    static func rate(_ number: Int) -> Int { 40 + number % 100 }

    /// The second of the year at which number was measured.
    func second(_ number: Int) -> Int { number * 10 + lane }

    private func message(_ number: Int) -> [UInt8] {
        HL7Text.heartRate(
            LedgerSender.rate(number), of: patients[number % patients.count], authority: authority,
            id: "L\(lane)-\(number)", time: HL7Text.time(second: second(number)).hl7)
    }

    private func run() {
        let start = ContinuousClock.now
        while true {
            let isDone = book.withLock { $0.isEnding && $0.unanswered.isEmpty }
            if isDone { return }
            guard let sender = try? MLLPSender(port: port) else {
                usleep(20_000)
                continue
            }
            serve(sender, since: start)
        }
    }

    /// Sends and takes replies until the connection is lost or all is done.
    private func serve(_ sender: MLLPSender, since start: ContinuousClock.Instant) {
        let again = book.withLock { book in
            book.connectionCount += 1
            return book.unanswered
        }
        for number in again where !send(number, by: sender, isNew: false) { return }
        while true {
            while let next = nextNumber(since: start) {
                guard send(next, by: sender, isNew: true) else { return }
            }
            let isDone = book.withLock { $0.isEnding && $0.unanswered.isEmpty }
            if isDone { return }
            guard unansweredCount > 0 else {
                usleep(1000)
                continue
            }
            guard let reply = sender.reply(within: 5) else { return }
            take(reply)
        }
    }

    /// The number of the next message, once it is due and there is room for it.
    private func nextNumber(since start: ContinuousClock.Instant) -> Int? {
        book.withLock { book in
            guard !book.isEnding, book.unanswered.count < window else { return nil }
            let due = start + .seconds(Double(book.entries.count) / perSecond)
            guard ContinuousClock.now >= due else { return nil }
            book.entries.append(Entry())
            book.unanswered.append(book.entries.count - 1)
            return book.entries.count - 1
        }
    }

    private func send(_ number: Int, by sender: MLLPSender, isNew: Bool) -> Bool {
        book.withLock { $0.entries[number].sendCount += 1 }
        return sender.send(message(number))
    }

    private func take(_ reply: HL7Reply) {
        let number = Int(reply.controlID.split(separator: "-").last ?? "") ?? -1
        book.withLock { book in
            guard let place = book.unanswered.firstIndex(of: number) else { return }
            guard reply.code == "AA" else {
                // It stays without an answer, and goes again with the next connection.
                book.refusedCount += 1
                return
            }
            book.unanswered.remove(at: place)
            book.entries[number].isAcknowledged = true
        }
    }
}

/// What the ledgers say against what the store holds.
struct LedgerFindings: CustomStringConvertible {
    var acknowledged = 0
    var sentAgain = 0
    var stored = 0
    /// Copies of messages that were sent more than once.
    var repeats = 0
    var lost: [String] = []
    var doubled: [String] = []
    var invented: [String] = []

    var areNone: Bool { lost.isEmpty && doubled.isEmpty && invented.isEmpty }

    var description: String {
        "\(acknowledged) acknowledged, \(sentAgain) sent again, \(stored) stored of which "
            + "\(repeats) are repeats of what was sent again; \(lost.count) lost "
            + "\(lost.prefix(5)), \(doubled.count) doubled \(doubled.prefix(5)), "
            + "\(invented.count) invented \(invented.prefix(5))"
    }

    /// Compares one sender's ledger with what is stored of its patients.
    mutating func add(_ sender: LedgerSender, in house: RunningHouse) async throws {
        var counts: [String: Int] = [:]
        for patient in sender.patients {
            let id = "\(sender.authority)|\(patient)"
            // A twin that never came to be holds nothing.
            let found = try await house.twinctl("twin", "history", id, "--json")
            let history = found.status == 0 ? try found.documents(Document.Observation.self) : []
            for one in history where one.source.hasPrefix("SYSTEMTESTS") {
                let rate = one.number.map { "\(Int($0))" } ?? "-"
                counts["\(id) \(one.eventTime) \(rate)", default: 0] += 1
                stored += 1
            }
        }
        for (number, entry) in sender.entries.enumerated() {
            let patient = sender.patients[number % sender.patients.count]
            let time = HL7Text.time(second: sender.second(number)).rfc3339
            let rate = LedgerSender.rate(number)
            let key = "\(sender.authority)|\(patient) \(time) \(rate)"
            let count = counts.removeValue(forKey: key) ?? 0
            acknowledged += entry.isAcknowledged ? 1 : 0
            sentAgain += entry.sendCount > 1 ? 1 : 0
            repeats += max(0, count - 1)
            if entry.isAcknowledged, count == 0 { lost.append(key) }
            if count > entry.sendCount { doubled.append(key) }
        }
        invented += counts.keys.sorted()
    }
}
