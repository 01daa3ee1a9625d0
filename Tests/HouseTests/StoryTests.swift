import Foundation
import Testing
import TwinTestKit

/// Stories are told again, and the house must say what is written in them.
///
/// A line at the margin is told to the house; what it says is indented below. `#` begins a remark.
/// `TWINLINE_STORIES=rewrite` writes down what the house says now.
struct StoryTests {
    private static let folder = RepositoryFolder.root.appending(path: "Tests/HouseTests/Stories")

    static let names: [String] = {
        let files = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (files ?? []).filter { $0.hasSuffix(".txt") }.sorted()
    }()

    @Test func `there are stories`() { #expect(StoryTests.names.count >= 6) }

    @Test(arguments: names)
    func `a story ends as it is written`(name: String) throws {
        let file = StoryTests.folder.appending(path: name)
        let written = try String(contentsOf: file, encoding: .utf8)
        let told = try StoryTests.tell(written)
        if ProcessInfo.processInfo.environment["TWINLINE_STORIES"] == "rewrite" {
            try told.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let (left, right) = (
            told.split(separator: "\n", omittingEmptySubsequences: false),
            written.split(separator: "\n", omittingEmptySubsequences: false)
        )
        for (index, line) in left.enumerated() where index >= right.count || line != right[index] {
            let expected = index < right.count ? right[index] : "the end"
            Issue.record("\(name):\(index + 1): the house says '\(line)', written is '\(expected)'")
            break
        }
        #expect(told == written, "TWINLINE_STORIES=rewrite writes down what the house says now")
    }

    /// The story with what the house says now.
    private static func tell(_ written: String) throws -> String {
        var stage = StoryStage()
        var told: [String] = []
        for line in written.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("  ") { continue }
            told.append(String(line))
            if line.isEmpty || line.hasPrefix("#") { continue }
            told += try stage.perform(String(line)).map { "  \($0)" }
        }
        return told.joined(separator: "\n")
    }
}
