import Foundation
import Testing
import TwinTestKit

extension SystemTests {
    /// FHIR over HTTP, from curl and from sockets that mean ill.
    @Suite(.enabled(if: Curl.isPresent, "curl is absent"))
    struct FHIRDoorTests {
        @Test func `resources, corrections and withdrawals come in over HTTP and are in the twin`()
            async throws
        {
            try await RunningHouse.open { house in
                let body = FHIRText.heartRate(71, of: "p1")
                let first = try await Curl.send(house, "POST", "/fhir/Observation", body)
                #expect(first.status == 201, "\(first)")
                #expect(first.headers["content-type"]?.hasPrefix("application/fhir+json") == true)
                let location = try #require(first.headers["location"])
                #expect(location.hasPrefix("http://127.0.0.1:\(house.fhirPort)/fhir/Observation/"))
                // Sent again it does nothing again, in chunks or not.
                let again = try await Curl.send(
                    house, "POST", "/fhir/Observation", body, ["-H", "Transfer-Encoding: chunked"])
                #expect(again.status == 201 && again.headers["location"] == location, "\(again)")
                let withdrawn = FHIRText.heartRate(
                    72, of: "p1", time: "2026-01-12T10:15:00Z", rest: #""id":"o2","#)
                #expect(
                    try await Curl.send(house, "PUT", "/fhir/Observation/o2", withdrawn).status
                        == 200)
                let error = String(decoding: withdrawn, as: UTF8.self).replacing(
                    "final", with: "entered-in-error")
                #expect(
                    try await Curl.send(house, "PUT", "/fhir/Observation/o2", Array(error.utf8))
                        .status == 200)
                try await house.awaitObservations(3)
                let history = try await house.history("p1")
                #expect(history.map(\.number) == [71, 72, 72])
                #expect(history.filter { $0.flags.contains("deleted") }.map(\.usable) == [false])
                let metadata = try await Curl.send(house, "GET", "/fhir/metadata", [])
                #expect(metadata.status == 200)
                #expect(metadata.body.contains(#""resourceType":"CapabilityStatement""#))
            }
        }

        /// The status of an answer, which has an OperationOutcome.
        private func status(
            _ house: RunningHouse, _ method: String, _ path: String, _ body: [UInt8],
            _ arguments: [String] = [], type: String = "application/fhir+json"
        ) async throws -> Int {
            let answer = try await Curl.send(house, method, path, body, arguments, type: type)
            #expect(answer.body.contains(#""resourceType":"OperationOutcome""#), "\(answer)")
            return answer.status
        }

        @Test func `what is no request of FHIR is told so, in FHIR's words`() async throws {
            try await RunningHouse.open { house in
                let body = FHIRText.heartRate(70, of: "p1")
                let gzip = ["-H", "Content-Encoding: gzip"]
                #expect(try await status(house, "POST", "/fhir", body, gzip) == 415)
                #expect(try await status(house, "POST", "/fhir", body, type: "text/plain") == 415)
                #expect(try await status(house, "POST", "/fhir/Claim", body) == 404)
                #expect(try await status(house, "DELETE", "/fhir/Observation/1", body) == 405)
                #expect(try await status(house, "GET", "/fhir/Observation/1", []) == 405)
                #expect(try await status(house, "PUT", "/fhir/Observation/1", body) == 400)
                #expect(
                    try await status(
                        house, "POST", "/fhir", body, ["-H", "If-None-Exist: identifier=1"])
                        == 412)
                let great = [UInt8](repeating: 0x20, count: (4 << 20) + 1)
                #expect(try await status(house, "POST", "/fhir", great) == 413)
                let chunked = ["-H", "Transfer-Encoding: chunked"]
                #expect(try await status(house, "POST", "/fhir", great, chunked) == 413)
                #expect(try await status(house, "POST", "/fhir", []) == 400)
                let nothing = try await house.status()
                #expect(nothing.observations == 0)
                #expect(try await status(house, "POST", "/fhir", body) == 201)
            }
        }

        /// What comes back of a request that is written byte by byte, until the connection ends.
        private func answer(
            _ house: RunningHouse, _ text: String, ends: Bool = false
        ) throws -> String {
            let socket = try PlainSocket(port: house.fhirPort)
            _ = socket.send(Array(text.utf8))
            if ends { socket.endSending() }
            var received: [UInt8] = []
            let deadline = ContinuousClock.now + .seconds(20)
            while ContinuousClock.now < deadline {
                switch socket.receive(seconds: 0.2) {
                case .bytes(let bytes): received += bytes
                case .nothingYet: continue
                case .ended: return String(decoding: received, as: UTF8.self)
                }
            }
            return "not ended: " + String(decoding: received, as: UTF8.self)
        }

        @Test func `slow, cut and crooked requests are ended, and others are served`() async throws
        {
            var plan = RunningHouse.Plan()
            plan.ingest = ["--fhir-seconds", "2", "--fhir-connections", "32"]
            try await RunningHouse.open(plan) { house in
                let ingest = try #require(house.services["ingest"]?.identifier)
                let head =
                    "POST /fhir HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\n"
                // A body that does not come to its end, and one that is cut off.
                #expect(
                    try answer(house, head + "Content-Length: 100\r\n\r\n{").hasPrefix(
                        "HTTP/1.1 408 "))
                #expect(
                    try answer(house, head + "Content-Length: 100\r\n\r\n{", ends: true)
                        .hasPrefix("HTTP/1.1 408 "))
                // A head that never ends.
                #expect(try answer(house, head + "X-Slow: ").isEmpty)
                for length in ["-1", "abc", "1\r\nContent-Length: 2", "99999999999999999999"] {
                    let answer = try answer(house, head + "Content-Length: \(length)\r\n\r\n{}")
                    #expect(answer.hasPrefix("HTTP/1.1 4"), "\(length): \(answer)")
                }
                #expect(
                    try answer(house, head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n").hasPrefix(
                        "HTTP/1.1 400 "))
                #expect(try answer(house, "garbage\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
                #expect(
                    try answer(
                        house, head + "Content-Length: 5000000\r\nExpect: 100-continue\r\n\r\n"
                    )
                    .hasPrefix("HTTP/1.1 413 "))
                // A client that drips bytes holds its own connection only.
                let slow = try (0..<24).map { _ in try PlainSocket(port: house.fhirPort) }
                for socket in slow { _ = socket.send(Array(head.utf8)) }
                let served = try await Curl.send(
                    house, "POST", "/fhir", FHIRText.heartRate(70, of: "p1"))
                #expect(served.status == 201, "\(served)")
                withExtendedLifetime(slow) {}
                #expect(house.services["ingest"]?.identifier == ingest)
                #expect(house.services["ingest"]?.isRunning == true)
            }
        }

        @Test func `twinctl sends files, and what was kept is sent again as somebody's`()
            async throws
        {
            try await RunningHouse.open { house in
                let folder = URL(filePath: house.scratch.path + "/command-fhir")
                try FileManager.default.createDirectory(
                    at: folder, withIntermediateDirectories: true)
                let lines = (0..<20).map { FHIRText.heartRate(60 + $0, of: "p\($0 % 4)") + [0x0A] }
                try Data(lines.flatMap { $0 }).write(to: folder.appending(path: "a.ndjson"))
                try Data(FHIRText.heartRate(99, of: "unknown")).write(
                    to: folder.appending(path: "b.json"))
                let door = "127.0.0.1:\(house.fhirPort)"
                let sent = try await house.twinctl(
                    "send", "fhir", folder.path, "--to", door, "--json")
                #expect(sent.status == 0, "\(sent)")
                let summary = try Shape.object(sent.output)
                #expect(summary["accepted"] as? Int == 21)
                #expect(summary["aside"] as? Int == 1)
                try await house.awaitObservations(20)
                #expect(try await house.quarantine().map(\.reason) == ["no-patient"])
                #expect(try await house.quarantine().map(\.format) == ["fhir"])
                let replayed = try await house.twinctl(
                    "quarantine", "replay", "1", "--patient", "H|7", "--data", house.ingestFolder,
                    "--to", door)
                #expect(replayed.status == 0, "\(replayed)")
                try await house.awaitObservations(21)
                #expect(try await house.history("H|7").map(\.number) == [99])
                #expect(try await house.quarantine().isEmpty)
                let refused = try await house.twinctl(
                    "send", "fhir", "/dev/null", "--to", door)
                #expect(refused.status == 1)
            }
        }

        @Test func `nothing that was acknowledged is lost with the process`() async throws {
            try await RunningHouse.open { house in
                var taken = 0
                for round in 0..<3 {
                    for second in 0..<5 {
                        let answer = try await Curl.send(
                            house, "POST", "/fhir",
                            FHIRText.heartRate(
                                70, of: "p1", time: "2026-01-12T10:1\(round):0\(second)Z"))
                        if answer.status == 201 { taken += 1 }
                    }
                    house.kill("ingest")
                    try house.start("ingest")
                    try await house.awaitUp()
                    try await eventually("the FHIR door is open", within: 10) {
                        (try? PlainSocket(port: house.fhirPort)) != nil
                    }
                }
                #expect(taken == 15)
                try await house.awaitObservations(taken)
                #expect(Set(try await house.history("p1").map(\.eventTime)).count == 15)
            }
        }
    }
}
