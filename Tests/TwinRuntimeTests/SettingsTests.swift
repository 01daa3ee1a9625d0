import Foundation
import Testing
import TwinRuntime
import TwinTestKit

struct SettingsTests {
    static let known = [
        Setting("store.address", standard: "tcp://127.0.0.1:5580", help: "Where."),
        Setting("credits", standard: "32", help: "How many."),
        Setting("modality", standard: nil, help: "Which."),
    ]

    private func settings(
        _ flags: [String] = [], _ environment: [String: String] = [:], file: String? = nil
    ) async throws -> Settings {
        let folder = try ScratchFolder()
        defer { folder.remove() }
        var flags = flags
        if let file {
            let path = folder.path + "/service.json"
            try Data(file.utf8).write(to: URL(filePath: path))
            flags += ["--config", path]
        }
        return try await Settings(
            SettingsTests.known, arguments: ["service"] + flags, environment: environment)
    }

    @Test func `what is not set has its standard value`() async throws {
        #expect(try await settings().text("store.address") == "tcp://127.0.0.1:5580")
        #expect(try await settings().number("credits", in: 1...64) == 32)
    }

    @Test func `flags go before the environment, that before the file`() async throws {
        let file = #"{"store": {"address": "file"}, "credits": 7}"#
        let variable = ["TWINLINE_STORE_ADDRESS": "environment"]
        #expect(try await settings(file: file).text("store.address") == "file")
        #expect(try await settings(file: file).number("credits", in: 1...64) == 7)
        #expect(try await settings([], variable, file: file).text("store.address") == "environment")
        let all = try await settings(["--store-address", "flag"], variable, file: file)
        #expect(try all.text("store.address") == "flag")
    }

    @Test func `what is needed and not set says how to set it`() async throws {
        let settings = try await settings()
        let error = #expect(throws: SettingsError.self) { try settings.text("modality") }
        #expect(error?.description.contains("--modality or TWINLINE_MODALITY") == true)
    }

    @Test(arguments: ["0", "65", "many", "1e3"])
    func `a number outside its range is refused`(text: String) async throws {
        let settings = try await settings(["--credits", text])
        #expect(throws: SettingsError.self) { try settings.number("credits", in: 1...64) }
    }

    @Test(arguments: [["--credit", "3"], ["--store-adress=x"], ["-x"]])
    func `a slip of the pen in a flag is refused`(flags: [String]) async {
        await #expect(throws: SettingsError.self) { try await settings(flags) }
    }

    @Test(arguments: [#"{"creditz": 3}"#, #"{"store": {"adress": "x"}}"#, "[1]", "{", ""])
    func `a slip of the pen in a file is refused`(file: String) async {
        await #expect(throws: SettingsError.self) { try await settings(file: file) }
    }

    @Test func `a file that is not there is refused`() async {
        await #expect(throws: SettingsError.self) {
            try await settings(["--config", "/nowhere/service.json"])
        }
    }
}

struct InboxTests {
    @Test func `everything that was handed in is taken once and in order`() {
        let inbox = Inbox<Int>()
        let thread = LoopThread("sender") {
            for number in 0..<10_000 { inbox.post([number]) }
            inbox.close()
        }
        var taken: [Int] = []
        while let some = inbox.take() { taken += some }
        thread.join()
        #expect(taken == Array(0..<10_000))
    }

    @Test func `a nudge wakes who waits, with nothing`() {
        let inbox = Inbox<Int>()
        #expect(inbox.nudge())
        #expect(inbox.take() == [])
        inbox.post([1])
        inbox.close()
        #expect(!inbox.nudge())
        #expect(inbox.take() == [1])
        #expect(inbox.take() == nil)
    }

    @Test func `after the end nothing is taken any more`() {
        let inbox = Inbox<Int>()
        inbox.close()
        inbox.post([1])
        #expect(inbox.take() == nil)
    }
}
