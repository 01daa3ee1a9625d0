import Foundation
import ModelONNX
import Testing
import TwinCore
import TwinDoorways
import TwinSigning
import TwinTestKit

extension SystemTests {
    /// The storm as it is to be borne: many swaps a second, for as long as is asked.
    struct LongStormTests {
        static let swapCount = ProcessInfo.processInfo.environment["TWINLINE_STORM_SWAPS"]
            .flatMap(Int.init)

        @Test(
            .enabled(
                if: (swapCount ?? 0) > 10, "a long run: TWINLINE_STORM_SWAPS=1000 asks for it"))
        func `a long storm loses nothing, mixes nothing and leaves no trace`() async throws {
            let count = try #require(Self.swapCount)
            try await StormPlan.open { house, keys in
                let client = try await StormClient(house)
                defer { client.close() }
                let files = try await ModelFiles.shared.artifacts()
                var storm = LongStorm(
                    house: house, client: client, own: try SigningKeyFiles.own(keys.own),
                    stranger: try SigningKeyFiles.own(keys.stranger),
                    spoiled: SpoiledArtifacts(good: [UInt8](files.first)))
                try await storm.begin(files)
                try await storm.blow(swapCount: count)
                try await HotSwapTests().checkTwins(house, storm.epochs)
            }
        }
    }
}

private struct LongStorm {
    /// 500 swaps a minute.
    static let swapMs = 120

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
    private var residents: [String: [Int]] = [:]

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
        #expect(activations.allSatisfy { $0 < 4000 })
        activations = []
    }

    mutating func blow(swapCount: Int) async throws {
        let senders = StormPlan.senders(house)
        let length = Duration.milliseconds(Self.swapMs * swapCount)
        let begin = Self.now()
        try await Task.sleep(for: length)
        let (middle, start) = (Self.now(), ContinuousClock.now)
        for number in 1...swapCount {
            try await swapOnce(number)
            if number % 10 == 0 { try await refuse(Spoiling.allCases, number / 10) }
            if number == 10 || number == swapCount { weigh() }
            try await Task.sleep(until: start + .milliseconds(Self.swapMs * number))
        }
        let (end, took) = (Self.now(), ContinuousClock.now - start)
        for sender in senders { try sender.finish(within: 60) }
        try await house.settle(within: 60)
        print("\(swapCount) swaps in \(took); refused: \(refused)")
        tell("activation", activations)
        tell("rollback", rollbacks)
        print("resident kB after 10 swaps, and after all: \(residents)")
        #expect(epochs.map(\.number) == Array(epochs[0].number..<epochs[0].number + epochs.count))
        checkResidents()
        try await checkDelays(begin, middle, end)
        // At rest the same features are assessed again by both.
        for number in 0..<4 {
            try await swap(.activate(names[number % 2]))
            try await house.settle()
        }
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

    private mutating func refuse(_ all: [Spoiling], _ serial: Int) async throws {
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

    private mutating func weigh() {
        for (name, service) in house.services {
            residents[name, default: []].append(service.residentKilobytes)
        }
    }

    /// Memory does not grow with the number of swaps.
    private func checkResidents() {
        for (name, kilobytes) in residents where name.hasPrefix("model") || name == "store" {
            #expect(Double(kilobytes[1]) <= 1.2 * Double(kilobytes[0]), "\(name)")
        }
    }

    private func tell(_ what: String, _ all: [Double]) {
        print(
            "\(what) ms: p50 \(Self.percentile(all, 50)), p99 \(Self.percentile(all, 99)), "
                + "most \(all.max() ?? .nan) of \(all.count)")
        #expect(all.allSatisfy { $0 <= 1000 })
    }

    /// From a message's arrival to the commit of the first assessment that knows it.
    private func checkDelays(_ begin: Instant, _ middle: Instant, _ end: Instant) async throws {
        var (calm, stormy): ([Double], [Double]) = ([], [])
        for twin in try await house.twins() {
            let received = try await house.twinctl("twin", "history", twin.id, "--json")
                .documents(ReceivedObservation.self)
            let made: [Document.Assessment] = try await house.twinctl(
                "twin", "explain", twin.id, "--history", "--json"
            ).documents()
            var latest: [Int: String] = [:]
            for one in received { latest[one.commitRevision] = one.receiveTime }
            var seen: Set<Int> = []
            for one in made where seen.insert(one.revision).inserted {
                guard let text = latest[one.revision], let from = Instant(rfc3339: text),
                    let until = Instant(rfc3339: one.commitTime)
                else { continue }
                let microseconds = until.microsecondsSinceEpoch - from.microsecondsSinceEpoch
                if from >= begin, from < middle { calm.append(Double(microseconds) / 1000) }
                if from >= middle, from < end { stormy.append(Double(microseconds) / 1000) }
            }
        }
        let (before, during) = (Self.percentile(calm, 99), Self.percentile(stormy, 99))
        print("p99 ms without swaps \(before) of \(calm.count), with \(during) of \(stormy.count)")
        print(
            "p50 ms without swaps \(Self.percentile(calm, 50)), with \(Self.percentile(stormy, 50))"
        )
        #expect(calm.count > 500 && stormy.count > 500)
        #expect(during <= before * 1.1)
    }

    private static func now() -> Instant {
        Instant(microsecondsSinceEpoch: Int64(Date.now.timeIntervalSince1970 * 1e6))
    }

    private static func percentile(_ all: [Double], _ percent: Int) -> Double {
        all.isEmpty ? .nan : all.sorted()[(all.count * percent - 1) / 100]
    }
}

private struct ReceivedObservation: Decodable {
    let commitRevision: Int
    let receiveTime: String
}
