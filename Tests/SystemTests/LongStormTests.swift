import Foundation
import ModelONNX
import Testing
import TwinCore
import TwinDoorways
import TwinSigning
import TwinTestKit

/// The storm as it is to be borne: many swaps a second, for as long as is asked.
///
/// A suite of its own, because it takes longer than the others may. What it takes is told and not
/// asserted: on a crowded machine a figure says something of its neighbours.
@Suite(
    .serialized, .enabled(if: Executables.areBuilt, "the services are not built beside the tests"),
    .timeLimit(.minutes(40)))
struct LongStormTests {
    static let swapCount = ProcessInfo.processInfo.environment["TWINLINE_STORM_SWAPS"]
        .flatMap(Int.init)

    /// What the store keeps for speed is small here, so that all of it is full before the first
    /// swap that is weighed: what grows after that, swaps have left behind.
    private static let smallCaches = [
        "--recent-observations", "1024", "--recent-features", "10000", "--database-megabytes", "1",
    ]

    @Test(
        .enabled(
            if: (swapCount ?? 0) >= 100, "a long run: TWINLINE_STORM_SWAPS=1000 asks for it"))
    func `a long storm loses nothing, mixes nothing and leaves no trace`() async throws {
        let count = try #require(Self.swapCount)
        try await StormPlan.open(store: Self.smallCaches) { house, keys in
            let client = try await StormClient(house)
            defer { client.close() }
            let files = try await ModelFiles.shared.artifacts()
            var storm = LongStorm(
                house: house, client: client, own: try SigningKeyFiles.own(keys.own),
                stranger: try SigningKeyFiles.own(keys.stranger),
                spoiled: SpoiledArtifacts(good: [UInt8](files.first)))
            try await storm.begin(files)
            try await storm.blow(swapCount: count)
            try await SystemTests.HotSwapTests().checkTwins(house, storm.epochs)
        }
    }
}

private struct LongStorm {
    /// 500 swaps a minute.
    static let swapMs = 120
    /// Calm and storm by turns, so that whatever else the machine does falls upon both.
    static let roundCount = 10

    let house: RunningHouse
    let client: StormClient
    let own: ArtifactSigner
    let stranger: ArtifactSigner
    let spoiled: SpoiledArtifacts
    var names: [ArtifactID] = []
    var epochs: [SystemTests.HotSwapTests.Epoch] = []
    private var activations: [Double] = []
    private var rollbacks: [Double] = []
    private var refused: [Spoiling: Int] = [:]
    private var phases = StormPhases()
    private var memory = StormMemory()

    init(
        house: RunningHouse, client: StormClient, own: ArtifactSigner, stranger: ArtifactSigner,
        spoiled: SpoiledArtifacts
    ) {
        self.house = house
        self.client = client
        self.own = own
        self.stranger = stranger
        self.spoiled = spoiled
    }

    mutating func begin(_ files: (first: Data, second: Data)) async throws {
        for bytes in [files.first, files.second] {
            names.append(try await push([UInt8](bytes), by: own).id)
        }
        // The first activations load the models; what is measured then is swapping.
        for name in [names[0], names[1], names[0]] { try await swap(.activate(name)) }
        print("ms of the first activations: \(activations.map { Int($0) })")
        activations = []
    }

    mutating func blow(swapCount: Int) async throws {
        let senders = StormPlan.senders(house)
        // The caches fill, and every kind of spoiled artifact has been through once.
        try await Task.sleep(for: .seconds(15))
        for serial in Spoiling.allCases.indices { try await refuse(serial) }
        var storms = Duration.zero
        for round in 0..<Self.roundCount {
            let numbers =
                (swapCount * round / Self.roundCount)..<(swapCount * (round + 1) / Self.roundCount)
            phases.begin(isStorm: false)
            try await Task.sleep(for: .milliseconds(Self.swapMs * numbers.count))
            phases.begin(isStorm: true)
            memory.weigh(house)
            storms += try await storm(numbers)
            memory.weigh(house)
        }
        phases.end()
        for sender in senders { try sender.finish(within: 60) }
        try await house.settle(within: 60)
        let rate = Double(swapCount) / (storms / .seconds(1))
        print(
            "\(swapCount) swaps in \(storms), \(StormFigures.rounded(rate)) a second; "
                + "refused: \(refused)")
        tell("activation", activations)
        tell("rollback", rollbacks)
        #expect(epochs.map(\.number) == Array(epochs[0].number..<epochs[0].number + epochs.count))
        memory.check()
        try await phases.tell(house)
        // At rest the same features are assessed again by both.
        for number in 0..<4 {
            try await swap(.activate(names[number % 2]))
            try await house.settle()
        }
    }

    private mutating func storm(_ numbers: Range<Int>) async throws -> Duration {
        let start = ContinuousClock.now
        for number in numbers {
            try await swapOnce(number + 1)
            if number % 10 == 9 { try await refuse(number / 10 + Spoiling.allCases.count) }
            if number == 9 { memory.begin(house) }
            let place = number - numbers.lowerBound + 1
            try await Task.sleep(until: start + .milliseconds(Self.swapMs * place))
        }
        return ContinuousClock.now - start
    }

    /// Every fourth goes back to what spoke before: the first to be activated.
    private mutating func swapOnce(_ number: Int) async throws {
        let spoken = epochs.last?.artifact
        if number % 4 == 0 {
            try await swap(.rollback(outcome: "deterioration", undoing: nil))
        } else {
            try await swap(.activate(names[spoken == names[0].hex ? 1 : 0]))
        }
        #expect(epochs.last?.artifact != spoken)
    }

    private mutating func swap(_ query: Query) async throws {
        let start = ContinuousClock.now
        let made = try await client.swap(query)
        let took = (ContinuousClock.now - start) / .milliseconds(1)
        if case .rollback = query { rollbacks.append(took) } else { activations.append(took) }
        epochs.append(
            .init(number: Int(made.epoch), artifact: made.artifact.hex, since: made.activatedAt))
    }

    private mutating func refuse(_ serial: Int) async throws {
        let all = Spoiling.allCases
        let spoiling = all[serial % all.count]
        let bytes = try spoiled.bytes(spoiling, serial: serial)
        let signer: ArtifactSigner? =
            switch spoiling {
            case .unsigned: nil
            case .strangelySigned: stranger
            default: own
            }
        do {
            let pushed = try await push(bytes, by: signer)
            try StormPlan.spoilOnDisk(spoiling, pushed.id.hex, of: house)
            let made = try await client.swap(.activate(pushed.id))
            Issue.record("\(spoiling) speaks in epoch \(made.epoch)")
        } catch is Refusal { refused[spoiling, default: 0] += 1 }
    }

    private func push(_ bytes: [UInt8], by signer: ArtifactSigner?) async throws -> ArtifactInfo {
        try await client.push(bytes, try signer?.sign(ONNXArtifact.identity(of: bytes)))
    }

    private func tell(_ what: String, _ all: [Double]) {
        print(
            "\(what) ms: p50 \(StormFigures.percentile(all, 50)), p99 "
                + "\(StormFigures.percentile(all, 99)), most "
                + "\(StormFigures.rounded(all.max() ?? .nan)) of \(all.count); at most 1000 is "
                + "asked for")
    }
}
