// swift-tools-version: 6.2
import PackageDescription

// The law of the house: these settings hold in every Swift room.
let houseRules: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"), .treatAllWarnings(as: .error),
]

extension Target {
    /// A room that two services use.
    static func shared(
        _ name: String, uses: [Target.Dependency] = [], rules: [SwiftSetting] = [],
        linking: [LinkerSetting]? = nil
    ) -> Target {
        .target(
            name: name, dependencies: uses, path: "Shared/\(name)",
            swiftSettings: houseRules + rules, linkerSettings: linking)
    }

    /// A room of one service.
    static func room(
        _ name: String, of service: String, uses: [Target.Dependency] = [],
        rules: [SwiftSetting] = []
    ) -> Target {
        .target(
            name: name, dependencies: uses, path: "Services/\(service)/\(name)",
            swiftSettings: houseRules + rules)
    }

    /// The door of a service: its executable.
    static func door(_ name: String, of service: String, uses: [Target.Dependency]) -> Target {
        .executableTarget(
            name: name, dependencies: uses, path: "Services/\(service)/\(name)",
            swiftSettings: houseRules)
    }

    /// The tests of a room.
    static func proof(_ name: String, uses: [Target.Dependency]) -> Target {
        .testTarget(
            name: name, dependencies: uses, path: "Tests/\(name)", swiftSettings: houseRules)
    }
}

let package = Package(
    name: "twinline",
    platforms: [.macOS(.v15)],
    products: [],
    dependencies: [],
    targets: [
        .shared("TwinCore"),
        .shared("TwinLink", uses: ["TwinCore"]),
        .room("ModelCore", of: "Model", uses: ["TwinCore"]),
        .room("TwinStoreCore", of: "TwinStore", uses: ["TwinCore"]),
        .proof("TwinCoreTests", uses: ["TwinCore"]),
    ],
    swiftLanguageModes: [.v6]
)
