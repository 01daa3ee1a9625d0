import Foundation
import Testing
import TwinTestKit

extension SystemTests {
    /// Workers may be added, hang and die at any moment.
    struct WorkerTests {
        private static let taskSeconds = 2

        @Test func `a worker that comes later has work at once`() async throws {
            try await RunningHouse.open(RunningHouse.Plan(features: 0)) { house in
                let sender = LedgerSender(
                    lane: 0, patients: (0..<20).map { "LATE\($0)" }, authority: "WORKERS",
                    port: house.mllpPort, perSecond: 200)
                try await eventually("20 twins are due", within: 10) {
                    try await house.status().due == 20
                }
                try house.start("feature-1")
                let took = try await eventually("the worker has work", within: 5, everyMs: 10) {
                    try await house.status().peers.contains {
                        $0.name == "feature-1" && $0.completed > 0
                    }
                }
                try sender.finish(within: 10)
                try await house.settle()
                print("a later worker had completed work after \(took)")
                for twin in try await house.twins() {
                    #expect(twin.featureRevision == twin.revision, "\(twin)")
                }
            }
        }

        /// How a worker is lost.
        static let losses = ["killed", "hanging"]

        @Test(arguments: losses)
        func `the work of a lost worker is done elsewhere within its deadline`(
            loss: String
        )
            async throws
        {
            try await RunningHouse.open(
                RunningHouse.Plan(features: 2, store: ["--task-seconds", "\(Self.taskSeconds)"])
            ) { house in
                let sender = LedgerSender(
                    lane: 0, patients: (0..<20).map { "LOST\($0)" }, authority: "WORKERS",
                    port: house.mllpPort, perSecond: 300)
                try await eventually("both work", within: 10) {
                    let workers = try await house.status().peers.filter { $0.role != "ingest" }
                    return workers.count { $0.name.hasPrefix("feature") && $0.completed > 20 } == 2
                }
                house.services["feature-1"]?.send(loss == "killed" ? SIGKILL : SIGSTOP)
                let start = ContinuousClock.now
                try await Task.sleep(for: .milliseconds(500))
                try sender.finish(within: 10)
                try await eventually("no twin is behind", within: 10, everyMs: 30) {
                    try await house.status().due == 0
                }
                let took = ContinuousClock.now - start
                print("one of two workers \(loss): no twin is behind after \(took)")
                #expect(took < .seconds(Self.taskSeconds * 2 + 1))
                for twin in try await house.twins() {
                    #expect(twin.featureRevision == twin.revision, "\(twin)")
                }
            }
        }
    }
}
