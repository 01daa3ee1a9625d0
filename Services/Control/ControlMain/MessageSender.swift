import Foundation
import Synchronization
import TwinCore

/// A connection to a door: messages out, what is said of them in, in order.
protocol MessageClient: AnyObject {
    /// Sends one message; returns the acknowledgements that were waited for meanwhile.
    func send(_ message: [UInt8]) throws -> [MLLPClient.Acknowledgement]
    /// Waits for the acknowledgement of everything that was sent.
    func finish() throws -> [MLLPClient.Acknowledgement]
}

/// Sends messages over several connections at once and sums up what was said of them.
struct MessageSender: Sendable {
    struct Summary: Encodable, Sendable {
        var sent = 0
        var accepted = 0
        var refused = 0
        /// Accepted, and kept in quarantine.
        var aside = 0
        var seconds = 0.0
        var perSecond: Double { seconds > 0 ? Double(sent) / seconds : 0 }
        /// The first refusals, as the door put them.
        var refusals: [String] = []

        var text: String {
            let rate = String(format: "%.0f", perSecond)
            let kept = aside > 0 ? " (\(aside) into quarantine)" : ""
            return "\(sent) messages: \(accepted) accepted\(kept), \(refused) refused, "
                + String(format: "%.1f s, ", seconds) + "\(rate) a second"
                + refusals.map { "\n  " + $0 }.joined()
        }

        mutating func add(_ acknowledgement: MLLPClient.Acknowledgement) {
            if acknowledgement.isAside { aside += 1 }
            if acknowledgement.isAccepted {
                accepted += 1
                return
            }
            refused += 1
            if refusals.count < 10 {
                refusals.append(
                    "\(acknowledgement.code) \(acknowledgement.controlID) \(acknowledgement.detail)"
                )
            }
        }

        mutating func add(_ other: Summary) {
            sent += other.sent
            accepted += other.accepted
            refused += other.refused
            aside += other.aside
            refusals += other.refusals.prefix(10 - min(10, refusals.count))
        }
    }

    private let connections: Int
    private let connect: @Sendable () throws -> any MessageClient

    init(connections: Int, connect: @escaping @Sendable () throws -> any MessageClient) {
        self.connections = connections
        self.connect = connect
    }

    /// At most `rate` messages a second, `speed` times faster than their own times; nil: at once.
    func send(_ messages: [OutgoingMessage], rate: Double?, speed: Double?) throws -> Summary {
        var messages = messages
        if speed != nil {
            messages.sort {
                ($0.time?.microsecondsSinceEpoch ?? 0) < ($1.time?.microsecondsSinceEpoch ?? 0)
            }
        }
        let lanes = MessageSender.lanes(messages, count: connections)
        let shared = Mutex((summary: Summary(), failure: (any Error)?.none, done: 0))
        let total = messages.count
        let pace = Pace(
            rate: rate.map { $0 / Double(lanes.count) }, speed: speed, first: messages.first?.time)
        let progress = Mutex(Progress("sending", total: total))
        let group = DispatchGroup()
        let started = ContinuousClock.now
        for lane in lanes {
            group.enter()
            let thread = Thread {
                defer { group.leave() }
                do {
                    let own = try send(lane, pace) { count in
                        let done = shared.withLock { shared in
                            shared.done += count
                            return shared.done
                        }
                        progress.withLock { $0.update(done) }
                    }
                    shared.withLock { $0.summary.add(own) }
                } catch { shared.withLock { $0.failure = error } }
            }
            thread.start()
        }
        group.wait()
        let (summary, failure) = shared.withLock { ($0.summary, $0.failure) }
        if let failure { throw failure }
        var timed = summary
        timed.seconds = (ContinuousClock.now - started).seconds
        return timed
    }

    private func send(
        _ messages: [OutgoingMessage], _ pace: Pace, acknowledged: (Int) -> Void
    ) throws -> Summary {
        var summary = Summary()
        let client = try connect()
        for (index, message) in messages.enumerated() {
            pace.wait(before: index, message.time)
            let answers = try client.send(message.bytes)
            summary.sent += 1
            for answer in answers { summary.add(answer) }
            acknowledged(answers.count)
        }
        let answers = try client.finish()
        for answer in answers { summary.add(answer) }
        acknowledged(answers.count)
        return summary
    }

    /// The messages of one patient all on one lane.
    private static func lanes(_ messages: [OutgoingMessage], count: Int) -> [[OutgoingMessage]] {
        var lanes = [[OutgoingMessage]](repeating: [], count: count)
        var places: [String: Int] = [:]
        for message in messages {
            let place = places[message.lane] ?? places.count % count
            places[message.lane] = place
            lanes[place].append(message)
        }
        return lanes.filter { !$0.isEmpty }
    }
}

/// When each message is due.
struct Pace: Sendable {
    let rate: Double?
    let speed: Double?
    let first: Instant?
    private let start = ContinuousClock.now

    init(rate: Double?, speed: Double?, first: Instant?) {
        self.rate = rate
        self.speed = speed
        self.first = first
    }

    func wait(before index: Int, _ time: Instant?) {
        let late = due(index, time) - ContinuousClock.now
        if late > .zero { Thread.sleep(forTimeInterval: late.seconds) }
    }

    func isDue(_ index: Int) -> Bool { due(index, nil) <= ContinuousClock.now }

    private func due(_ index: Int, _ time: Instant?) -> ContinuousClock.Instant {
        var seconds = 0.0
        if let rate { seconds = Double(index) / rate }
        if let speed, let first, let time {
            seconds = max(seconds, time.seconds(since: first) / speed)
        }
        return start + .seconds(seconds)
    }
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
