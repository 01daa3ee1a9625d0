import Foundation
import Testing
import TwinTestKit

extension SystemTests {
    /// A site's own rules of cleaning, as the runbook tells of them.
    struct SiteRulesTests {
        private struct Reason: Decodable {
            let rule: String
            let rules: String
        }

        private struct Line: Decodable {
            let value: Double?
            let flags: [String]
            let usable: Bool
            let reasons: [Reason]
        }

        private struct Shown: Decodable {
            struct Side: Decodable {
                let value: Double?
                let part: Int
                let whole: Int
            }

            struct Quality: Decodable {
                let rules: String
                let combined: Double?
                let completeness: Side
                let timeliness: Side
                let plausibility: Side
                let agreement: Side
            }

            let quality: Quality
        }

        @Test func `a site's rules flag values and say so, from the socket to the doctor`()
            async throws
        {
            let file = RepositoryFolder.root.appending(path: "deploy/samples/ward-7.rules").path
            let plan = RunningHouse.Plan(ingest: ["--rules", file], feature: ["--rules", file])
            try await RunningHouse.open(plan) { house in
                let sender = try MLLPSender(port: house.mllpPort)
                // 255 stands for no value on ward 7, and nobody there lives with 20; the standard
                // rules take both.
                for (index, rate) in [80, 255, 20, 82].enumerated() {
                    let time = HL7Text.time(second: index * 60)
                    #expect(
                        sender.send(
                            HL7Text.heartRate(rate, of: "p1", id: "m\(index)", time: time.hl7)))
                    #expect(sender.reply()?.code == "AA")
                }
                try await house.awaitObservations(4)
                try await house.settle()
                let lines: [Line] = try await house.twinctl(
                    "twin", "history", "SYSTEM|p1", "--json"
                ).documents()
                #expect(lines.map(\.value) == [80, 255, 20, 82])
                #expect(lines.map(\.usable) == [true, false, false, true])
                #expect(lines.map { $0.reasons.map(\.rule) } == [[], ["sentinel"], ["range"], []])
                let named = lines.flatMap(\.reasons).map(\.rules)
                #expect(named.allSatisfy { $0.hasPrefix("ward-7 1 sha256:") }, "\(named)")
                let shown: Shown = try await house.twinctl("twin", "show", "SYSTEM|p1", "--json")
                    .document()
                #expect(shown.quality.rules == named.first)
                #expect(shown.quality.completeness.part == 1)
                #expect(shown.quality.completeness.whole == 6)
                #expect(shown.quality.plausibility.value == 0.5)
                #expect(shown.quality.agreement.value == nil)
                // What was measured long ago is not timely, though nothing newer came.
                #expect(shown.quality.timeliness.part == 0 && shown.quality.combined == 0)
                let text = try await house.twinctl("twin", "show", "SYSTEM|p1").output
                #expect(text.contains("quality of the data: 0 % (ward-7 1 sha256:"), "\(text)")
                #expect(text.contains("plausibility"))
            }
        }

        @Test func `a file of rules that can't be used stops what reads it, with its line`()
            async throws
        {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let file = scratch.path + "/bad.rules"
            try "format = 1\nname = bad\nversion = 1\n[heart_rate]\nrange = low 25, high 20\n"
                .write(
                    toFile: file, atomically: true, encoding: .utf8)
            for (name, arguments) in [
                ("twin-feature", ["--rules", file]),
                ("twin-ingest", ["--data", scratch.path + "/ingest", "--rules", file]),
                ("twinctl", ["cleaning", "check", file]),
            ] {
                let told = try await Executables.run(
                    Executables.folder.appending(path: name), arguments, in: scratch.path)
                #expect(told.status != 0, "\(name): \(told)")
                #expect(
                    (told.output + told.errors).contains(
                        "line 5: heart_rate.range: high is '20': a number from 25"),
                    "\(name): \(told)")
            }
        }
    }
}
