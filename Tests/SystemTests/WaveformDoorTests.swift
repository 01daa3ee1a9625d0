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
    }
}
