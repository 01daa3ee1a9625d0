import Foundation

/// One connection to an MLLP door: sends messages, reads their acknowledgements in order.
///
/// Up to `window` messages are under way at once; after a lost connection those without an
/// acknowledgement are sent again, which the door takes as the repeats they are.
final class MLLPClient {
    /// What the door said of one message.
    struct Acknowledgement: Sendable {
        /// `AA`, `AE` or `AR`.
        let code: String
        let controlID: String
        /// What ERR and MSA-3 say, for people.
        let detail: String
    }

    private let host: String
    private let port: UInt16
    private let window: Int
    private var descriptor: Int32 = -1
    private var received: [UInt8] = []
    private var unanswered: [[UInt8]] = []

    /// Connects to `HOST:PORT`.
    init(to address: String, window: Int = 64) throws {
        guard let colon = address.lastIndex(of: ":"),
            let port = UInt16(address[address.index(after: colon)...])
        else { throw CommandFailure("'\(address)' is not HOST:PORT", status: 2) }
        host = String(address[..<colon])
        self.port = port
        self.window = window
        try connect()
    }

    deinit { disconnect() }

    /// Lets go of the connection; the number may be somebody else's from now on.
    private func disconnect() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        received = []
    }

    /// Sends one message; returns the acknowledgements that were waited for meanwhile.
    func send(_ message: [UInt8]) throws -> [Acknowledgement] {
        var acknowledged: [Acknowledgement] = []
        while unanswered.count >= window { acknowledged.append(try next()) }
        unanswered.append([0x0B] + message + [0x1C, 0x0D])
        do { try write(unanswered[unanswered.count - 1]) } catch { try reconnect() }
        return acknowledged
    }

    /// The acknowledgements that are there, or come within the time.
    func poll(milliseconds: Int32) throws -> [Acknowledgement] {
        var acknowledged: [Acknowledgement] = []
        while !unanswered.isEmpty, hasWhole || isReadable(milliseconds) {
            acknowledged.append(try next())
        }
        if unanswered.isEmpty, acknowledged.isEmpty, milliseconds > 0 {
            usleep(UInt32(milliseconds) * 1000)
        }
        return acknowledged
    }

    /// Whether an acknowledgement was received to its end.
    private var hasWhole: Bool { received.contains(0x1C) }

    private func isReadable(_ milliseconds: Int32) -> Bool {
        var asked = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Foundation.poll(&asked, 1, milliseconds) > 0
    }

    /// Waits for the acknowledgement of everything that was sent.
    func finish() throws -> [Acknowledgement] {
        var acknowledged: [Acknowledgement] = []
        while !unanswered.isEmpty { acknowledged.append(try next()) }
        return acknowledged
    }

    /// The next acknowledgement, in the order of sending.
    private func next() throws -> Acknowledgement {
        while true {
            if let start = received.firstIndex(of: 0x0B),
                let end = received[start...].firstIndex(of: 0x1C), end + 1 < received.count
            {
                let frame = Array(received[(start + 1)..<end])
                received.removeSubrange(...(end + 1))
                unanswered.removeFirst()
                return MLLPClient.read(frame)
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 {
                received += buffer[..<count]
            } else {
                try reconnect()
            }
        }
    }

    private static func read(_ frame: [UInt8]) -> Acknowledgement {
        let segments = frame.split(whereSeparator: { $0 == 0x0D || $0 == 0x0A })
        func fields(_ name: String) -> [String] {
            let segment = segments.first { $0.starts(with: name.utf8) } ?? []
            return segment.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
        }
        let acknowledgement = fields("MSA")
        let detail = (acknowledgement.dropFirst(3) + fields("ERR").dropFirst())
            .filter { !$0.isEmpty }.joined(separator: " ")
        return Acknowledgement(
            code: acknowledgement.count > 1 ? acknowledgement[1] : "?",
            controlID: acknowledgement.count > 2 ? acknowledgement[2] : "", detail: detail)
    }

    private func connect() throws {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let found else {
            throw CommandFailure("\(host) is not known", status: 69)
        }
        defer { freeaddrinfo(found) }
        descriptor = socket(found.pointee.ai_family, found.pointee.ai_socktype, 0)
        guard Foundation.connect(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0
        else {
            throw CommandFailure(
                "no MLLP door answers at \(host):\(port): start one with `twinctl up`, or name it "
                    + "with --to HOST:PORT", status: 69)
        }
        var on: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    private func reconnect() throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            disconnect()
            do {
                try connect()
                for message in unanswered { try write(message) }
                return
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                usleep(200_000)
            }
        }
    }

    private func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw CommandFailure("the connection was lost", status: 69) }
            sent += count
        }
    }
}
