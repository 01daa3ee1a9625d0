import Foundation
import Testing

/// The tree itself is tested: one test a rule, one case a file, so that a failure names the file.
struct HouseRulesTests {
    /// A room is pure unless its name says that it touches the world.
    static let worldlyEndings = [
        "Main", "Embedded", "Postgres", "Outbox", "MLLP", "HTTP", "Service", "Wire", "ZeroMQ",
        "Journal",
        "Doorways",
        "Runtime", "Cell",
    ]
    static let pureFiles = House.roomFiles.filter { file in
        !worldlyEndings.contains { House.module(file).hasSuffix($0) }
    }
    static let worldlyModules: Set<String> = [
        "Foundation", "FoundationEssentials", "Dispatch", "Glibc", "Darwin", "Musl", "NIOCore",
        "NIOPosix", "NIOHTTP1", "Logging", "Metrics", "ServiceLifecycle", "Configuration",
        "TwinRuntime",
        "TwinWire", "TwinLinkZeroMQ", "CZeroMQ", "CTwinWire",
    ]

    @Test(arguments: pureFiles)
    func `a pure room imports nothing worldly`(file: String) {
        #expect(worldly(House.imports(file)).isEmpty)
    }

    func worldly(_ imports: [String]) -> [String] {
        imports.filter { HouseRulesTests.worldlyModules.contains($0) }
    }

    @Test(arguments: pureFiles)
    func `time and chance arrive in a pure room, they are never fetched`(file: String) {
        let fetches = [
            "SystemRandomNumberGenerator", "ContinuousClock", "SuspendingClock", " Date(",
        ]
        let found = House.lines(file).filter { line in
            fetches.contains { line.contains($0) }
                || (line.contains(".random(") && !line.contains("using:"))
        }
        #expect(found.isEmpty)
    }

    @Test(arguments: House.roomFiles)
    func `no service imports another's room, but for the operator's tool`(file: String) {
        guard let own = House.service(file), own != "Control" else { return }
        let strangers = House.imports(file).filter { name in
            let home = House.roomFiles.first { House.module($0) == name }.flatMap(House.service)
            return home != nil && home != own
        }
        #expect(strangers.isEmpty)
    }

    static let cModules = Set(
        House.files.filter {
            $0.hasSuffix("module.modulemap") || ($0.hasSuffix(".h") && $0.contains("/include/"))
        }.map(House.module))

    @Test(arguments: cModules)
    func `a C module has one Swift translator`(module: String) {
        let translators = Set(
            House.roomFiles.filter { House.imports($0).contains(module) }.map(House.module))
        #expect(translators.count <= 1, "\(module) is imported by \(translators.sorted())")
    }

    @Test(arguments: House.handwritten)
    func `a file has at most 400 lines`(file: String) {
        #expect(House.lines(file).count <= 401)
    }

    @Test(arguments: House.handwritten)
    func `a function has at most 50 lines`(file: String) {
        let lines = House.lines(file)
        for (start, line) in lines.enumerated() where opensFunction(line, in: file) {
            let indent = line.prefix { $0 == " " }
            let end = lines[start...].firstIndex { $0 == indent + "}" || $0 == indent + "})" }
            #expect((end ?? start) - start < 50, "\(file):\(start + 1)")
        }
    }

    /// Whether a line begins a function whose end is to be looked for.
    func opensFunction(_ line: Substring, in file: String) -> Bool {
        if file.hasSuffix(".swift") {
            let text = line.drop { $0 == " " }
            return !text.hasPrefix("//") && !line.hasSuffix("}")
                && (text.contains("func ") || text.contains("init("))
                && text.prefix { $0 != "(" && $0 != "=" && $0 != "." && $0 != "\"" }
                    .contains(/(?:func |init)/)
        }
        return line.first?.isLetter == true && line.hasSuffix("{") && line.contains(")")
    }

    @Test(arguments: House.swiftFiles)
    func `a type is called what it is`(file: String) {
        let vague = ["Manager", "Helper", "Util", "Common"]
        let found = House.lines(file).filter { line in
            guard vague.contains(where: { line.contains($0) }) else { return false }
            return line.contains(
                /(?:struct|class|enum|actor|protocol) \w*(?:Manager|Helper|Util|Common)/)
        }
        #expect(found.isEmpty)
    }

    @Test(arguments: House.files)
    func `a file speaks of Twinline alone`(file: String) {
        // Put together here, so that this file does not break its own rule.
        let strangers = ["/" + "work/", "/" + "root/", "/opt/" + "swift-", "sub" + "agent"]
        for stranger in strangers { #expect(!House.text(file).contains(stranger), "\(stranger)") }
    }

    @Test func `the top level is the agreed one`() {
        let agreed: Set<String> = [
            "Package.swift", "README.md", "LICENSE", "Services", "Shared", "Tests", "deploy",
            "proto",
        ]
        let top = Set(
            House.files.compactMap { $0.split(separator: "/").first.map(String.init) }
                .filter { !$0.hasPrefix(".") })
        #expect(top.subtracting(agreed).isEmpty)
    }

    @Test(arguments: Set(House.swiftFiles.map(House.module)).union(cModules))
    func `a leaf folder is a module of the manifest`(module: String) {
        let names = House.text("Package.swift").matches(of: /"(\w+)"/).map { String($0.1) }
        #expect(names.contains(module) || module.isEmpty || module == "Benchmarks")
    }

    @Test func `the wire's generated C is what protoc-c makes of proto`() {
        let check = House.run("deploy/wire", "--check")
        #expect(check.status == 0, "\(check.output)")
    }

    @Test func `every Swift file is formatted`() {
        let lint = House.run(
            "swift", "format", "lint", "--strict", "--recursive", "Package.swift", "Services",
            "Shared", "Tests")
        #expect(lint.status == 0, "\(lint.output)")
    }
}
