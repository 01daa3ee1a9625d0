import Foundation
import Synchronization
import TwinCore
import TwinRuntime

/// Sends the load over several connections and times every acknowledgement.
struct BenchSender: Sendable {
    struct Sent: Sendable {
        let start: ContinuousClock.Instant
        var seconds = 0.0
        var messageCount = 0
        var refusedCount = 0
        var acknowledgementsMs: [Double] = []
    }

    let address: String
    let connections: Int
    let window: Int
    let messagesPerSecond: Double?

    init(to address: String, connections: Int, window: Int, messagesPerSecond: Double?) {
        self.address = address
        self.connections = connections
        self.window = window
        self.messagesPerSecond = messagesPerSecond
    }

    func send(
        _ load: BenchLoad, seconds: Int,
        handedOver: @escaping @Sendable (String, ContinuousClock.Instant) -> Void
    ) throws -> Sent {
        let start = ContinuousClock.now
        let shared = Mutex((sent: Sent(start: start), failure: (any Error)?.none))
        let group = DispatchGroup()
        for lane in 0..<connections {
            group.enter()
            Thread.detachNewThread {
                defer { group.leave() }
                do {
                    let own = try send(load, lane, until: start + .seconds(seconds), handedOver)
                    shared.withLock { shared in
                        shared.sent.messageCount += own.messageCount
                        shared.sent.refusedCount += own.refusedCount
                        shared.sent.acknowledgementsMs += own.acknowledgementsMs
                    }
                } catch { shared.withLock { $0.failure = error } }
            }
        }
        group.wait()
        var (sent, failure) = shared.withLock { ($0.sent, $0.failure) }
        if let failure { throw failure }
        sent.seconds = (ContinuousClock.now - start).seconds
        return sent
    }

    private func send(
        _ load: BenchLoad, _ lane: Int, until end: ContinuousClock.Instant,
        _ handedOver: (String, ContinuousClock.Instant) -> Void
    ) throws -> Sent {
        var sent = Sent(start: .now)
        let client = try MLLPClient(to: address, window: window)
        let own = stride(from: lane, to: load.patients, by: connections).map { $0 }
        guard !own.isEmpty else { return sent }
        let pace = Pace(
            rate: messagesPerSecond.map { $0 / Double(connections) }, speed: nil, first: nil)
        var times: [ContinuousClock.Instant] = []
        var answered = 0
        func take(_ answers: [MLLPClient.Acknowledgement]) {
            let now = ContinuousClock.now
            for answer in answers {
                sent.acknowledgementsMs.append((now - times[answered]).seconds * 1000)
                answered += 1
                if answer.code != "AA" { sent.refusedCount += 1 }
            }
        }
        while ContinuousClock.now < end {
            let index = sent.messageCount
            // Read while waiting, so that an acknowledgement is timed when it comes.
            while !pace.isDue(index) { take(try client.poll(milliseconds: 1)) }
            let patient = own[index % own.count]
            let message = load.message(patient, number: index / own.count, at: MachineClock.now)
            let now = ContinuousClock.now
            handedOver(load.name(patient), now)
            times.append(now)
            take(try client.send(message) + client.poll(milliseconds: 0))
            sent.messageCount += 1
        }
        take(try client.finish())
        return sent
    }
}

/// What was measured.
struct BenchReport: Encodable {
    struct Distribution: Encodable {
        let count: Int
        let p50: Double
        let p90: Double
        let p99: Double
        let max: Double

        init(_ values: [Double]) {
            let sorted = values.sorted()
            func at(_ share: Double) -> Double {
                sorted.isEmpty
                    ? .nan : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
            }
            count = sorted.count
            p50 = at(0.5)
            p90 = at(0.9)
            p99 = at(0.99)
            max = sorted.last ?? .nan
        }

        var text: String {
            "p50 \(Output.short(p50, digits: 3)) ms, p90 \(Output.short(p90, digits: 3)) ms, "
                + "p99 \(Output.short(p99, digits: 3)) ms, max \(Output.short(max, digits: 3)) ms "
                + "(\(count))"
        }
    }

    let messages: Int
    let refused: Int
    let observations: Int
    let sentPerSecond: Double
    let committedPerSecond: Double
    let committedAndAssessedPerSecond: Double
    let assessments: UInt64
    let acknowledgedMs: Distribution
    let visibleMs: Distribution

    init(
        _ sent: BenchSender.Sent, observations perMessage: Int, committedSeconds: Double,
        assessedSeconds: Double, assessmentCount: UInt64, visible: [Double]
    ) {
        messages = sent.messageCount
        refused = sent.refusedCount
        observations = sent.messageCount * perMessage
        sentPerSecond = Double(observations) / sent.seconds
        committedPerSecond = Double(observations) / committedSeconds
        committedAndAssessedPerSecond = Double(observations) / assessedSeconds
        assessments = assessmentCount
        acknowledgedMs = Distribution(sent.acknowledgementsMs)
        visibleMs = Distribution(visible)
    }

    func draw() {
        Output.line("\(messages) messages, \(observations) observations, \(refused) refused")
        Output.line(
            "acknowledged \(Int(sentPerSecond)) observations/s, committed \(Int(committedPerSecond))/s, "
                + "committed and assessed \(Int(committedAndAssessedPerSecond))/s, "
                + "\(assessments) assessments")
        Output.line("acknowledged after " + acknowledgedMs.text)
        Output.line("visible assessment after " + visibleMs.text)
    }
}
