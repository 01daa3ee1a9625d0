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
    dependencies: [
        .package(
            url: "https://github.com/apple/swift-configuration", exact: "1.4.0",
            traits: [.defaults, "CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    ],
    targets: [
        .shared("TwinCore"),
        .shared("TwinLink", uses: ["TwinCore"]),
        .shared(
            "TwinRuntime",
            uses: [
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .room("ModelCore", of: "Model", uses: ["TwinCore"]),
        .room("TwinStoreCore", of: "TwinStore", uses: ["TwinCore"]),
        .proof("HouseRulesTests", uses: []),
        .proof("TwinCoreTests", uses: ["TwinCore"]),
    ],
    swiftLanguageModes: [.v6]
)
