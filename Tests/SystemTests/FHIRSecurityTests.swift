import Foundation
import Testing
import TwinTestKit

extension SystemTests {
    /// FHIR over TLS, from curl: certificates, tokens, and where there is no TLS.
    @Suite(
        .enabled(
            if: Curl.isPresent && CertificateAuthority.isPossible, "curl or openssl is absent"))
    struct FHIRSecurityTests {
        private static let token = "s3cret-token-of-the-ward"
        /// What `sha256sum` says of the token.
        private static func digest(_ folder: String) async throws -> String {
            let file = folder + "/command-token"
            try Data(token.utf8).write(to: URL(filePath: file))
            let finished = try await Executables.run(
                URL(filePath: "/usr/bin/sha256sum"), [file], in: folder)
            return String(finished.output.prefix(64))
        }

        /// The HTTP status of an answer over TLS; 0 where there is none.
        private func status(
            _ house: RunningHouse, _ arguments: [String], patient: String = "p1",
            port: Int, scheme: String = "https", path: String = "/fhir/Observation"
        ) async throws -> Int {
            let executable = try #require(Curl.executable)
            let body = String(decoding: FHIRText.heartRate(71, of: patient), as: UTF8.self)
            let isReading = path.hasSuffix("metadata")
            let finished = try await Executables.run(
                executable,
                ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "20"]
                    + (isReading
                        ? [] : ["-H", "Content-Type: application/fhir+json", "--data", body])
                    + arguments
                    + ["\(scheme)://127.0.0.1:\(port)\(path)"],
                in: house.scratch.path)
            return Int(finished.output.suffix(3)) ?? -1
        }

        @Test func `only a sender with a certificate of the authority is heard over TLS`()
            async throws
        {
            let (ours, strange) = (
                try CertificateAuthority("ours"), try CertificateAuthority("strange")
            )
            try ours.sign("door", address: "127.0.0.1")
            try ours.sign("gateway")
            try strange.sign("stranger")
            let port = try Ports.sixFree()
            var plan = RunningHouse.Plan()
            plan.ingest = [
                "--listen-fhirs", "127.0.0.1:\(port)", "--tls-certificate", ours.path("door.pem"),
                "--tls-key", ours.path("door.key"), "--tls-authorities",
                ours.path("authority.pem"),
            ]
            try await RunningHouse.open(plan) { house in
                let trust = ["--cacert", ours.path("authority.pem")]
                func sender(_ authority: CertificateAuthority, _ name: String) -> [String] {
                    [
                        "--cert", authority.path("\(name).pem"), "--key",
                        authority.path("\(name).key"),
                    ]
                }
                let known = trust + sender(ours, "gateway")
                #expect(try await status(house, known, port: port) == 201)
                #expect(try await status(house, trust, port: port) == 0)
                let stranger = trust + sender(strange, "stranger")
                #expect(try await status(house, stranger, port: port) == 0)
                // Who is not sure that it is this door sends nothing.
                let doubting =
                    ["--cacert", strange.path("authority.pem")] + sender(ours, "gateway")
                #expect(try await status(house, doubting, port: port) == 0)
                #expect(try await status(house, known + ["--tls-max", "1.1"], port: port) == 0)
                #expect(try await status(house, [], port: port, scheme: "http") == 0)
                #expect(
                    try await status(
                        house, known + ["--tls-max", "1.2"], patient: "p2", port: port)
                        == 201)
                try await house.awaitObservations(2)
                #expect(try await house.history("p1").map(\.number) == [71])
            }
        }

        @Test func `with tokens, who has none of them is told so and nothing is kept`() async throws
        {
            let ours = try CertificateAuthority("ours")
            try ours.sign("door", address: "127.0.0.1")
            let folder = try ScratchFolder()
            defer { folder.remove() }
            let file = folder.path + "/tokens"
            let line = "# senders\n\nward-gateway\t\(try await Self.digest(folder.path))\n"
            try Data(line.utf8).write(to: URL(filePath: file))
            let port = try Ports.sixFree()
            var plan = RunningHouse.Plan()
            plan.ingest = [
                "--listen-fhirs", "127.0.0.1:\(port)", "--fhir-certificates", "none",
                "--tls-certificate", ours.path("door.pem"), "--tls-key", ours.path("door.key"),
                "--fhir-tokens", file,
            ]
            try await RunningHouse.open(plan) { house in
                let trust = ["--cacert", ours.path("authority.pem")]
                func bearing(_ token: String) -> [String] {
                    ["-H", "Authorization: Bearer \(token)"]
                }
                let good = bearing(Self.token)
                for (secure, scheme, place) in [
                    (trust, "https", port), ([], "http", house.fhirPort),
                ] {
                    for bad in [[], bearing("x"), bearing(String(Self.token.dropLast()))] {
                        #expect(
                            try await status(house, secure + bad, port: place, scheme: scheme)
                                == 401)
                    }
                    #expect(
                        try await status(
                            house, secure, port: place, scheme: scheme, path: "/fhir/metadata")
                            == 200)
                    #expect(
                        try await status(
                            house, secure + good, patient: scheme, port: place, scheme: scheme)
                            == 201)
                }
                let answer = try await Curl.send(
                    house, "POST", "/fhir/Observation", FHIRText.heartRate(70, of: "p9"))
                #expect(answer.status == 401 && answer.body.contains(#""code":"login""#))
                #expect(answer.headers["www-authenticate"] == "Bearer", "\(answer)")
                try await house.awaitObservations(2)
                #expect(try await house.history("https").map(\.number) == [71])
            }
        }

        /// What the door says where it does not open.
        private func refusal(_ arguments: [String]) async throws -> Finished {
            let folder = try ScratchFolder()
            defer { folder.remove() }
            let first = try Ports.sixFree()
            return try await Executables.run(
                Executables.folder.appending(path: "twin-ingest"),
                [
                    "--data", folder.path + "/ingest", "--listen-mllp", "127.0.0.1:\(first)",
                    "--listen-native", "tcp://127.0.0.1:\(first + 1)", "--store-ingest",
                    "tcp://127.0.0.1:\(first + 2)",
                ] + arguments, in: folder.path, seconds: 20)
        }

        @Test func `without TLS only the loopback address is listened at, unless one says so`()
            async throws
        {
            let port = try Ports.sixFree()
            let open = ["--listen-fhir", "0.0.0.0:\(port)"]
            let refused = try await refusal(open)
            #expect(refused.status != 0 && refused.errors.contains("fhir.plain=anywhere"))
            let unread = try await refusal(["--fhir-tokens", "/nowhere"])
            #expect(unread.status != 0 && unread.errors.contains("/nowhere can't be read"))
            let fileless = try await refusal(["--listen-fhirs", "127.0.0.1:\(port)"])
            #expect(fileless.status != 0 && fileless.errors.contains("needs tls.certificate"))
            let known = try await refusal(open + ["--fhir-plain", "sometimes"])
            #expect(known.status != 0 && known.errors.contains("loopback or anywhere"))
        }
    }
}
