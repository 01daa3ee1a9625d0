import Foundation

/// A TCP connection with nothing on top of it.
final class PlainSocket: Sendable {
    private let descriptor: Int32

    /// Connects to a port of this machine.
    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = PlainSocket.address(port: port)
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        // What was set up whole is also taken down: the descriptor is closed by `deinit`.
        guard isConnected else { throw SystemFailure("nobody listens at port \(port)") }
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
    }

    deinit { close(descriptor) }

    private static func address(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }

    /// Whether nobody listens at a port.
    static func isFree(port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
        var address = address(port: port)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// Sends all of it; false where the other side is gone, or takes nothing for `seconds`.
    func send(_ bytes: [UInt8], seconds: Double = 10) -> Bool {
        setTimeout(SO_SNDTIMEO, seconds)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    enum Received: Equatable {
        case bytes([UInt8])
        case nothingYet
        case ended
    }

    /// What comes within `seconds`.
    func receive(seconds: Double) -> Received {
        setTimeout(SO_RCVTIMEO, seconds)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 { return .bytes(Array(buffer[..<count])) }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? .nothingYet : .ended
    }

    /// Says that nothing more comes from this side.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    private func setTimeout(_ option: Int32, _ seconds: Double) {
        var time = timeval()
        time.tv_sec = Int(seconds)
        time.tv_usec = Int((seconds - Double(Int(seconds))) * 1_000_000)
        setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
    }
}

/// The plainest MLLP sender: frames out, frames in.
final class MLLPSender {
    private let socket: PlainSocket
    private var received: [UInt8] = []

    init(port: Int) throws { socket = try PlainSocket(port: port) }

    static func framed(_ message: [UInt8]) -> [UInt8] { [0x0B] + message + [0x1C, 0x0D] }

    /// Sends bytes as they are.
    func send(raw bytes: [UInt8]) -> Bool { socket.send(bytes) }

    func send(_ message: [UInt8]) -> Bool { send(raw: MLLPSender.framed(message)) }

    func endSending() { socket.endSending() }

    /// The next reply; nil where none comes in time, or no more come.
    func reply(within seconds: Double = 10) -> HL7Reply? {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            if let reply = nextReceived() { return reply }
            guard ContinuousClock.now < deadline else { return nil }
            switch socket.receive(seconds: 0.1) {
            case .bytes(let bytes): received += bytes
            case .nothingYet: continue
            case .ended: return nil
            }
        }
    }

    /// Every reply until the other side ends the connection or is silent for so long.
    func replies(untilSilentFor seconds: Double) -> [HL7Reply] {
        var replies: [HL7Reply] = []
        while let reply = reply(within: seconds) { replies.append(reply) }
        return replies
    }

    private func nextReceived() -> HL7Reply? {
        guard let end = received.firstIndex(of: 0x1C), end + 1 < received.count else { return nil }
        let frame = received[..<end].drop { $0 == 0x0B }
        let reply = HL7Reply(String(decoding: frame, as: UTF8.self))
        received.removeSubrange(...(end + 1))
        return reply
    }
}

/// What was said of a message.
struct HL7Reply: CustomStringConvertible {
    let description: String
    /// `AA`, `AE` or `AR`.
    let code: String
    let controlID: String

    init(_ text: String) {
        description = text.replacing("\r", with: "/")
        let segments = text.split(separator: "\r")
        let separator = text.dropFirst(3).first ?? "|"
        let fields = (segments.first { $0.hasPrefix("MSA") } ?? "")
            .split(separator: separator, omittingEmptySubsequences: false)
        code = fields.count > 1 ? String(fields[1]) : ""
        controlID = fields.count > 2 ? String(fields[2]) : ""
    }
}

/// Small good messages.
enum HL7Text {
    /// One heart rate of one patient.
    static func heartRate(
        _ rate: Int, of patient: String, authority: String = "SYSTEM", id: String, time: String
    ) -> [UInt8] {
        let segments = [
            "MSH|^~\\&|SYSTEMTESTS|WARD|||20260112101500+0000||ORU^R01^ORU_R01|\(id)|P|2.6",
            "PID|||\(patient)^^^\(authority)^MR", "OBR|1|||V^V^L|||\(time)",
            "OBX|1|NM|8867-4^Heart rate^LN||\(rate)|/min|||||F|||\(time)",
        ]
        return Array((segments.joined(separator: "\r") + "\r").utf8)
    }

    /// A time so many seconds after the beginning of 2026, as HL7 and as RFC 3339.
    static func time(second: Int) -> (hl7: String, rfc3339: String) {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (day, hour) = (1 + second / 86_400, two(second / 3600 % 24))
        let (minute, rest) = (two(second / 60 % 60), two(second % 60))
        return (
            "202601\(two(day))\(hour)\(minute)\(rest)+0000",
            "2026-01-\(two(day))T\(hour):\(minute):\(rest)Z"
        )
    }
}
