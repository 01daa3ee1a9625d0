import Foundation
import Testing
import TwinTestKit

extension SystemTests {
    /// What scripts rely on: exit statuses, JSON, errors that say what to do.
    struct ContractTests {
        @Test func `exit statuses are 0, 1, 2 and 69, and errors say what to do`() async throws {
            try await RunningHouse.open { house in
                let missing = house.scratch.path + "/none.hl7"
                let nobody = "tcp://127.0.0.1:\(try Ports.sixFree())"
                let cases: [(arguments: [String], status: Int32, says: String)] = [
                    (["--version"], 0, ""), (["--help"], 0, ""), (["twin", "--help"], 0, ""),
                    (["status"], 0, ""), (["twin", "list", "--json"], 0, ""),
                    (["nonsense"], 2, "twinctl"), (["twin", "show"], 2, "id"),
                    (["status", "--no-such-flag"], 2, "--no-such-flag"),
                    (["up", "--ports-from", "7"], 2, "1024"),
                    (["send", "table", missing], 2, "--mapping"),
                    (["twin", "show", "NOBODY"], 1, "see the list of twins"),
                    (["twin", "history", "NOBODY"], 1, "see the list of twins"),
                    (["twin", "explain", "NOBODY"], 1, "see the list of twins"),
                    (["model", "activate", "0000"], 1, "twinctl model list"),
                    (["model", "rollback", "nothing"], 1, "no artifact spoke"),
                    (["model", "push", missing], 1, "does it exist"),
                    (["send", "hl7", missing], 1, "does not exist"),
                    (["twin", "list", "--store", nobody], 69, "twinctl up"),
                    (["model", "list", "--store", nobody], 69, "--store"),
                ]
                for one in cases {
                    let found = try await Executables.run(
                        Executables.folder.appending(path: "twinctl"), one.arguments,
                        in: house.scratch.path,
                        environment: ["TWINLINE_STORE_CLIENTS": house.storeAddress])
                    #expect(found.status == one.status, "\(one.arguments): \(found)")
                    let text = one.status == 0 ? found.output : found.errors
                    #expect(one.says.isEmpty || text.contains(one.says), "\(one): \(found)")
                    #expect(one.status == 0 || found.output.isEmpty, "\(one): \(found)")
                }
                try await refuseToSend(house)
            }
        }

        private func refuseToSend(_ house: RunningHouse) async throws {
            let path = house.scratch.path + "/bad.hl7"
            try Data("MSH|^~\\&|X|Y\rPID|||\r".utf8).write(to: URL(filePath: path))
            let to = ["--to", "127.0.0.1:\(house.mllpPort)"]
            let refused = try await house.twinctl("send", "hl7", path, to[0], to[1], "--json")
            struct Summary: Decodable { let sent, accepted, refused: Int }
            let summary = try refused.document(Summary.self)
            #expect(refused.status == 1 && summary.refused == 1 && summary.accepted == 0)
            let closed = try Ports.sixFree()
            let nobody = try await house.twinctl("send", "hl7", path, "--to", "127.0.0.1:\(closed)")
            #expect(nobody.status == 69 && nobody.errors.contains("twinctl up"), "\(nobody)")
            let nowhere = try await house.twinctl("send", "hl7", path, "--to", "nowhere")
            #expect(nowhere.status == 2 && nowhere.errors.contains("HOST:PORT"), "\(nowhere)")
        }

        @Test func `the status of no store is said soon`() async throws {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let found = try await Executables.run(
                Executables.folder.appending(path: "twinctl"),
                ["status", "--json", "--store", "tcp://127.0.0.1:\(try Ports.sixFree())"],
                in: scratch.path)
            #expect(found.status == 69)
            #expect(found.took < .seconds(30))
            #expect(found.errors.contains("twinctl up") && found.output.isEmpty, "\(found)")
        }

        @Test func `twins have the shapes that others rely on`() async throws {
            try await RunningHouse.open(RunningHouse.Plan(models: 1)) { house in
                try await house.admitWard()
                _ = try await house.activateFirst()
                try await house.settle()
                let id = "SIMULATED|WARD-001"
                let shown = try await house.twinctl("twin", "show", id, "--json")
                #expect(shown.lines.count == 1)
                try Shape.checkTwin(try Shape.object(shown.output), id: id)
                // An identifier that one twin alone has will do.
                let short = try await house.twinctl("twin", "show", "WARD-001", "--json")
                try Shape.checkTwin(try Shape.object(short.output), id: id)
                let history = try await house.twinctl("twin", "history", id, "--json")
                #expect(history.lines.count > 10)
                for line in history.lines { try Shape.checkHistoryLine(String(line)) }
                let status = try await house.twinctl("status", "--json")
                #expect(status.lines.count == 1)
                #expect(try Shape.object(status.output)["health"] as? String == "ok")
            }
        }

        @Test func `up starts everything, prints the addresses, and ends with its signal`()
            async throws
        {
            let scratch = try ScratchFolder()
            defer { scratch.remove() }
            let first = try Ports.sixFree()
            let log = URL(filePath: scratch.path + "/up.log")
            let up = try ServiceProcess(
                "twinctl",
                ["up", "--data", scratch.path + "/data", "--ports-from", "\(first)", "--json"],
                log: log)
            defer { _ = up.end() }
            try await eventually("the addresses are printed", within: 30) {
                try String(contentsOf: log, encoding: .utf8).contains("\n")
            }
            let addresses = try Shape.object(try String(contentsOf: log, encoding: .utf8))
            #expect(addresses["mllp"] as? String == "127.0.0.1:\(first + 1)")
            #expect(addresses["fhir"] as? String == "127.0.0.1:\(first + 5)")
            #expect(addresses["native"] as? String == "tcp://127.0.0.1:\(first)")
            let store = try #require(addresses["store"] as? [String: Any])
            let clients = try #require(store["clients"] as? String)
            let status = try await Executables.run(
                Executables.folder.appending(path: "twinctl"),
                ["status", "--json", "--store", clients], in: scratch.path)
            let peers = try status.document(Document.Status.self).peers.map(\.name)
            #expect(Set(peers).isSuperset(of: ["feature-1", "model-1"]), "\(peers)")
            let sender = try MLLPSender(port: first + 1)
            let time = HL7Text.time(second: 0).hl7
            #expect(sender.send(HL7Text.heartRate(70, of: "UP", id: "1", time: time)))
            #expect(sender.reply()?.code == "AA")
            #expect(up.end() == 0)
            #expect((0..<6).allSatisfy { PlainSocket.isFree(port: first + $0) })
        }
    }
}
