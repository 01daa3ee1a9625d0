import Foundation
import Testing
import TwinTestKit

extension SystemTests {
    /// Senders who mean ill, or are broken: the process keeps its memory and the others their service.
    struct FloodTests {
        /// How much the resident memory may grow.
        static let growthKilobytesMax = 64 << 10

        @Test func `floods into the MLLP door cost little memory, and others are served`()
            async throws
        {
            raiseOpenFileLimit()
            try await RunningHouse.open { house in
                let ingest = try #require(house.services["ingest"])
                let good = try MLLPSender(port: house.mllpPort)
                var count = 0
                func servesOthers(_ meanwhile: String) throws {
                    for _ in 0..<20 {
                        count += 1
                        let message = HL7Text.heartRate(
                            70, of: "GOOD", id: "F\(count)", time: HL7Text.time(second: count).hl7)
                        #expect(good.send(message))
                        #expect(good.reply(within: 5)?.code == "AA", "\(meanwhile)")
                    }
                }
                try servesOthers("at first")
                let before = ingest.residentKilobytes
                try sendTooMuch(house, byteCount: 100 << 20)
                try servesOthers("after 100 MB in a frame")
                try sendTooMuch(house, byteCount: nil)
                try servesOthers("after a frame without end")
                try startBlocks(house)
                try servesOthers("after start blocks")
                try withExtendedLifetime(idle(house.mllpPort, count: 1000)) {
                    try servesOthers("while 1000 connections idle")
                }
                let growth = ingest.residentKilobytes - before
                print("floods into the MLLP door: \(before) kB, then \(growth) kB more")
                #expect(growth < Self.growthKilobytesMax)
                try await eventually("a new sender is let in", within: 5) {
                    guard let late = try? MLLPSender(port: house.mllpPort) else { return false }
                    let message = HL7Text.heartRate(
                        70, of: "GOOD", id: "LATE", time: HL7Text.time(second: 0).hl7)
                    return late.send(message) && late.reply(within: 1)?.code == "AA"
                }
                try await house.awaitObservations(count + 1)
            }
        }

        /// The soft limit of open files is often 1024.
        private func raiseOpenFileLimit() {
            var limit = rlimit()
            let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            getrlimit(files, &limit)
            limit.rlim_cur = min(limit.rlim_max, 8192)
            setrlimit(files, &limit)
        }

        /// Sends a frame above the limit, or one without end: nobody listens to that for long.
        private func sendTooMuch(_ house: RunningHouse, byteCount: Int?) throws {
            let socket = try PlainSocket(port: house.mllpPort)
            let piece = [UInt8](repeating: UInt8(ascii: "A"), count: 1 << 20)
            _ = socket.send([0x0B] + Array("MSH|^~\\&|X|Y|||2026||ORU^R01|BIG|P|2.6\r".utf8))
            var sent = 0
            let start = ContinuousClock.now
            while byteCount.map({ sent < $0 }) ?? true, socket.send(piece) {
                sent += piece.count
                guard ContinuousClock.now - start < .seconds(5) else {
                    Issue.record("a frame of \(sent >> 20) MB is still listened to")
                    return
                }
            }
            if byteCount != nil { _ = socket.send([0x1C, 0x0D]) }
            print("\(sent >> 20) MB of one frame went out in \(ContinuousClock.now - start)")
        }

        private func startBlocks(_ house: RunningHouse) throws {
            let sender = try MLLPSender(port: house.mllpPort)
            _ = sender.send(raw: [UInt8](repeating: 0x0B, count: 65_536))
            #expect(sender.replies(untilSilentFor: 0.3).isEmpty)
        }

        private func idle(_ port: Int, count: Int) throws -> [PlainSocket] {
            try (0..<count).map { _ in try PlainSocket(port: port) }
        }

        @Test(.enabled(if: NativePeer.isPresent, NativePeer.whyAbsent))
        func `garbage at the native door costs little memory, and others are served`()
            async throws
        {
            raiseOpenFileLimit()
            try await RunningHouse.open { house in
                let ingest = try #require(house.services["ingest"])
                let first = try await NativePeer.feed(house, count: 200, patient: "GOOD|1")
                #expect(first.status == 0, "\(first)")
                let before = ingest.residentKilobytes
                let socket = try PlainSocket(port: house.nativePort)
                let piece = [UInt8](repeating: 0xFF, count: 1 << 20)
                var sent = 0
                while sent < 100, socket.send(piece, seconds: 2) { sent += 1 }
                let idlers = try idle(house.nativePort, count: 1000)
                let (port, scratch) = (house.nativePort, house.scratch.path)
                async let garbage = NativePeer.run(
                    port: port, scratch: scratch, "native_garbage.py", [])
                let second = try await NativePeer.feed(house, count: 200, patient: "GOOD|2")
                #expect(second.status == 0, "\(second)")
                let finished = try await garbage
                #expect(finished.status == 0, "\(finished)")
                withExtendedLifetime(idlers) {}
                // What libzmq still holds of messages of many frames goes once they are read.
                var growth = ingest.residentKilobytes - before
                for _ in 0..<40 where growth >= Self.growthKilobytesMax {
                    try await Task.sleep(for: .milliseconds(500))
                    growth = ingest.residentKilobytes - before
                }
                print(
                    "floods into the native door: \(before) kB, then \(growth) kB more; "
                        + "\(sent) MB of noise were taken; \(finished.output)")
                #expect(growth < Self.growthKilobytesMax)
                #expect(ingest.isRunning)
                try await house.awaitObservations(400)
                #expect(try await house.status().observations == 400)
            }
        }
    }
}
