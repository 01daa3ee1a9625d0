import Foundation

/// One connection to an MLLP door: sends messages, reads their acknowledgements in order.
///
/// Up to `window` messages are under way at once; after a lost connection those without an
/// acknowledgement are sent again, which the door takes as the repeats they are.
final class MLLPClient: MessageClient {
    /// What the door said of one message.
    struct Acknowledgement: Sendable {
        /// `AA`, `AE` or `AR`.
        let code: String
        let controlID: String
        /// What ERR and MSA-3 say, for people.
        let detail: String
        let isAccepted: Bool
        /// Whether it is kept in quarantine although it was accepted.
        var isAside = false
    }

    private let host: String
    private let port: UInt16
    private let window: Int
    private var descriptor: Int32 = -1
    private var received: [UInt8] = []
    private var unanswered: [MLLPMessage] = []
    /// Acknowledgements that came in one frame with another.
    private var read: [Acknowledgement] = []
    private static let silenceSecondsMax = 60

    /// Connects to `HOST:PORT`.
    init(to address: String, window: Int = 64) throws {
        (host, port) = try ClientSocket.place(address)
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
        let message = MLLPMessage(message)
        // What asks for no answer is not waited for, and not sent again.
        if message.answerCount > 0 { unanswered.append(message) }
        do { try write(message.frame) } catch {
            try reconnect()
            if message.answerCount == 0 { try write(message.frame) }
        }
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
    private var hasWhole: Bool { !read.isEmpty || received.contains(0x1C) }

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

    /// The next acknowledgement, in the order of arrival.
    private func next() throws -> Acknowledgement {
        while true {
            if !read.isEmpty {
                let acknowledgement = read.removeFirst()
                settle(acknowledgement)
                return acknowledgement
            }
            if let start = received.firstIndex(of: 0x0B),
                let end = received[start...].firstIndex(of: 0x1C), end + 1 < received.count
            {
                let frame = Array(received[(start + 1)..<end])
                received.removeSubrange(...(end + 1))
                read = MLLPClient.read(frame)
                continue
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 {
                received += buffer[..<count]
            } else if count < 0, errno == EAGAIN || errno == EINTR {
                throw CommandFailure(
                    "\(unanswered.count) messages have no answer for "
                        + "\(MLLPClient.silenceSecondsMax) s: see the log of ingest", status: 69)
            } else {
                try reconnect()
            }
        }
    }

    /// Takes the message off that was answered: by its id, else the oldest.
    private func settle(_ acknowledgement: Acknowledgement) {
        let place = unanswered.firstIndex { $0.controlID == acknowledgement.controlID } ?? 0
        guard place < unanswered.count else { return }
        unanswered[place].answerCount -= 1
        if unanswered[place].answerCount <= 0 { unanswered.remove(at: place) }
    }

    /// Every acknowledgement of a frame: a batch is answered by one of several.
    private static func read(_ frame: [UInt8]) -> [Acknowledgement] {
        let segments = frame.split(whereSeparator: { $0 == 0x0D || $0 == 0x0A })
        var found: [[String]] = []
        for segment in segments {
            let separator = segment.count > 3 ? segment[segment.startIndex + 3] : 0x7C
            let fields = segment.split(separator: separator, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            switch fields.first {
            case "MSA": found.append(fields)
            case "ERR" where !found.isEmpty: found[found.count - 1] += fields.dropFirst()
            default: break
            }
        }
        if found.isEmpty { found = [[]] }
        return found.map { fields in
            let code = fields.count > 1 ? fields[1] : "?"
            return Acknowledgement(
                code: code, controlID: fields.count > 2 ? fields[2] : "",
                detail: fields.dropFirst(3).filter { !$0.isEmpty }.joined(separator: " "),
                isAccepted: code == "AA" || code == "CA")
        }
    }

    private func connect() throws {
        descriptor = try ClientSocket.connect(host, port, door: "MLLP")
    }

    private func reconnect() throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            disconnect()
            do {
                try connect()
                for message in unanswered { try write(message.frame) }
                return
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                usleep(200_000)
            }
        }
    }

    private func write(_ bytes: [UInt8]) throws { try ClientSocket.write(bytes, to: descriptor) }
}
