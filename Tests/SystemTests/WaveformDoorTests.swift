import Foundation
import Testing
import TwinTestKit

extension SystemTests {
    /// Signals become part of a twin, and stay.
    struct WaveformDoorTests {
        private struct Summary: Decodable { let blocks, accepted, refused: Int }

        private struct Features: Decodable {
            struct Value: Decodable {
                let value: Double?
                let unit: String
            }

            let features: [String: Value]
        }

        /// A minute at 75 beats a minute, as a table.
        private func table() -> String {
            let rows = (0..<7500).map { index -> String in
                let beat = (Double(index) / 125).truncatingRemainder(dividingBy: 0.8) - 0.4
                let height = exp(-pow(beat / 0.012, 2)) + 0.2 * exp(-pow((beat - 0.25) / 0.05, 2))
                let noise = Double(index * 7919 % 13) / 1000
                return "\(index * 8),\(String(format: "%.3f", height + noise))\n"
            }
            return "time_ms,II[mV]\n" + rows.joined()
        }

        private func features(_ house: RunningHouse) async throws -> [String: Features.Value] {
            try await house.twinctl("twin", "show", "WARD|7", "--json").document(Features.self)
                .features
        }

        @Test func `a recording is sent, kept, turned into features, and survives a kill`()
            async throws
        {
            try await RunningHouse.open { house in
                let path = house.scratch.path + "/ii.csv"
                try Data(table().utf8).write(to: URL(filePath: path))
                let sent = try await house.twinctl(
                    "send", "waveform", path, "--patient", "WARD|7", "--start",
                    "2026-01-12T10:00:00Z", "--to", "127.0.0.1:\(house.nativePort)", "--json")
                #expect(sent.status == 0, "\(sent)")
                let summary = try sent.document(Summary.self)
                #expect(summary.blocks == 6 && summary.accepted == 6 && summary.refused == 0)
                try await house.awaitObservations(6)
                try await eventually("the rate is told", within: 30) {
                    let rate = try await features(house)["ecg.heart_rate"]
                    return abs((rate?.value ?? 0) - 75) < 1 && rate?.unit == "/min"
                }
                let before = try await features(house)
                house.kill("store")
                try house.start("store")
                try await house.awaitUp()
                let history = try await house.history("WARD|7")
                #expect(history.count == 6 && history.allSatisfy(\.usable))
                #expect(
                    history.map(\.eventTime).sorted().last == "2026-01-12T10:00:50Z")
                let again = try await features(house)
                #expect(again.mapValues(\.value) == before.mapValues(\.value))
            }
        }

        @Test func `a recording without a start or a patient is not sent`() async throws {
            try await RunningHouse.open { house in
                let path = house.scratch.path + "/ii.csv"
                try Data(table().utf8).write(to: URL(filePath: path))
                let to = "127.0.0.1:\(house.nativePort)"
                let noStart = try await house.twinctl(
                    "send", "waveform", path, "--patient", "W|1", "--to", to)
                #expect(noStart.status == 1 && noStart.errors.contains("--start"), "\(noStart)")
                let noPatient = try await house.twinctl("send", "waveform", path, "--to", to)
                #expect(noPatient.status == 2 && noPatient.errors.contains("--patient"))
                let broken = house.scratch.path + "/cut.edf"
                try Data("0       ".utf8).write(to: URL(filePath: broken))
                let refused = try await house.twinctl(
                    "send", "waveform", broken, "--patient", "W|1", "--to", to)
                #expect(refused.status == 1 && refused.errors.contains("cut short"), "\(refused)")
            }
        }

        /// The first minute of lead MLII of a real record, in steps of 0.005 mV.
        private func steps() throws -> [Int] {
            let bytes = try #require(SharedData.bytes("mitdb/100.dat"))
            return (0..<21_600).map { frame in
                // Format 212: two samples of 12 bits in three bytes; the first is of MLII.
                let low = Int(bytes[frame * 3]) | (Int(bytes[frame * 3 + 1]) & 0x0F) << 8
                return (low > 2047 ? low - 4096 : low) - 1024
            }
        }

        /// Ten seconds of it as a gateway of IHE's profiles sends them.
        private func message(
            _ steps: ArraySlice<Int>, part: Int, patient: String, code: String, status: String = "R"
        ) -> [UInt8] {
            let time = HL7Text.time(second: part * 10).hl7
            let end = HL7Text.time(second: part * 10 + 10).hl7
            let place = "1.7.6.131330"
            let segments = [
                "MSH|^~\\&|GW|WARD|||\(time)||ORU^R01^ORU_R01|\(patient)\(part)\(status)|P|2.6",
                "PID|||\(patient)^^^WARD^MR",
                "OBR|1|||69837^MDC_OBS_WAVE_CTS^MDC|||\(time)|\(end)",
                "OBX|1|NA|\(code)|\(place)|" + steps.map { "\($0)" }.joined(separator: "^")
                    + "||||||\(status)",
                "OBX|2|NM|0^MDC_ATTR_SAMP_RATE^MDC|\(place).1|360|264608^MDC_DIM_PER_SEC^MDC|||||R",
                "OBX|3|NM|2327^MDC_ATTR_NU_MSMT_RES^MDC|\(place).2|0.005|266418^MDC_DIM_MILLI_VOLT^MDC"
                    + "|||||R",
            ]
            return Array((segments.joined(separator: "\r") + "\r").utf8)
        }

        private func resource(_ steps: ArraySlice<Int>, part: Int, patient: String) -> [UInt8] {
            let time = HL7Text.time(second: part * 10).rfc3339
            return Array(
                (#"{"resourceType":"Observation","status":"final","code":{"coding":[{"code":"MLII"}]},"#
                    + #""subject":{"identifier":{"system":"WARD","value":"\#(patient)"}},"#
                    + #""effectiveDateTime":"\#(time)","valueSampledData":{"origin":{"value":0,"unit":"mV"},"#
                    + #""period":2.777777777777778,"factor":0.005,"dimensions":1,"data":""#
                    + steps.map { "\($0)" }.joined(separator: " ") + #""}}"#).utf8)
        }

        private func ecg(
            _ house: RunningHouse, _ patient: String
        ) async throws -> [String: Double] {
            try await house.twinctl("twin", "show", patient, "--json").document(Features.self)
                .features.compactMapValues(\.value).filter { $0.key.hasPrefix("ecg.") }
        }

        /// By each door the same minute; the features are those of the native one.
        @Test(
            .enabled(
                if: SharedData.isPresent && Curl.isPresent,
                "the shared data folder or curl is absent"))
        func `a real ECG has the same features by every door`() async throws {
            let steps = try steps()
            try await RunningHouse.open { house in
                let path = house.scratch.path + "/mlii.csv"
                let table = steps.enumerated().map { index, step in
                    String(format: "%.6f,%.3f\n", Double(index) * 1000 / 360, Double(step) / 200)
                }
                try Data(("time_ms,MLII[mV]\n" + table.joined()).utf8).write(
                    to: URL(filePath: path))
                let sent = try await house.twinctl(
                    "send", "waveform", path, "--patient", "WARD|1", "--start",
                    "2026-01-01T00:00:00Z", "--to", "127.0.0.1:\(house.nativePort)", "--json")
                #expect(sent.status == 0, "\(sent)")
                let sender = try MLLPSender(port: house.mllpPort)
                for part in 0..<6 {
                    let ten = steps[part * 3600..<(part + 1) * 3600]
                    #expect(
                        sender.send(message(ten, part: part, patient: "2", code: "MLII^MLII^99X")))
                    #expect(sender.reply()?.code == "AA")
                    let answer = try await Curl.send(
                        house, "POST", "/fhir/Observation", resource(ten, part: part, patient: "3"))
                    #expect(answer.status == 201, "\(answer)")
                }
                try await house.awaitObservations(18)
                try await eventually("each has the same rhythm", within: 60) {
                    let native = try await ecg(house, "WARD|1")
                    guard native.count > 5 else { return false }
                    for patient in ["WARD|2", "WARD|3"] {
                        let own = try await ecg(house, patient)
                        guard own.count == native.count else { return false }
                        for (name, value) in native {
                            let difference = abs((own[name] ?? .infinity) - value)
                            guard difference <= 1e-6 * max(1, abs(value)) else { return false }
                        }
                    }
                    return abs((native["ecg.heart_rate"] ?? 0) - 74) < 3
                }
                // The file and the twin tell of the same beats.
                let beats = try await house.twinctl("waveform", "beats", path, "--list", "--json")
                #expect(beats.output.split(separator: "\n").count > 70, "\(beats)")
                try await withdraw(steps, sender, house)
            }
        }

        /// What its sender takes back makes no features.
        private func withdraw(
            _ steps: [Int], _ sender: MLLPSender, _ house: RunningHouse
        ) async throws {
            for part in 0..<6 {
                let ten = steps[part * 3600..<(part + 1) * 3600]
                let message = message(
                    ten, part: part, patient: "2", code: "MLII^MLII^99X", status: "W")
                #expect(sender.send(message) && sender.reply()?.code == "AA")
            }
            try await eventually("the rhythm is gone", within: 30) {
                try await ecg(house, "WARD|2")["ecg.heart_rate"] == nil
            }
            let history = try await house.history("WARD|2")
            #expect(history.count == 12)
            #expect(history.filter { $0.flags.contains("wrong-patient") }.count == 6)
            #expect(try await ecg(house, "WARD|3")["ecg.heart_rate"] != nil)
        }
    }
}
