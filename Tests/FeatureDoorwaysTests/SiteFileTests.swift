import FeatureDoorways
import FeatureVitals
import Foundation
import Testing
import TwinRuntime
import TwinTestKit

struct SiteFileTests {
    private func site(_ arguments: [String]) async throws -> ScoreSite {
        let settings = try await Settings(
            SiteFiles.settings, arguments: ["twin-feature"] + arguments, environment: [:])
        return try SiteFiles.site(settings)
    }

    private func file(_ text: String) throws -> (folder: ScratchFolder, path: String) {
        let folder = try ScratchFolder()
        let path = "\(folder.path)/site.json"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return (folder, path)
    }

    private func refusal(_ arguments: [String]) async -> String {
        do {
            _ = try await site(arguments)
            return ""
        } catch { return "\(error)" }
    }

    @Test func `without settings the house's rules hold, and there is no PEWS`() async throws {
        let site = try await site([])
        #expect(site == ScoreSite())
        #expect(site.paediatric == nil)
    }

    @Test func `PEWS without a table is refused with what to do`() async throws {
        let refusal = await refusal(["--pews", "on"])
        #expect(refusal.contains("pews.table") && refusal.contains("no default"))
        #expect(await self.refusal(["--pews", "perhaps"]).contains("on or off"))
    }

    @Test func `a table makes PEWS, whether it was asked for or not`() async throws {
        let text = """
            {"version": "W", "ageBands": [{"name": "all", "fromYears": 0, "toYears": 16, "parts":
             [{"name": "pulse", "quantities": ["heart_rate"],
               "steps": [{"below": 60, "points": 2}, {"points": 0}]}]}]}
            """
        let (folder, path) = try file(text)
        for arguments in [["--pews-table", path], ["--pews", "on", "--pews-table", path]] {
            #expect(try await site(arguments).paediatric?.version == "W")
        }
        folder.remove()
    }

    @Test func `a site's rules come before the house's`() async throws {
        let (folder, path) = try file(
            #"{"rules": [{"quantity": "spo2", "source": "MON*", "seconds": 30}]}"#)
        let site = try await site(["--freshness", path, "--news2-scale", "2"])
        #expect(site.freshness.rules.first?.seconds == 30)
        #expect(site.freshness.rules.dropFirst() == Freshness.standard.rules[...])
        #expect(site.scale == .two)
        folder.remove()
    }

    @Test(arguments: [
        ("", "is no JSON"), ("[1, 2", "is no JSON"), ("[]", "is not what it should be"),
        ("{}", "rules is missing"), (#"{"rules": 7}"#, "rules is not what it should be"),
        (#"{"rules": [{"quantity": "spo2"}]}"#, "seconds is missing"),
        (#"{"rules": [{"quantity": "spo2", "seconds": 1, "second": 2}]}"#, "'second' is not known"),
        (#"{"rules": [{"quantity": "pulse", "seconds": 1}]}"#, "no quantity 'pulse'"),
        (#"{"rules": [{"quantity": "spo2", "seconds": -1}]}"#, "rule 1"),
    ])
    func `a file at fault is refused with its place`(text: String, expected: String) async throws {
        let (folder, path) = try file(text)
        let refusal = await refusal(["--freshness", path])
        #expect(refusal.contains(expected) && refusal.contains(path), "\(refusal)")
        folder.remove()
    }

    @Test func `a file that is not there, or far too large, is refused`() async throws {
        #expect(await refusal(["--freshness", "/nowhere/at/all.json"]).contains("can't be read"))
        let (folder, path) = try file(String(repeating: " ", count: 1 << 21))
        #expect(await refusal(["--freshness", path]).contains("more than"))
        folder.remove()
    }

    /// The sample says what the house does, so that an operator can start from it.
    @Test func `the sample of deploy is the house's table`() throws {
        let url = RepositoryFolder.root.appending(path: "deploy/samples/freshness.json")
        let sample = try JSONDecoder().decode(Freshness.self, from: Data(contentsOf: url))
        #expect(sample.rules == Freshness.standard.rules)
    }

    /// Whatever one byte is changed to: a site or a refusal, and never an end.
    @Test func `a changed file is read or refused`() async throws {
        let url = RepositoryFolder.root.appending(path: "deploy/samples/freshness.json")
        let whole = [UInt8](try Data(contentsOf: url))
        var random = SplitMix64(seed: 4)
        for _ in 0..<150 {
            var bytes = whole
            bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
                in: 0...255, using: &random)
            if Bool.random(using: &random) {
                bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            }
            let folder = try ScratchFolder()
            defer { folder.remove() }
            let path = "\(folder.path)/site.json"
            try Data(bytes).write(to: URL(filePath: path))
            _ = await refusal(["--freshness", path])
        }
    }
}
