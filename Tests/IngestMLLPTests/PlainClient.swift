import Glibc

/// A sender made of a plain socket.
final class PlainClient {
    enum Failure: Error { case notConnected(Int32) }

    private var socket: Int32

    /// Connects to a port of this machine.
    init(port: Int) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            Glibc.close(socket)
            socket = -1
            throw Failure.notConnected(errno)
        }
    }

    deinit { close() }

    /// Sends what the other side takes within the time; says how many bytes that was.
    @discardableResult
    func send(_ bytes: [UInt8], withinMs limitMs: Int = 5000) -> Int {
        var sent = 0
        while sent < bytes.count, isReady(Int16(POLLOUT), limitMs) {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            guard count > 0 else { break }
            sent += count
        }
        return sent
    }

    /// Receives until `count` bytes came, the other side closed, or the time is over.
    func receive(_ count: Int, withinMs limitMs: Int = 5000) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count, isReady(Int16(POLLIN), limitMs) {
            var piece = [UInt8](repeating: 0, count: min(65_536, count - bytes.count))
            let got = recv(socket, &piece, piece.count, 0)
            guard got > 0 else { break }
            bytes += piece[..<got]
        }
        return bytes
    }

    /// Whether the other side closes within the time.
    func isClosed(withinMs limitMs: Int = 5000) -> Bool {
        var byte: UInt8 = 0
        while isReady(Int16(POLLIN), limitMs) {
            if recv(socket, &byte, 1, 0) <= 0 { return true }
        }
        return false
    }

    /// Says that no more comes.
    func endSending() { shutdown(socket, Int32(SHUT_WR)) }

    func close() {
        if socket >= 0 { Glibc.close(socket) }
        socket = -1
    }

    private func isReady(_ events: Int16, _ limitMs: Int) -> Bool {
        var entry = pollfd(fd: socket, events: events, revents: 0)
        return poll(&entry, 1, Int32(limitMs)) > 0
    }
}

/// How much memory this process holds, in bytes.
func residentByteCount() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = String(
        decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * 4096
}
