import Foundation
import Synchronization
import TwinTestKit

/// Two small forests, trained once by the real tool from a simulated ward.
actor ModelFiles {
    static let shared = ModelFiles()
    static let beds = 40

    private var made: (first: Data, second: Data)?

    /// The bytes of both artifacts.
    func artifacts() async throws -> (first: Data, second: Data) {
        if let made { return made }
        var files: [Data] = []
        try await RunningHouse.open(RunningHouse.Plan(models: 1)) { house in
            try await house.admitWard()
            for seed in 1...2 {
                let path = "\(house.scratch.path)/forest-\(seed).onnx"
                let trained = try await house.twinctl(
                    "model", "train", "--outcome", "deterioration", "--label-column",
                    "deteriorated", "--outcomes", house.scratch.path + "/ward/outcomes.csv",
                    "--trees", "12", "--seed", "\(seed)", "--out", path, "--json")
                guard trained.status == 0 else { throw SystemFailure("training: \(trained)") }
                files.append(try Data(contentsOf: URL(filePath: path)))
            }
        }
        let result = (first: files[0], second: files[1])
        made = result
        return result
    }
}

extension RunningHouse {
    /// A simulated ward enters through the MLLP door; returns when every twin has its features.
    func admitWard() async throws {
        let ward = scratch.path + "/ward"
        let made = try await twinctl(
            "ward", "--beds", "\(ModelFiles.beds)", "--hours", "4", "--seed", "7", "--out", ward)
        guard made.status == 0 else { throw SystemFailure("\(made)") }
        let mapping = RepositoryFolder.root.appending(path: "deploy/mappings/ward.json").path
        let sent = try await twinctl(
            "send", "table", ward + "/ward.csv", "--mapping", mapping, "--to",
            "127.0.0.1:\(mllpPort)", "--json")
        guard sent.status == 0 else { throw SystemFailure("the ward is not taken: \(sent)") }
        try await eventually("the ward is in the store", within: 30, everyMs: 200) {
            let status = try await status()
            return status.twins == ModelFiles.beds && status.due == 0
        }
    }

    /// Pushes both artifacts, and lets the first speak; their names.
    func activateFirst() async throws -> (first: String, second: String) {
        let files = try await ModelFiles.shared.artifacts()
        var names: [String] = []
        for (index, bytes) in [files.first, files.second].enumerated() {
            let path = "\(scratch.path)/pushed-\(index).onnx"
            try bytes.write(to: URL(filePath: path))
            struct Pushed: Decodable { let artifact: String }
            names.append(
                try await twinctl("model", "push", path, "--json").document(Pushed.self).artifact)
        }
        let activated = try await twinctl("model", "activate", names[0])
        guard activated.status == 0 else { throw SystemFailure("\(activated)") }
        return (names[0], names[1])
    }

    /// Waits until nothing has come in for a while and no twin is behind.
    func settle(within seconds: Double = 30) async throws {
        var last = -1
        var since = ContinuousClock.now
        try await eventually("everything is at rest", within: seconds, everyMs: 200) {
            let status = try await status()
            if status.cursor != last || status.due > 0 {
                last = status.cursor
                since = ContinuousClock.now
            }
            return ContinuousClock.now - since > .milliseconds(1200)
        }
    }
}
