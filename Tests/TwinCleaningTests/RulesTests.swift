import Testing
import TwinCleaning
import TwinCore
import TwinTestKit

/// The rules of a site's file, whose head is written here.
func rules(_ lines: String) throws(RulesError) -> CleaningRules {
    try CleaningRules(site: Array("format = 1\nname = test\nversion = 1\n\(lines)".utf8))
}

func concept(_ name: String) throws -> Concept { try #require(Concept.named(name)) }

struct RulesTests {
    @Test func `every quantity has a range, and the standard rules say which they are`() throws {
        let standard = CleaningRules.standard
        for concept in Concept.all {
            #expect(standard.byCode[concept.code]?.range != nil, "\(concept.name)")
            #expect(standard.sentinels(of: concept.code).contains(8_388_607))
        }
        #expect(standard.pairs.count == 11)
        #expect(standard.quality.expected.count == 6)
        let identity = standard.identity
        #expect(identity.base.isEmpty)
        // Values name their rules for ever: with another text, the version goes up.
        #expect("\(identity)" == "standard 2 sha256:\(identity.hash.prefix(12))")
        #expect(identity.hash == RulesTests.standardHashes[identity.version])
    }

    /// By version: never change one, only add.
    private static let standardHashes = [
        1: "24b39024ba055a7ece89ff45005adf2508845c60e255b52ef4a30a60ace290c4",
        2: "dd98c1992987b4af41e15aaf844ef305d7de7990b8ee97bba96fb4b25c1fbf81",
    ]

    @Test func `a site's file replaces what it names and leaves the rest`() throws {
        let heart = try concept("heart_rate").code
        let site = try rules(
            """
            # Neonates.
            [heart_rate]
            range = low 40, high 400   # premature
            rate = off
            sentinel = off
            [sbp_art ~ sbp_nibp]
            disagreement = difference 12.5, seconds 60
            [spo2 ~ spo2]
            disagreement = off
            [every]
            sentinel = -7 127
            """)
        #expect(site.byCode[heart]?.range == 40...400)
        #expect(site.byCode[heart]?.rate == nil)
        #expect(site.byCode[heart]?.spike == CleaningRules.standard.byCode[heart]?.spike)
        #expect(site.sentinels(of: heart) == [-7, 127])
        let spo2 = try concept("spo2").code
        #expect(site.sentinels(of: spo2) == [-7, 0, 127])
        #expect(site.pairs.count == CleaningRules.standard.pairs.count - 1)
        let pair = try #require(site.pairs.first { $0.difference == 12.5 })
        #expect(pair.first == (try concept("sbp_art").code) && pair.seconds == 60)
        #expect(site.identity.base == "standard 2")
        #expect(site.identity != CleaningRules.standard.identity)
        #expect("\(site.identity)".hasPrefix("test 1 sha256:"))
    }

    @Test func `the hash is that of the file`() throws {
        // sha256sum of these very bytes.
        let site = try CleaningRules(site: Array("format = 1\nname = a\nversion = 2\n".utf8))
        #expect(
            site.identity.hash
                == "82abe43b5f188c1ed9fdb4917659e827cba7a904f7192f05a90a3e37f8b48c3f")
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var text: String
        var reason: RulesError.Reason
        /// Of the lines after the head, which has three.
        var line: Int
        var key: String
        var testDescription: String { text }

        init(_ text: String, _ reason: RulesError.Reason, _ line: Int, _ key: String) {
            (self.text, self.reason, self.line, self.key) = (text, reason, line, key)
        }
    }

    @Test(arguments: [
        Refused("[heart_rate]\nrange = low 10", .missing, 2, "heart_rate.range"),
        Refused("[heart_rate]\nrange = low 20, high 10", .value, 2, "heart_rate.range"),
        Refused("[heart_rate]\nrange = low x, high 10", .value, 2, "heart_rate.range"),
        Refused("[heart_rate]\nrange = low 1, high 1e400", .value, 2, "heart_rate.range"),
        Refused("[heart_rate]\nrange = low 1, high 1e10", .value, 2, "heart_rate.range"),
        Refused("[heart_rate]\nsentinel = 1e300", .value, 2, "heart_rate.sentinel"),
        Refused("[heart_rate]\nrange = low nan, high 10", .value, 2, "heart_rate.range"),
        Refused("[heart_rate]\nrange = low 0x10, high 99", .value, 2, "heart_rate.range"),
        Refused("[heart_rate]\nrange = low 1, low 2, high 9", .duplicate, 2, "heart_rate.range"),
        Refused("[heart_rate]\nrange = low 1, high 9, top 3", .unknownWord, 2, "heart_rate.range"),
        Refused("[heart_rate]\nrange = low 1 high 9", .syntax, 2, "heart_rate.range"),
        Refused("[heart_rate]\nspeed = 3 1", .unknownKey, 2, "heart_rate.speed"),
        Refused("[heart_rate]\nrange =", .syntax, 2, "heart_rate"),
        Refused("[heart_rate]\nsentinel = 1 2 1", .duplicate, 2, "heart_rate.sentinel"),
        Refused("[heart_rate]\nsentinel = 0 -0", .duplicate, 2, "heart_rate.sentinel"),
        Refused(
            "[heart_rate]\nrate = change 1, seconds 60, settle 1, effect note", .value, 2,
            "heart_rate.rate"),
        Refused(
            "[heart_rate]\nrate = change 1, seconds 60, settle 2.5, effect note", .value, 2,
            "heart_rate.rate"),
        Refused(
            "[heart_rate]\nrate = change 1, seconds 60, settle 2, effect delete", .value, 2,
            "heart_rate.rate"),
        Refused(
            "[heart_rate]\nrate = change 1, seconds 60, settle 2", .missing, 2, "heart_rate.rate"),
        Refused(
            "[spo2]\nspike = neighbours 16, deviations 5, least 8, seconds 60, effect note", .value,
            2, "spo2.spike"),
        Refused(
            "[spo2]\nflat-line = samples 2, seconds 60, spread 0, effect note", .value, 2,
            "spo2.flat-line"),
        Refused("[pulse]\nrange = low 1, high 2", .unknownSection, 2, "pulse.range"),
        Refused("[pulse", .syntax, 1, ""),
        Refused("[heart_rate]\n[heart_rate]", .duplicate, 2, "heart_rate"),
        Refused(
            "[heart_rate]\nsentinel = 1\nsentinel = 2", .duplicate, 3, "heart_rate.sentinel"),
        Refused(
            "[spo2 ~ sbp]\ndisagreement = difference 1, seconds 1", .value, 2,
            "spo2~sbp.disagreement"),
        Refused(
            "[spo2 ~ spo2 ~ sao2]\ndisagreement = off", .unknownSection, 2,
            "spo2~spo2~sao2.disagreement"),
        Refused("[spo2 ~ sao2]\nrange = low 1, high 2", .unknownKey, 2, "spo2~sao2.range"),
        Refused("[every]\nrange = low 1, high 2", .unknownKey, 2, "every.range"),
        Refused("[quality]\nexpected = mood", .unknownSection, 2, "quality.expected"),
        Refused("[quality]\nwindow = seconds 1", .value, 2, "quality.window"),
        Refused("colour = red", .unknownKey, 1, "colour"),
        Refused("no rule at all", .syntax, 1, ""),
        Refused("\u{1}", .notText, 1, ""),
    ])
    func `what is no rule is refused with its line, its key and what to do`(
        refused: Refused
    ) throws {
        let error = try #require(throws: RulesError.self) { _ = try rules(refused.text) }
        #expect(error.reason == refused.reason, "\(error)")
        #expect(error.line == refused.line + 3, "\(error)")
        #expect(error.key == refused.key, "\(error)")
        #expect(error.detail.count > 15 && "\(error)".contains("line \(error.line)"))
    }

    @Test(arguments: [
        ("", RulesError.Reason.missing, "format"), ("format = 1", .missing, "name"),
        ("format = 2\nname = a\nversion = 1", .format, "format"),
        ("format = 1\nname = a\nversion = 0", .value, "version"),
        ("format = 1\nname = a b\nversion = 1", .value, "name"),
        ("format = 1\nname = a", .missing, "version"),
    ])
    func `a file says what it is`(text: String, reason: RulesError.Reason, key: String) throws {
        let error = try #require(throws: RulesError.self) {
            _ = try CleaningRules(site: Array(text.utf8))
        }
        #expect(error.reason == reason && error.key == key, "\(error)")
    }

    @Test func `a file is bounded before it is read`() throws {
        let long = [UInt8](repeating: 0x20, count: CleaningRules.byteCountMax + 1)
        let lines = [UInt8](repeating: 10, count: 5000)
        let line = [UInt8](repeating: 0x61, count: 1025)
        for bytes in [long, lines, line] {
            let error = try #require(throws: RulesError.self) { _ = try CleaningRules(site: bytes) }
            #expect(error.reason == .tooLarge)
        }
        #expect(throws: RulesError.self) { _ = try CleaningRules(site: [0xFF, 0xFE, 10]) }
    }

    @Test func `no damage to a file does harm`() {
        let sample = Array(StandardRules.text.utf8)
        var counts = (read: 0, refused: 0)
        func read(_ bytes: [UInt8]) {
            do {
                let rules = try CleaningRules(site: bytes)
                counts.read += 1
                #expect(rules.byCode.values.allSatisfy { $0.range?.isEmpty != true })
            } catch {
                counts.refused += 1
                #expect(!error.detail.isEmpty)
            }
        }
        Mutations.truncations(of: sample, step: 97, read)
        Mutations.random(of: [sample], count: 600, seed: 9, read)
        #expect(counts.read > 0 && counts.refused > 0)
    }
}
