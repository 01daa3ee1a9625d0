import Foundation

/// A certificate authority in a folder of its own, made by OpenSSL.
public final class CertificateAuthority {
    public static let isPossible = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

    private let folder: URL

    public init(_ name: String) throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "twinline-tls-\(name)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", "/CN=\(name)", "-days", "2", "-keyout", "authority.key", "-out",
            "authority.pem")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    public func path(_ file: String) -> String { folder.appending(path: file).path }

    /// Makes `NAME.key` and `NAME.pem`.
    public func sign(_ name: String, address: String? = nil) throws {
        try run(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
            "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).csr")
        let extensions =
            address.map { "subjectAltName=IP:\($0)\n" } ?? "basicConstraints=CA:FALSE\n"
        try Data(extensions.utf8).write(to: folder.appending(path: "extensions"))
        try run(
            "x509", "-req", "-in", "\(name).csr", "-CA", "authority.pem", "-CAkey",
            "authority.key", "-CAcreateserial", "-days", "2", "-extfile", "extensions", "-out",
            "\(name).pem")
    }

    private func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CocoaError(.executableNotLoadable)
        }
    }
}
