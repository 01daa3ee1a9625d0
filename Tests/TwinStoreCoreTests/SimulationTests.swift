import Testing
import TwinCore
import TwinStoreCore

struct SimulationTests {
    @Test(arguments: UInt64(1)...60)
    func `whatever goes wrong, every twin ends assessed at its last revision`(seed: UInt64) {
        var simulation = Simulation(seed: seed)
        simulation.run()
        #expect(simulation.violations.isEmpty, "seed \(seed)")
    }

    @Test(arguments: UInt64(1)...20)
    func `only the twins that kill workers are given up`(seed: UInt64) {
        var simulation = Simulation(seed: seed)
        simulation.settings.failureCountMax = 3
        simulation.room = TwinRoom(Recovery(), settings: simulation.settings)
        simulation.isPoisonous = true
        // Nothing else goes wrong: what else fails is the killers' doing.
        simulation.heal()
        simulation.check()
        #expect(simulation.violations.isEmpty, "seed \(seed)")
    }

    @Test func `the same seed gives the same run`() {
        let appended = (0..<2).map { _ in
            var simulation = Simulation(seed: 11)
            simulation.run()
            return (try? simulation.engine.recover())?.cursor
        }
        #expect(appended[0] == appended[1])
    }

    #if DEBUG
    @Test(arguments: [
        PlantedBug.acknowledgeBeforeDurable, .noDeduplication, .mixedEpochs,
    ])
    func `a planted bug is found`(bug: PlantedBug) {
        let found = (UInt64(1)...30).contains { seed in
            var simulation = Simulation(seed: seed)
            simulation.bug = bug
            simulation.run()
            return !simulation.violations.isEmpty
        }
        #expect(found)
    }
    #endif
}
