import Foundation

/// The tree as it is committed or about to be: what `git ls-files` names.
enum House {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let files: [String] = {
        let listing = run("git", "ls-files", "--cached", "--others", "--exclude-standard")
        return listing.output.split(separator: "\n").map(String.init)
            .filter { FileManager.default.fileExists(atPath: root.appending(path: $0).path) }
    }()

    static let swiftFiles = files.filter { $0.hasSuffix(".swift") && $0 != "Package.swift" }
    static let roomFiles = swiftFiles.filter { !$0.hasPrefix("Tests/") }
    /// Generated code is excepted by its folder, and by nothing else.
    static let handwritten = files.filter {
        ($0.hasSuffix(".swift") || $0.hasSuffix(".c") || $0.hasSuffix(".h"))
            && !$0.hasPrefix("Shared/CTwinWire/")
    }

    private static let texts: [String: String] = Dictionary(
        uniqueKeysWithValues: files.map { file in
            (file, (try? String(contentsOf: root.appending(path: file), encoding: .utf8)) ?? "")
        })

    /// What a file holds; empty where it is no text.
    static func text(_ file: String) -> String { texts[file] ?? "" }

    static func lines(_ file: String) -> [Substring] {
        text(file).split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The modules that a Swift file imports.
    static func imports(_ file: String) -> [String] {
        lines(file).filter { $0.contains("import ") }.compactMap { line in
            line.firstMatch(
                of: /^\s*(?:@\w+ )*(?:(?:public|package|internal) )?import (?:\w+ )?(\w+)/
            )
            .map { String($0.1) }
        }
    }

    /// The leaf folder that a file lives in: its module.
    static func module(_ file: String) -> String {
        let parts = file.split(separator: "/").map(String.init)
        switch parts.first {
        case "Services": return parts.count > 3 ? parts[2] : ""
        case "Shared", "Tests": return parts.count > 2 ? parts[1] : ""
        default: return ""
        }
    }

    /// The service that a file belongs to; nil for shared rooms.
    static func service(_ file: String) -> String? {
        let parts = file.split(separator: "/").map(String.init)
        return parts.first == "Services" && parts.count > 3 ? parts[1] : nil
    }

    static func run(_ command: String...) -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = root
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        do { try process.run() } catch { return (127, "\(error)") }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
