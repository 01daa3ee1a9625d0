import Foundation
import IngestFHIR
import TwinJSON

/// One connection to a FHIR door: a request, then its answer.
///
/// What can't be stored now, or was not answered, is sent again for half a minute: a resource that
/// comes twice does nothing twice.
final class FHIRClient: MessageClient {
    private static let patience = Duration.seconds(30)

    private let host: String
    private let port: UInt16
    private var descriptor: Int32 = -1
    private var received: [UInt8] = []

    /// Connects to `HOST:PORT`.
    init(to address: String) throws {
        (host, port) = try ClientSocket.place(address)
        try connect()
    }

    deinit { disconnect() }

    private func connect() throws {
        descriptor = try ClientSocket.connect(host, port, door: "FHIR")
    }

    private func disconnect() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        received = []
    }

    func send(_ message: [UInt8]) throws -> [MLLPClient.Acknowledgement] {
        let request = FHIRRequest(message)
        let deadline = ContinuousClock.now + FHIRClient.patience
        while true {
            let answer = try self.answer(to: request, deadline)
            guard answer.status == 503 || answer.status == 429, ContinuousClock.now < deadline
            else { return [FHIRClient.acknowledgement(answer, request)] }
            Thread.sleep(forTimeInterval: Double(min(max(1, answer.retryAfterSeconds), 30)))
        }
    }

    func finish() throws -> [MLLPClient.Acknowledgement] { [] }

    private struct Answer {
        var status = 0
        var retryAfterSeconds = 0
        var isLast = false
        var body: [UInt8] = []
    }

    private func answer(
        to request: FHIRRequest, _ deadline: ContinuousClock.Instant
    ) throws -> Answer {
        while true {
            do {
                if descriptor < 0 { try connect() }
                try ClientSocket.write(head(of: request) + request.body, to: descriptor)
                let answer = try read()
                if answer.isLast { disconnect() }
                return answer
            } catch {
                disconnect()
                guard ContinuousClock.now < deadline else { throw error }
                usleep(200_000)
            }
        }
    }

    private func head(of request: FHIRRequest) -> [UInt8] {
        let path = request.target.isEmpty ? "/fhir" : "/fhir/" + request.target
        return Array(
            ("\(request.method.rawValue) \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\n"
                + "Content-Type: application/fhir+json\r\nContent-Length: \(request.body.count)\r\n\r\n")
                .utf8)
    }

    /// The next answer, which names its length, as this house's door does.
    private func read() throws -> Answer {
        let mark: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        while received.firstRange(of: mark) == nil { try receive() }
        guard let end = received.firstRange(of: mark) else { throw lost }
        let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self)
            .split(separator: "\r\n")
        var answer = Answer()
        var length = 0
        answer.status = Int(lines.first?.split(separator: " ").dropFirst().first ?? "") ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            let value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
            switch parts.first?.lowercased() {
            case "content-length": length = Int(value) ?? 0
            case "retry-after": answer.retryAfterSeconds = Int(value) ?? 0
            case "connection": answer.isLast = value.lowercased() == "close"
            default: break
            }
        }
        guard answer.status > 0, (0...64 << 20).contains(length) else { throw lost }
        while received.count < end.upperBound + length { try receive() }
        answer.body = Array(received[end.upperBound..<end.upperBound + length])
        received.removeSubrange(..<(end.upperBound + length))
        return answer
    }

    private var lost: CommandFailure { CommandFailure("the connection was lost", status: 69) }

    private func receive() throws {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { throw lost }
        received += buffer[..<count]
    }

    private static func acknowledgement(
        _ answer: Answer, _ request: FHIRRequest
    ) -> MLLPClient.Acknowledgement {
        let root = try? JSONDocument(answer.body).root
        var outcomes = root.map { [$0] } ?? []
        var refusedCount = 0
        var isAside = answer.status == 202
        if root?["resourceType"]?.string == "Bundle" {
            outcomes = []
            for entry in root?["entry"]?.elements ?? [] {
                guard let response = entry["response"] else { continue }
                let status = response["status"]?.string ?? ""
                if status.hasPrefix("202") { isAside = true }
                guard status.hasPrefix("4"), let outcome = response["outcome"] else { continue }
                refusedCount += 1
                outcomes.append(outcome)
            }
        }
        let issue = outcomes.first?["issue"]?.elements.first
        let place = issue?["expression"]?.elements.first?.string.map { $0 + ": " } ?? ""
        let count = refusedCount > 1 ? "\(refusedCount) entries, the first: " : ""
        return MLLPClient.Acknowledgement(
            code: "\(answer.status)", controlID: request.target,
            detail: count + place + (issue?["diagnostics"]?.string ?? ""),
            isAccepted: (200..<300).contains(answer.status) && refusedCount == 0, isAside: isAside)
    }
}
