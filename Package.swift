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

    /// The tests of the room whose name they bear; `data` are folders that are read and not compiled.
    static func proof(_ name: String, uses: [String] = [], data: [String] = []) -> Target {
        trial(name, uses: uses + [String(name.dropLast(5)), "TwinCore", "TwinTestKit"], data: data)
    }

    /// Tests of more than a room.
    static func trial(_ name: String, uses: [String] = [], data: [String] = []) -> Target {
        .testTarget(
            name: name, dependencies: Set(uses).sorted().map { .byName(name: $0) },
            path: "Tests/\(name)", exclude: data, swiftSettings: houseRules)
    }
}

extension Target.Dependency {
    static let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
    static let deque: Target.Dependency = .product(
        name: "DequeModule", package: "swift-collections")
    static let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
}

let shared: [Target] = [
    .shared("TwinCore"),
    .shared("TwinCleaning", uses: ["TwinCore", .crypto]),
    .shared("TwinLink", uses: ["TwinCore", .deque]),
    .target(
        name: "CTwinWire", path: "Shared/CTwinWire",
        linkerSettings: [.linkedLibrary("protobuf-c")]),
    .shared("TwinWire", uses: ["TwinCore", "TwinLink", "TwinWaveform", "CTwinWire"]),
    .systemLibrary(name: "CZeroMQ", path: "Shared/CZeroMQ"),
    .shared(
        "TwinLinkZeroMQ", uses: ["TwinCore", "TwinLink", "CZeroMQ"],
        rules: [.strictMemorySafety()]),
    .target(name: "CTwinJournal", path: "Shared/CTwinJournal"),
    .shared("TwinJournal", uses: ["CTwinJournal"], rules: [.strictMemorySafety()]),
    .target(name: "CTwinWaveform", path: "Shared/CTwinWaveform"),
    .shared(
        "TwinWaveform", uses: ["TwinCore", "CTwinWaveform"], rules: [.strictMemorySafety()]),
    .target(name: "CTwinRuntime", path: "Shared/CTwinRuntime"),
    .shared(
        "TwinRuntime",
        uses: [
            "CTwinRuntime", "TwinCore",
            .product(name: "Configuration", package: "swift-configuration"), .logging,
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            .product(name: "SystemPackage", package: "swift-system"),
        ]),
    .target(
        name: "CTwinDeflate", path: "Shared/CTwinDeflate", linkerSettings: [.linkedLibrary("z")]),
    .shared("TwinDeflate", uses: ["CTwinDeflate"], rules: [.strictMemorySafety()]),
    .shared("TwinImage"),
    .shared("TwinJSON"),
    .shared("TwinSigning", uses: ["TwinCore", .crypto]),
    .shared(
        "TwinDoorways",
        uses: [
            "TwinCleaning", "TwinCore", "TwinLink", "TwinLinkZeroMQ", "TwinRuntime", "TwinSigning",
            "TwinWire", .deque, .logging,
        ]),
]

let ingest: [Target] = [
    .room("IngestCore", of: "Ingest", uses: ["TwinCleaning", "TwinCore", "TwinWaveform"]),
    .room("IngestHL7", of: "Ingest", uses: ["IngestCore", "TwinCore", "TwinWaveform"]),
    .room("IngestTable", of: "Ingest", uses: ["TwinCore"]),
    .room("IngestWaveform", of: "Ingest", uses: ["TwinCore", "TwinWaveform"]),
    .room(
        "IngestFHIR", of: "Ingest",
        uses: ["IngestCore", "TwinCore", "TwinJSON", "TwinWaveform"]),
    .target(name: "CIngestDICOM", path: "Services/Ingest/CIngestDICOM"),
    .room(
        "IngestDICOM", of: "Ingest",
        uses: ["CIngestDICOM", "TwinCore", "TwinDeflate", "TwinImage"],
        rules: [.strictMemorySafety()]),
    .room("IngestNIfTI", of: "Ingest", uses: ["TwinCore", "TwinDeflate", "TwinImage"]),
    .room(
        "IngestRoster", of: "Ingest", uses: ["IngestCore", "IngestFHIR", "IngestHL7", "TwinJSON"]),
    .room("IngestOutbox", of: "Ingest", uses: ["TwinCore", "TwinJournal"]),
    .room(
        "IngestDoorways", of: "Ingest",
        uses: [
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
        ]),
    .room(
        "IngestMLLP", of: "Ingest",
        uses: [
            "IngestDoorways", "IngestHL7", .product(name: "NIOCore", package: "swift-nio"),
        ]),
    .room(
        "IngestHTTP", of: "Ingest",
        uses: [
            "IngestDoorways", "IngestFHIR", .crypto,
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
        ]),
    .door(
        "IngestMain", of: "Ingest",
        uses: [
            "IngestCore", "IngestDoorways", "IngestFHIR", "IngestHL7", "IngestHTTP", "IngestMLLP",
            "IngestOutbox", "IngestRoster", "TwinCleaning", "TwinCore",
            "TwinDoorways", "TwinJSON", "TwinJournal", "TwinLink", "TwinLinkZeroMQ", "TwinRuntime",
            "TwinWire",
            .logging,
        ]),
]

let feature: [Target] = [
    .room("FeatureCore", of: "Feature", uses: ["TwinCleaning", "TwinCore"]),
    .room("FeatureVitals", of: "Feature", uses: ["FeatureCore", "TwinCleaning", "TwinCore"]),
    .room(
        "FeatureWaveform", of: "Feature", uses: ["FeatureCore", "TwinCore", "TwinWaveform"]),
    .target(name: "CFeatureImaging", path: "Services/Feature/CFeatureImaging"),
    .room(
        "FeatureImaging", of: "Feature",
        uses: ["CFeatureImaging", "TwinDeflate", "TwinImage", "TwinJSON"],
        rules: [.strictMemorySafety()]),
    .room(
        "FeatureRoster", of: "Feature",
        uses: ["FeatureCore", "FeatureVitals", "FeatureWaveform", "TwinCleaning"]),
    .room(
        "FeatureDoorways", of: "Feature", uses: ["FeatureVitals", "TwinRuntime"]),
    .door(
        "FeatureMain", of: "Feature",
        uses: [
            "FeatureCore", "FeatureDoorways", "FeatureRoster", "TwinCleaning", "TwinCore",
            "TwinDoorways",
            "TwinRuntime", .logging,
        ]),
]

let model: [Target] = [
    .room("ModelCore", of: "Model", uses: ["TwinCore", "TwinJSON"]),
    .room(
        "ModelONNX", of: "Model",
        uses: ["ModelCore", "ModelKernels", "TwinCore", .crypto]),
    .target(name: "CModelForest", path: "Services/Model/CModelForest"),
    .room(
        "ModelForest", of: "Model", uses: ["ModelCore", "CModelForest"],
        rules: [.strictMemorySafety()]),
    .target(name: "CModelKernels", path: "Services/Model/CModelKernels"),
    .room(
        "ModelKernels", of: "Model", uses: ["CModelKernels"], rules: [.strictMemorySafety()]),
    .room("ModelSVM", of: "Model", uses: ["ModelKernels"]),
    .target(name: "CModelNetwork", path: "Services/Model/CModelNetwork"),
    .room(
        "ModelNetwork", of: "Model", uses: ["CModelNetwork", "ModelCore"],
        rules: [.strictMemorySafety()]),
    .room("ModelTraining", of: "Model", uses: ["ModelCore"]),
    .room(
        "ModelTrainer", of: "Model",
        uses: [
            "ModelCore", "ModelForest", "ModelKernels", "ModelNetwork", "ModelONNX", "ModelSVM",
            "ModelTraining", "TwinCore",
        ]),
    .target(name: "CModelCell", path: "Services/Model/CModelCell"),
    .room(
        "ModelCell", of: "Model", uses: ["CModelCell", "ModelCore", "TwinCore"],
        rules: [.strictMemorySafety()]),
    .room(
        "ModelRoster", of: "Model",
        uses: ["ModelCore", "ModelForest", "ModelNetwork", "ModelONNX", "TwinCore"]),
    .door(
        "ModelMain", of: "Model",
        uses: [
            "ModelCell", "ModelCore", "ModelRoster", "TwinCore", "TwinDoorways", "TwinRuntime",
            "TwinSigning", .logging,
        ]),
]

let store: [Target] = [
    .room("TwinStoreCore", of: "TwinStore", uses: ["TwinCore", .deque]),
    .room(
        "TwinStoreService", of: "TwinStore",
        uses: ["TwinStoreCore", "TwinCore", "TwinRuntime", .deque]),
    .systemLibrary(name: "CSQLite", path: "Services/TwinStore/CSQLite"),
    .room(
        "TwinStoreEmbedded", of: "TwinStore",
        uses: ["TwinStoreCore", "TwinCore", "TwinJournal", "CSQLite", .crypto],
        rules: [.strictMemorySafety()]),
    .door(
        "TwinStoreMain", of: "TwinStore",
        uses: [
            "TwinCore", "TwinDoorways", "TwinJournal", "TwinLink", "TwinLinkZeroMQ", "TwinRuntime",
            "TwinSigning", "TwinStoreCore", "TwinStoreEmbedded", "TwinStoreService", "TwinWire",
            .crypto, .logging,
        ]),
]

let control: [Target] = [
    .room("ControlWard", of: "Control", uses: ["TwinCore"]),
    .room("ControlCatalogue", of: "Control", uses: ["FeatureCore", "ModelCore", "TwinCore"]),
    .room("ControlCohort", of: "Control", uses: ["FeatureCore", "TwinCore"]),
    .room("ControlPicture", of: "Control", uses: ["TwinCore"]),
    .room("ControlReport", of: "Control", uses: ["ModelCore", "ModelTraining", "TwinCore"]),
    .door(
        "ControlMain", of: "Control",
        uses: [
            "ControlCatalogue", "ControlCohort", "ControlPicture", "ControlReport", "ControlWard",
            "FeatureImaging", "FeatureRoster", "FeatureWaveform", "IngestCore", "IngestDICOM",
            "IngestFHIR", "IngestHL7", "IngestNIfTI", "IngestOutbox", "IngestTable",
            "IngestWaveform", "ModelCore", "ModelForest", "ModelNetwork", "ModelONNX", "ModelSVM",
            "ModelTrainer", "ModelTraining", "TwinCleaning", "TwinCore", "TwinDoorways",
            "TwinImage", "TwinJSON", "TwinLink", "TwinLinkZeroMQ", "TwinRuntime", "TwinSigning",
            "TwinWaveform", "TwinWire",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ]),
]

let proofs: [Target] = [
    .target(
        name: "TwinTestKit",
        dependencies: [
            "FeatureCore", "IngestCore", "ModelCore", "TwinCore", "TwinJournal", "TwinLink",
            "TwinStoreCore",
        ], path: "Tests/TwinTestKit", swiftSettings: houseRules),
    .executableTarget(
        name: "CrashProbe",
        dependencies: [
            "TwinCore", "TwinJournal", "TwinStoreCore", "TwinStoreEmbedded", "TwinTestKit",
        ],
        path: "Tests/CrashProbe", swiftSettings: houseRules),
    .proof("TwinStoreEmbeddedTests", uses: ["CrashProbe", "TwinJournal", "TwinStoreCore"]),
    .proof("ControlCatalogueTests", uses: ["FeatureCore", "FeatureRoster", "ModelCore"]),
    .trial("HouseRulesTests"),
    .proof("TwinCoreTests"),
    .proof("TwinDeflateTests"),
    .proof("IngestNIfTITests", uses: ["TwinDeflate", "TwinImage"]),
    .proof("IngestDICOMTests", uses: ["IngestNIfTI", "TwinDeflate", "TwinImage"]),
    .proof(
        "FeatureImagingTests", uses: ["IngestNIfTI", "TwinDeflate", "TwinImage"], data: ["Peer"]),
    .proof("TwinJSONTests"),
    .proof("TwinCleaningTests"),
    .proof("TwinSigningTests"),
    .proof("TwinRuntimeTests"),
    .proof("TwinWireTests", uses: ["TwinLink", "TwinWaveform"], data: ["Fossils"]),
    .proof("TwinLinkTests"),
    .proof("TwinLinkZeroMQTests", uses: ["TwinLink"]),
    .proof("TwinJournalTests", uses: ["CrashProbe"]),
    .proof("IngestCoreTests", uses: ["TwinCleaning", "TwinWaveform"]),
    .proof("IngestHL7Tests", uses: ["IngestCore", "IngestRoster", "TwinWaveform"]),
    .proof("IngestFHIRTests", uses: ["IngestCore", "IngestRoster", "TwinJSON", "TwinWaveform"]),
    .proof("IngestMLLPTests", uses: ["IngestDoorways", "IngestHL7"]),
    .proof("IngestOutboxTests", uses: ["TwinJournal"]),
    .proof("TwinWaveformTests"),
    .proof("IngestWaveformTests", uses: ["TwinWaveform"]),
    .proof("FeatureWaveformTests", uses: ["FeatureCore", "IngestWaveform", "TwinWaveform"]),
    .proof("IngestTableTests"),
    .proof("FeatureCoreTests", uses: ["TwinCleaning"]),
    .proof("FeatureVitalsTests", uses: ["FeatureCore", "FeatureRoster", "TwinCleaning"]),
    .proof("FeatureDoorwaysTests", uses: ["FeatureVitals", "TwinRuntime"]),
    .proof("ModelCoreTests", uses: ["TwinJSON"]),
    .proof(
        "ModelONNXTests", uses: ["ModelCore", "ModelNetwork", "ModelRoster"], data: ["Fixtures"]),
    .proof("ModelKernelsTests"),
    .proof("ModelSVMTests", uses: ["ModelKernels"], data: ["Fixtures"]),
    .proof("ModelNetworkTests", uses: ["CModelNetwork", "ModelCore", "ModelTraining"]),
    .proof("ModelForestTests", uses: ["ModelCore", "ModelTraining"]),
    .proof("ModelTrainingTests", uses: ["ModelCore", "ModelForest"]),
    .proof(
        "ModelTrainerTests",
        uses: [
            "IngestTable", "ModelCore", "ModelForest", "ModelNetwork", "ModelRoster", "ModelSVM",
            "ModelTraining",
        ]),
    .proof("TwinStoreCoreTests"),
    .proof("TwinStoreServiceTests", uses: ["TwinStoreCore"]),
    .trial(
        "HouseTests",
        uses: [
            "FeatureCore", "FeatureRoster", "IngestCore", "IngestHL7", "IngestOutbox",
            "IngestRoster", "IngestTable", "ModelCore", "ModelForest", "TwinCleaning", "TwinCore",
            "TwinJournal", "TwinLink", "TwinStoreCore", "TwinStoreService", "TwinTestKit",
            "TwinWaveform", "TwinWire",
        ], data: ["Stories"]),
    .proof("ControlWardTests", uses: ["IngestTable"]),
    .proof("ControlCohortTests", uses: ["FeatureCore", "FeatureRoster"]),
    .proof("ControlPictureTests"),
    .proof("ControlReportTests", uses: ["ModelCore", "ModelTraining"]),
    .proof("ModelCellTests", uses: ["ModelCore", "ModelONNX", "ModelRoster"]),
    .trial("ThreeHostsTests", uses: ["TwinTestKit"]),
    .trial(
        "SystemTests",
        uses: [
            "ModelCore", "ModelONNX", "TwinCore", "TwinDoorways", "TwinLink", "TwinLinkZeroMQ",
            "TwinSigning", "TwinTestKit", "TwinWire",
        ]),
]

let package = Package(
    name: "twinline",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "twin-feature", targets: ["FeatureMain"]),
        .executable(name: "twin-ingest", targets: ["IngestMain"]),
        .executable(name: "twin-model", targets: ["ModelMain"]),
        .executable(name: "twin-store", targets: ["TwinStoreMain"]),
        .executable(name: "twinctl", targets: ["ControlMain"]),
        // For Tests/Benchmarks, a package of its own.
        .library(name: "IngestRooms", targets: ["IngestCore", "IngestHL7", "TwinCore"]),
        .library(
            name: "ModelRooms",
            targets: [
                "ModelCore", "ModelForest", "ModelKernels", "ModelONNX", "ModelRoster", "ModelSVM",
                "ModelTraining", "TwinCore",
            ]),
    ],
    dependencies: [
        .package(
            url: "https://github.com/apple/swift-configuration", exact: "1.4.0",
            traits: [.defaults, "CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    ],
    targets: shared + ingest + feature + model + store + control + proofs,
    swiftLanguageModes: [.v6]
)
