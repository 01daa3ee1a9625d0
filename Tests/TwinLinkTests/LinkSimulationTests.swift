import Testing
import TwinLink
import TwinTestKit

struct LinkSimulationTests {
    private static let limits = LinkLimits(resendMsMax: 8000)

    @Test(arguments: [UInt64(0), 1, 2, 3])
    func `every request ends exactly once whatever the network does`(part: UInt64) {
        var replyCount = 0
        var failureCount = 0
        var repeatCount = 0
        for seed in (part * 400 + 1)...(part * 400 + 400) {
            var simulation = LinkSimulation(seed: seed, limits: Self.limits)
            simulation.run()
            #expect(simulation.violations.isEmpty, "seed \(seed)")
            replyCount += simulation.replyCount
            failureCount += simulation.failureCount
            repeatCount += simulation.repeatCount
        }
        // The simulation is worth something only if all of these happen.
        #expect(replyCount > 4000)
        #expect(failureCount > 400)
        #expect(repeatCount > 40)
    }

    @Test func `the same seed gives the same run`() {
        let runs = (0..<2).map { _ in
            var simulation = LinkSimulation(seed: 7, limits: Self.limits)
            simulation.run()
            return [simulation.replyCount, simulation.failureCount, simulation.repeatCount]
        }
        #expect(runs[0] == runs[1])
    }

    #if DEBUG
    @Test(arguments: [PlantedBug.noResend, .staleAnswer])
    func `a planted bug is found`(bug: PlantedBug) {
        var limits = Self.limits
        limits.plantedBug = bug
        let found = (UInt64(1)...200).first { seed in
            var simulation = LinkSimulation(seed: seed, limits: limits)
            simulation.run()
            return !simulation.violations.isEmpty
        }
        #expect(found != nil)
    }
    #endif
}
