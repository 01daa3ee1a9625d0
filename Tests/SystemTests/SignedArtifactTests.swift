import Foundation
import Testing
import TwinTestKit

extension SystemTests {
    /// Who answers for an artifact, and artifacts of more than one message.
    struct SignedArtifactTests {
        private struct Artifact: Decodable {
            let artifact: String
            let bytes: Int
            let signedBy: String?
        }

        @Test func `where signers are named, only what they signed is taken, shown and activated`()
            async throws
        {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let list = scratch.path + "/signers"
            let (own, publicKey) = try await SigningKeys.make("own", scratch)
            let (stranger, strangeKey) = try await SigningKeys.make("stranger", scratch)
            try Data("\(publicKey) the laboratory\n".utf8).write(to: URL(filePath: list))
            let signers = ["--artifacts-signers", list]
            let plan = RunningHouse.Plan(models: 1, store: signers, model: signers)
            let files = try await ModelFiles.shared.artifacts()
            try await RunningHouse.open(plan) { house in
                let path = house.scratch.path + "/forest.onnx"
                try files.first.write(to: URL(filePath: path))
                let unsigned = try await house.twinctl("model", "push", path)
                #expect(unsigned.status == 1 && unsigned.errors.contains("--sign"), "\(unsigned)")
                let strange = try await house.twinctl("model", "push", path, "--sign", stranger)
                #expect(strange.status == 1 && strange.errors.contains(strangeKey), "\(strange)")
                let none: [Artifact] = try await house.twinctl("model", "list", "--json").document()
                #expect(none.isEmpty)
                let pushed = try await house.twinctl("model", "push", path, "--sign", own, "--json")
                    .document(Artifact.self)
                #expect(pushed.signedBy == publicKey)
                let done = try await house.twinctl("model", "activate", pushed.artifact)
                #expect(done.status == 0, "\(done)")
            }
        }

        @Test func `a worker that trusts nobody of a store's signers does not prepare`()
            async throws
        {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let list = scratch.path + "/signers"
            let (_, publicKey) = try await SigningKeys.make("own", scratch)
            try Data("\(publicKey)\n".utf8).write(to: URL(filePath: list))
            let plan = RunningHouse.Plan(models: 1, model: ["--artifacts-signers", list])
            let files = try await ModelFiles.shared.artifacts()
            try await RunningHouse.open(plan) { house in
                let path = house.scratch.path + "/forest.onnx"
                try files.first.write(to: URL(filePath: path))
                let pushed = try await house.twinctl("model", "push", path, "--json")
                    .document(Artifact.self)
                #expect(pushed.signedBy == nil)
                let refused = try await house.twinctl("model", "activate", pushed.artifact)
                #expect(refused.status == 1 && refused.errors.contains("not signed"), "\(refused)")
                #expect(try await house.status().active.isEmpty)
            }
        }

        @Test
        func `an artifact of more than one message is pushed, prepared and refused in bounds`()
            async throws
        {
            let files = try await ModelFiles.shared.artifacts()
            // Fields that nobody knows are skipped: the same model in 40 MB.
            var bytes = [UInt8](files.first)
            let filler = [UInt8](repeating: 0x2A, count: 40 << 20)
            bytes += [0xFA, 0x07] + Self.varint(filler.count) + filler
            let plan = RunningHouse.Plan(models: 2, store: ["--artifacts-megabytes", "41"])
            try await RunningHouse.open(plan) { house in
                let path = house.scratch.path + "/large.onnx"
                try Data(bytes).write(to: URL(filePath: path))
                let pushed = try await house.twinctl("model", "push", path, "--json")
                    .document(Artifact.self)
                #expect(pushed.bytes == bytes.count)
                let done = try await house.twinctl("model", "activate", pushed.artifact)
                #expect(done.status == 0, "\(done)")
                let shown = try await house.twinctl("model", "show", pushed.artifact)
                #expect(shown.status == 0 && shown.output.contains("deterioration"))
                let more = [UInt8](repeating: 0x2A, count: 2 << 20)
                try Data(bytes + [0xFA, 0x07] + Self.varint(more.count) + more)
                    .write(to: URL(filePath: path))
                let refused = try await house.twinctl("model", "push", path)
                #expect(refused.status == 1, "\(refused)")
                #expect(refused.errors.contains("artifacts.megabytes"), "\(refused)")
                let kept = try FileManager.default.contentsOfDirectory(
                    atPath: house.scratch.path + "/store/artifacts")
                #expect(kept == [pushed.artifact])
            }
        }

        private static func varint(_ number: Int) -> [UInt8] {
            var (rest, bytes) = (number, [UInt8]())
            while rest >= 128 {
                bytes.append(UInt8(rest & 127) | 128)
                rest >>= 7
            }
            return bytes + [UInt8(rest)]
        }
    }
}

/// Keys that artifacts are signed with.
enum SigningKeys {
    private struct Key: Decodable { let publicKey: String }

    /// Makes a signing key; its file and its public key.
    static func make(
        _ name: String, _ scratch: ScratchFolder
    ) async throws -> (path: String, publicKey: String) {
        let path = scratch.path + "/" + name
        let made = try await Executables.run(
            Executables.folder.appending(path: "twinctl"),
            ["keys", "make", "--signing", path, "--json"], in: scratch.path)
        return (path, try made.document(Key.self).publicKey)
    }
}
