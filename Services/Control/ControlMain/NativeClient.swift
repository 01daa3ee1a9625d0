import TwinCore
import TwinLinkZeroMQ
import TwinWire

/// One connection to ingest's native door, as a device has it.
struct NativeClient: Sendable {
    private let client: DoorClient

    /// Connects, lets the body submit, disconnects; exit status 69 where nobody answers in time.
    static func use<Result>(
        _ address: String, _ curve: Curve?, _ body: (NativeClient) async throws -> Result
    ) async throws -> Result {
        let door = DoorClient.Door(address: address, name: "ingest", option: "--to")
        return try await DoorClient.use(
            door, curve, name: "twinctl", role: "device", windowByteCount: 16 << 20
        ) { try await body(NativeClient(client: $0)) }
    }

    /// Gives observations, again where the door asks for time; nil once they are on its disk.
    func submit(_ observations: [Observation]) async throws -> Refusal? {
        let payload = Message.submit(ObservationBatch(observations)).payload()
        while true {
            switch try Message(try await client.ask(payload, deadlineMs: 60_000)) {
            case .accepted: return nil
            case .refused(let refusal):
                guard let retryAfterMs = refusal.retryAfterMs else { return refusal }
                try await Task.sleep(for: .milliseconds(Int(retryAfterMs)))
            default: throw CommandFailure("ingest gave an answer to another question")
            }
        }
    }
}
