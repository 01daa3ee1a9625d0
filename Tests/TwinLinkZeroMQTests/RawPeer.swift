import Glibc

/// A plain TCP connection that speaks as much of ZeroMQ's protocol (ZMTP 3.0) as it likes.
final class RawPeer {
    private let descriptor: Int32

    /// Nil if nobody listens there.
    init?(address: String) {
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            return nil
        }
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &place) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard status == 0 else { return nil }
    }

    deinit { close(descriptor) }

    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Nil when the other side has closed; empty when nothing came for ten seconds.
    func read(countMax: Int = 65_536) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: countMax)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        if count == 0 { return nil }
        if count < 0 { return errno == EAGAIN ? [] : nil }
        return Array(bytes.prefix(count))
    }

    /// Whether the other side closes the connection; what it says before is thrown away.
    func isClosedByPeer() -> Bool {
        while let bytes = read() {
            if bytes.isEmpty { return false }
        }
        return true
    }

    /// Greets without security and says that it is a DEALER.
    func shakeHands() {
        var greeting: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0]
        greeting += Array("NULL".utf8) + [UInt8](repeating: 0, count: 64 - 16)
        write(greeting)
        var ready: [UInt8] = [5] + Array("READY".utf8)
        ready += [11] + Array("Socket-Type".utf8) + [0, 0, 0, 6] + Array("DEALER".utf8)
        write([4, UInt8(ready.count)] + ready)
        // A message that comes before the other side is ready ends the connection.
        var answer: [UInt8] = []
        while answer.count < 66 || answer.count < 66 + Int(answer[65]), let bytes = read(),
            !bytes.isEmpty
        {
            answer += bytes
        }
    }

    /// One frame of a message.
    @discardableResult
    func writeFrame(_ bytes: [UInt8], hasMore: Bool = false) -> Bool {
        write([hasMore ? 3 : 2] + RawPeer.size(bytes.count) + bytes)
    }

    /// Says that a frame of so many bytes follows.
    func announceFrame(byteCount: Int) { write([2] + RawPeer.size(byteCount)) }

    private static func size(_ count: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
    }
}
