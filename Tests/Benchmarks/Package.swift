// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody else pays for it: swift run -c release --package-path Tests/Benchmarks NAME
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "twinline", path: "../..")],
    targets: [
        .executableTarget(
            name: "AssessmentBenchmark",
            dependencies: [.product(name: "ModelRooms", package: "twinline")],
            path: "AssessmentBenchmark"),
        .executableTarget(
            name: "ForestBenchmark",
            dependencies: [.product(name: "ModelRooms", package: "twinline")],
            path: "ForestBenchmark"),
        .executableTarget(
            name: "ScoringBenchmark",
            dependencies: [.product(name: "ModelRooms", package: "twinline")],
            path: "ScoringBenchmark"),
        .executableTarget(
            name: "SVMBenchmark",
            dependencies: [.product(name: "ModelRooms", package: "twinline")],
            path: "SVMBenchmark"),
        .executableTarget(
            name: "HL7Benchmark",
            dependencies: [.product(name: "IngestRooms", package: "twinline")],
            path: "HL7Benchmark"),
    ],
    swiftLanguageModes: [.v6]
)
