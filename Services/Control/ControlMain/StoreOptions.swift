import ArgumentParser
import Foundation
import TwinDoorways
import TwinLinkZeroMQ
import TwinRuntime

/// Where the store is, and who asks it.
struct StoreOptions: ParsableArguments {
    @Option(
        help: "The store's address for clients; also TWINLINE_STORE_CLIENTS.")
    var store: String =
        ProcessInfo.processInfo.environment["TWINLINE_STORE_CLIENTS"] ?? "tcp://127.0.0.1:5582"
    @Option(
        help: "A file with a CURVE secret key (`twinctl keys make`); also TWINLINE_KEYS_SECRET.")
    var keysSecret: String?
    @Option(help: "The store's public CURVE key; also TWINLINE_KEYS_SERVER.")
    var serverKey: String?

    private static func variable(_ name: String) -> String? {
        let value = ProcessInfo.processInfo.environment[name] ?? ""
        return value.isEmpty ? nil : value
    }

    /// Nil: nothing is proved and nothing encrypted.
    func curve() throws -> Curve? {
        let secret = keysSecret ?? StoreOptions.variable("TWINLINE_KEYS_SECRET")
        let server = serverKey ?? StoreOptions.variable("TWINLINE_KEYS_SERVER")
        do throws(SettingsError) {
            let curve = try KeyFiles.curve(secret: secret, server: server)
            guard curve == nil || server != nil else {
                throw SettingsError(
                    "a secret key is given and the store's public key is not: add --server-key "
                        + "KEY (`twinctl keys show FILE` prints it where the store's secret lies)")
            }
            return curve
        } catch { throw CommandFailure(error.description, status: 2) }
    }
}
