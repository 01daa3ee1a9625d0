import Foundation

/// Connections of the commands that speak a device's own protocol.
enum ClientSocket {
    /// The host and port of `HOST:PORT`.
    static func place(_ address: String) throws -> (host: String, port: UInt16) {
        guard let colon = address.lastIndex(of: ":"),
            let port = UInt16(address[address.index(after: colon)...])
        else { throw CommandFailure("'\(address)' is not HOST:PORT", status: 2) }
        return (String(address[..<colon]), port)
    }

    /// A connection to the door, whose descriptor is the caller's to close.
    static func connect(_ host: String, _ port: UInt16, door: String) throws -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let found else {
            throw CommandFailure("\(host) is not known", status: 69)
        }
        defer { freeaddrinfo(found) }
        let descriptor = socket(found.pointee.ai_family, found.pointee.ai_socktype, 0)
        guard Foundation.connect(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0
        else {
            close(descriptor)
            throw CommandFailure(
                "no \(door) door answers at \(host):\(port): start one with `twinctl up`, or name "
                    + "it with --to HOST:PORT", status: 69)
        }
        var on: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
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
