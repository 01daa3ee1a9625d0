import Synchronization
import TwinLink

/// The lists of public keys that the listeners let in, by ZAP domain.
///
/// With no list for a domain nobody gets in; with a nil list every key does.
final class AccessLists: Sendable {
    private let lists = Mutex<[String: Set<String>?]>([:])

    static func domain(of listener: ListenerID) -> String { "listener-\(listener.number)" }

    func set(_ keys: Set<String>?, for domain: String) {
        lists.withLock { $0[domain] = .some(keys) }
    }

    func admits(_ key: String, to domain: String) -> Bool {
        lists.withLock { lists in
            guard let list = lists[domain] else { return false }
            return list?.contains(key) ?? true
        }
    }
}

/// Answers libzmq's question who may connect (ZAP, RFC 27); lives on the hub's thread.
///
/// Asked once a connection; a key that is taken off the list later is caught at the hub.
struct AccessHandler {
    let socket: Socket
    let lists: AccessLists

    /// Answers all questions that wait.
    func answer() {
        while let question = socket.receive() {
            _ = socket.send(reply(to: question.frames), to: nil)
        }
    }

    // version, request, domain, address, routing id, mechanism, credentials
    private func reply(to frames: [[UInt8]]) -> [[UInt8]] {
        let version = Array("1.0".utf8)
        guard frames.count >= 6, frames[0] == version else {
            let request = frames.count > 1 ? frames[1] : []
            return [version, request, Array("500".utf8), Array("version".utf8), [], []]
        }
        let domain = String(decoding: frames[2], as: UTF8.self)
        guard frames.count == 7, frames[5] == Array("CURVE".utf8),
            let key = CurveKeys.key(ofBytes: frames[6]), lists.admits(key, to: domain)
        else {
            return [version, frames[1], Array("400".utf8), Array("not admitted".utf8), [], []]
        }
        return [version, frames[1], Array("200".utf8), Array("OK".utf8), Array(key.utf8), []]
    }
}
