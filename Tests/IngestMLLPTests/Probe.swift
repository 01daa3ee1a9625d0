import IngestHL7
import IngestMLLP
import Synchronization

/// A server whose frames are answered by hand, or at once.
final class Probe: Sendable {
    private let inputs = Mutex<[MLLPInput]>([])
    private let server = Mutex<MLLPServer?>(nil)

    var received: [MLLPInput] { inputs.withLock { $0 } }
    var frames: [[UInt8]] {
        received.compactMap { input in
            guard case .frame(let bytes) = input.content else { return nil }
            return bytes
        }
    }
    var faults: [MLLPFramer.Fault] {
        received.compactMap { input in
            guard case .fault(let fault, _) = input.content else { return nil }
            return fault
        }
    }

    /// Echoes each frame, if `answers`; an oversized one is answered with `!`.
    func start(_ settings: MLLPSettings, answers: Bool) async throws -> (MLLPServer, Int) {
        let server = MLLPServer(settings) { inputs in
            self.inputs.withLock { $0 += inputs }
            if answers { self.answer(inputs) }
        }
        self.server.withLock { $0 = server }
        return (server, try await server.start())
    }

    func answer(_ inputs: [MLLPInput]) {
        let answers = inputs.compactMap { input -> MLLPAnswer? in
            switch input.content {
            case .frame(let bytes): MLLPAnswer(connection: input.connection, bytes: bytes)
            case .fault(.oversized, _): MLLPAnswer(connection: input.connection, bytes: [0x21])
            case .fault: nil
            }
        }
        server.withLock { $0 }?.send(answers)
    }

    /// A message that can be told from the others.
    static func text(_ number: Int) -> [UInt8] { Array("MSH|\(number)".utf8) }

    /// Waits until something holds, for at most ten seconds.
    func wait(until holds: (Probe) -> Bool) async -> Bool {
        for _ in 0..<1000 {
            if holds(self) { return true }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}

extension MLLPSettings {
    /// Settings for a test: whatever port is free.
    static func onAnyPort(_ change: (inout MLLPSettings) -> Void = { _ in }) -> MLLPSettings {
        var settings = MLLPSettings(port: 0)
        change(&settings)
        return settings
    }
}
