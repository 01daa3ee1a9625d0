import Foundation
import TwinTestKit

/// The keys of a site: one for the store, one for each member that its list names, and a stranger's.
struct KeyRing {
    enum User {
        case store
        case member(String)
        /// Has keys that nobody has listed.
        case stranger
        /// A member that takes another's public key for the store's.
        case misled
        /// Has no keys.
        case bare
    }

    private let folder: String
    private let storeKey: String
    private let strangerKey: String

    /// Has the operator's tool make them.
    init(_ deployment: Deployment) async throws {
        folder = deployment.site.folder.path
        var keys: [String: String] = [:]
        for name in ["store", "ingest", "feature", "model", "client", "stranger"] {
            keys[name] = try await deployment.ask("keys", "make", "\(folder)/\(name).key")
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let members = keys.filter { !["store", "stranger"].contains($0.key) }
        try members.map { "\($0.value) \($0.key)" }.joined(separator: "\n").write(
            toFile: "\(folder)/admitted", atomically: true, encoding: .utf8)
        storeKey = keys["store"] ?? ""
        strangerKey = keys["stranger"] ?? ""
    }

    func secret(_ name: String) -> String { "\(folder)/\(name).key" }

    func environment(_ user: User) -> [String: String] {
        switch user {
        case .store:
            [
                "TWINLINE_KEYS_SECRET": secret("store"),
                "TWINLINE_KEYS_ADMITTED": "\(folder)/admitted",
            ]
        case .member(let name): keys(secret(name), storeKey)
        case .stranger: keys(secret("stranger"), storeKey)
        case .misled: keys(secret("client"), strangerKey)
        case .bare: [:]
        }
    }

    private func keys(_ secret: String, _ server: String) -> [String: String] {
        ["TWINLINE_KEYS_SECRET": secret, "TWINLINE_KEYS_SERVER": server]
    }
}
