import DequeModule
import Dispatch
import Foundation
import Synchronization
import TwinStoreCore

/// Threads that read from the engine, so that a slow reading never delays a commit.
final class Readers: Sendable {
    private struct Desk: Sendable {
        var orders = Deque<@Sendable () -> Void>()
        var questions = Deque<@Sendable () -> Void>()
        var isStopped = false
    }

    private let desk = Mutex(Desk())
    private let bell = DispatchSemaphore(value: 0)
    private let threads = DispatchGroup()
    private let count: Int
    private let questionCountMax: Int

    init(count: Int, questionCountMax: Int) {
        self.count = max(1, count)
        self.questionCountMax = questionCountMax
        for _ in 0..<self.count {
            threads.enter()
            Thread.detachNewThread { [self] in
                while let job = next() { job() }
                threads.leave()
            }
        }
    }

    /// Does the job soon; false where too many questions wait already.
    func perform(_ job: StoreLoop.Job) -> Bool {
        let isTaken = desk.withLock { desk in
            switch job {
            case .order(let work): desk.orders.append(work)
            case .question(let work):
                guard desk.questions.count < questionCountMax, !desk.isStopped else {
                    return false
                }
                desk.questions.append(work)
            }
            return true
        }
        if isTaken { bell.signal() }
        return isTaken
    }

    /// The next job, orders first; nil once it was stopped and nothing waits.
    private func next() -> (@Sendable () -> Void)? {
        bell.wait()
        return desk.withLock { $0.orders.popFirst() ?? $0.questions.popFirst() }
    }

    /// Waits for the jobs that were taken.
    func stop() {
        desk.withLock { $0.isStopped = true }
        for _ in 0..<count { bell.signal() }
        threads.wait()
    }
}
