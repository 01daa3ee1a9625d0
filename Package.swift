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

    /// The tests of a room; `data` are folders that are read and not compiled.
    static func proof(
        _ name: String, uses: [Target.Dependency], data: [String] = []
    ) -> Target {
        .testTarget(
            name: name, dependencies: uses, path: "Tests/\(name)", exclude: data,
            swiftSettings: houseRules)
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
    .proof(
        "TwinStoreEmbeddedTests",
        uses: [
            "CrashProbe", "TwinCore", "TwinJournal", "TwinStoreCore", "TwinStoreEmbedded",
            "TwinTestKit",
        ]),
    .proof(
        "ControlCatalogueTests",
        uses: [
            "ControlCatalogue", "FeatureCore", "FeatureRoster", "ModelCore", "TwinCore",
            "TwinTestKit",
        ]),
    .proof("HouseRulesTests", uses: []),
    .proof("TwinCoreTests", uses: ["TwinCore"]),
    .proof("TwinDeflateTests", uses: ["TwinDeflate", "TwinTestKit"]),
    .proof(
        "IngestNIfTITests",
        uses: ["IngestNIfTI", "TwinCore", "TwinDeflate", "TwinImage", "TwinTestKit"]),
    .proof(
        "IngestDICOMTests",
        uses: [
            "IngestDICOM", "IngestNIfTI", "TwinCore", "TwinDeflate", "TwinImage",
            "TwinTestKit",
        ]),
    .proof(
        "FeatureImagingTests",
        uses: ["FeatureImaging", "IngestNIfTI", "TwinDeflate", "TwinImage", "TwinTestKit"],
        data: ["Peer"]),
    .proof("TwinJSONTests", uses: ["TwinJSON", "TwinTestKit"]),
    .proof("TwinCleaningTests", uses: ["TwinCleaning", "TwinCore", "TwinTestKit"]),
    .proof("TwinSigningTests", uses: ["TwinCore", "TwinSigning"]),
    .proof("TwinRuntimeTests", uses: ["TwinRuntime", "TwinTestKit"]),
    .proof(
        "TwinWireTests",
        uses: ["TwinCore", "TwinLink", "TwinTestKit", "TwinWaveform", "TwinWire"],
        data: ["Fossils"]),
    .proof("TwinLinkTests", uses: ["TwinCore", "TwinLink", "TwinTestKit"]),
    .proof("TwinLinkZeroMQTests", uses: ["TwinCore", "TwinLink", "TwinLinkZeroMQ", "TwinTestKit"]),
    .proof("TwinJournalTests", uses: ["CrashProbe", "TwinJournal", "TwinTestKit"]),
    .proof(
        "IngestCoreTests",
        uses: ["IngestCore", "TwinCleaning", "TwinCore", "TwinTestKit", "TwinWaveform"]),
    .proof(
        "IngestHL7Tests",
        uses: [
            "IngestCore", "IngestHL7", "IngestRoster", "TwinCore", "TwinTestKit", "TwinWaveform",
        ]),
    .proof(
        "IngestFHIRTests",
        uses: [
            "IngestCore", "IngestFHIR", "IngestRoster", "TwinCore", "TwinJSON", "TwinTestKit",
            "TwinWaveform",
        ]),
    .proof(
        "IngestMLLPTests", uses: ["IngestDoorways", "IngestHL7", "IngestMLLP", "TwinTestKit"]),
    .proof("IngestOutboxTests", uses: ["IngestOutbox", "TwinCore", "TwinJournal", "TwinTestKit"]),
    .proof("TwinWaveformTests", uses: ["TwinCore", "TwinTestKit", "TwinWaveform"]),
    .proof(
        "IngestWaveformTests",
        uses: ["IngestWaveform", "TwinCore", "TwinTestKit", "TwinWaveform"]),
    .proof(
        "FeatureWaveformTests",
        uses: [
            "FeatureCore", "FeatureWaveform", "IngestWaveform", "TwinCore", "TwinTestKit",
            "TwinWaveform",
        ]),
    .proof("IngestTableTests", uses: ["IngestTable", "TwinCore", "TwinTestKit"]),
    .proof(
        "FeatureCoreTests", uses: ["FeatureCore", "TwinCleaning", "TwinCore", "TwinTestKit"]),
    .proof(
        "FeatureVitalsTests",
        uses: [
            "FeatureCore", "FeatureRoster", "FeatureVitals", "TwinCleaning", "TwinCore",
            "TwinTestKit",
        ]),
    .proof(
        "FeatureDoorwaysTests",
        uses: ["FeatureDoorways", "FeatureVitals", "TwinRuntime", "TwinTestKit"]),
    .proof("ModelCoreTests", uses: ["ModelCore", "TwinCore", "TwinJSON", "TwinTestKit"]),
    .proof(
        "ModelONNXTests",
        uses: [
            "ModelCore", "ModelNetwork", "ModelONNX", "ModelRoster", "TwinCore", "TwinTestKit",
        ], data: ["Fixtures"]),
    .proof("ModelKernelsTests", uses: ["ModelKernels"]),
    .proof("ModelSVMTests", uses: ["ModelKernels", "ModelSVM"], data: ["Fixtures"]),
    .proof(
        "ModelNetworkTests", uses: ["CModelNetwork", "ModelCore", "ModelNetwork", "ModelTraining"]),
    .proof("ModelForestTests", uses: ["ModelCore", "ModelForest", "ModelTraining"]),
    .proof("ModelTrainingTests", uses: ["ModelCore", "ModelForest", "ModelTraining"]),
    .proof(
        "ModelTrainerTests",
        uses: [
            "IngestTable", "ModelCore", "ModelForest", "ModelNetwork", "ModelRoster", "ModelSVM",
            "ModelTrainer", "ModelTraining", "TwinCore", "TwinTestKit",
        ]),
    .proof("TwinStoreCoreTests", uses: ["TwinCore", "TwinStoreCore", "TwinTestKit"]),
    .proof("TwinStoreServiceTests", uses: ["TwinCore", "TwinStoreCore", "TwinStoreService"]),
    .proof(
        "HouseTests",
        uses: [
            "FeatureCore", "FeatureRoster", "IngestCore", "IngestHL7", "IngestOutbox",
            "IngestRoster", "IngestTable", "ModelCore", "ModelForest", "TwinCleaning", "TwinCore",
            "TwinJournal", "TwinLink", "TwinStoreCore", "TwinStoreService", "TwinTestKit",
            "TwinWaveform", "TwinWire",
        ], data: ["Stories"]),
    .proof("ControlWardTests", uses: ["ControlWard", "IngestTable", "TwinCore", "TwinTestKit"]),
    .proof(
        "ControlCohortTests",
        uses: ["ControlCohort", "FeatureCore", "FeatureRoster", "TwinCore", "TwinTestKit"]),
    .proof("ControlPictureTests", uses: ["ControlPicture", "TwinCore"]),
    .proof(
        "ControlReportTests",
        uses: ["ControlReport", "ModelCore", "ModelTraining", "TwinCore"]),
    .proof(
        "ModelCellTests",
        uses: ["ModelCell", "ModelCore", "ModelONNX", "ModelRoster", "TwinCore", "TwinTestKit"]),
    .proof("ThreeHostsTests", uses: ["TwinTestKit"]),
    .proof(
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
