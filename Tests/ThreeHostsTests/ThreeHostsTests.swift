import Foundation
import Testing
import TwinTestKit

@Suite(
    .serialized,
    .enabled(
        if: Site.isPossible,
        "SKIPPED: three hosts need root and network namespaces (iproute2's ip)"))
struct ThreeHostsTests {
    @Test(.timeLimit(.minutes(4)))
    func `a site on three hosts outlives dead workers and cut links, and keeps everything once`()
        async throws
    {
        let site = try Site()
        do { try await outlive(Deployment(site)) } catch {
            try site.close()
            throw error
        }
        try site.close()
    }

    @Test(.timeLimit(.minutes(4)))
    func `a site with keys works, and gives nothing to who has none or wrong ones`() async throws {
        let site = try Site()
        do { try await keep(site) } catch {
            try site.close()
            throw error
        }
        try site.close()
    }

    // MARK: Faults

    private func outlive(_ deployment: Deployment) async throws {
        // The order of starting is of no account: the store comes last.
        let workers = try [deployment.start(.feature), deployment.start(.model)]
        let ingest = try deployment.start(.ingest)
        let ward = try await Ward(deployment, beds: 40, hours: 24, seed: 7)
        try await ingest.says(Deployment.mllpIsOpen)
        let early = try deployment.send(ward.early)
        let store = try deployment.start(.store)
        let first = try await deployment.sent(early)
        #expect(first.accepted == first.sent)
        try await deployment.await("the first part is stored") {
            $0.observations == ward.earlyTruth.lineCount && $0.count(.model) == 1
        }
        try await deployment.ask("model", "await")
        try await deployment.ask(
            "model", "train", "--outcome", "deterioration", "--outcomes", ward.outcomes,
            "--label-column", "deteriorated", "--trees", "30", "--out",
            deployment.site.folder.path + "/forest.onnx", "--activate")

        let late = try deployment.send(ward.late, rate: 40)
        try await harm(deployment, workers)
        #expect(late.isRunning, "the load ended before the faults did")
        let second = try await deployment.sent(late)
        #expect(second.accepted == second.sent && second.sent > 0)

        let status = try await deployment.await("everything is stored and assessed") {
            $0.observations >= ward.truth.lineCount && $0.due == 0
        }
        #expect(status.observations == ward.truth.lineCount)
        #expect(status.poisoned == 0)
        #expect(status.twins == 40)
        #expect(status.active.map(\.outcome) == ["deterioration"])
        try await deployment.expectAll(of: ward.truth, assessed: true)
        for service in [store, ingest] { #expect(service.isRunning, "\(service.errors)") }
    }

    /// Adds and kills workers and cuts links, all under load.
    private func harm(_ deployment: Deployment, _ first: [SiteProcess]) async throws {
        let second = try [deployment.start(.feature), deployment.start(.model)]
        try await deployment.await("workers join") {
            $0.count(.feature) == 2 && $0.count(.model) == 2
        }
        for worker in first { worker.kill() }

        try deployment.site.cut(.ingest)
        try await Task.sleep(for: .seconds(1))
        let before = try await deployment.status().observations
        try await Task.sleep(for: .seconds(6))
        let status = try await deployment.status()
        #expect(status.observations == before, "the cut lets something through")
        #expect(status.count(.ingest) == 0)
        #expect(status.count(.feature) == 1 && status.count(.model) == 1)
        try deployment.site.heal(.ingest)
        try await deployment.await("ingest comes back") {
            $0.count(.ingest) == 1 && $0.observations > before
        }

        let third = try [deployment.start(.feature), deployment.start(.model)]
        try deployment.site.cut(.workers)
        try await Task.sleep(for: .seconds(4))
        try deployment.site.heal(.workers)
        try await deployment.await("workers come back") {
            $0.count(.feature) == 2 && $0.count(.model) == 2
        }
        for worker in second { worker.kill() }
        for worker in third { #expect(worker.isRunning, "\(worker.errors)") }
    }

    // MARK: Keys

    private func keep(_ site: Site) async throws {
        let keys = try await KeyRing(Deployment(site))
        let deployment = Deployment(site, keys: keys)
        for service in [.store, .feature, .model] as [Deployment.Service] {
            _ = try deployment.start(service)
        }
        try await deployment.start(.ingest).says(Deployment.mllpIsOpen)
        let users: [KeyRing.User] = [.bare, .stranger, .misled]
        let strangers = try users.map { try deployment.start(.model, as: $0) }
        let ward = try await Ward(deployment, beds: 12, hours: 6, seed: 8)
        for part in [ward.early, ward.late] {
            let sent = try await deployment.sent(try deployment.send(part))
            #expect(sent.accepted == sent.sent && sent.sent > 0)
        }
        let status = try await deployment.await("everything is stored") {
            $0.observations >= ward.truth.lineCount && $0.due == 0
        }
        #expect(status.observations == ward.truth.lineCount)
        try await deployment.expectAll(of: ward.truth, assessed: false)
        try await expectNothing(deployment)

        let last = try await deployment.status()
        #expect(last.count(.feature) == 1 && last.count(.model) == 1)
        for stranger in strangers {
            #expect(stranger.isRunning, "it waits until it is let in")
            #expect(stranger.errors.contains("not-authorised"), "\(stranger.errors)")
        }
    }

    /// Who is not let in is told so, and gets nothing.
    private func expectNothing(_ deployment: Deployment) async throws {
        let users: [(KeyRing.User, String)] = [
            (.bare, "one end has CURVE keys"), (.stranger, "has not admitted this key"),
            (.misled, "the handshake failed"),
        ]
        for (user, advice) in users {
            let process = try deployment.twinctl(["twin", "list", "--json"], as: user)
            #expect(try await process.end() == 69)
            #expect(process.output.isEmpty)
            #expect(process.errors.contains(advice), "\(process.errors)")
        }
    }
}

/// A simulated ward in two parts, the earlier and the later hours, and what is true of it.
struct Ward {
    let early: String
    let late: String
    let outcomes: String
    let earlyTruth: WardTruth
    let truth: WardTruth

    init(_ deployment: Deployment, beds: Int, hours: Int, seed: Int) async throws {
        let folder = deployment.site.folder.path + "/ward"
        try await deployment.ask(
            "ward", "--beds", "\(beds)", "--hours", "\(hours)", "--seed", "\(seed)", "--out",
            folder)
        (early, late) = (folder + "/early.csv", folder + "/late.csv")
        outcomes = folder + "/outcomes.csv"
        // Sorted by time, as a ward is.
        let lines = try String(contentsOfFile: folder + "/ward.csv", encoding: .utf8)
            .split(separator: "\n")
        let third = lines.count / 3
        try lines[...third].joined(separator: "\n").write(
            toFile: early, atomically: true, encoding: .utf8)
        try (lines[...0] + lines[(third + 1)...]).joined(separator: "\n").write(
            toFile: late, atomically: true, encoding: .utf8)
        earlyTruth = try WardTruth(table: early)
        truth = try WardTruth(table: folder + "/ward.csv")
    }
}
