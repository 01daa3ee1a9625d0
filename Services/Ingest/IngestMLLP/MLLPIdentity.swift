import NIOSSL

/// Who this side is on TLS, and whom it takes: paths of PEM files.
///
/// Only TLS 1.2 and newer is spoken. A sender without a certificate of one of the authorities is
/// refused before its first byte is read.
public struct MLLPIdentity: Hashable, Sendable {
    /// This side's certificate, and those between it and its authority.
    public var certificatePath: String
    public var keyPath: String
    /// The authorities of the senders' certificates.
    public var authoritiesPath: String

    public init(certificatePath: String, keyPath: String, authoritiesPath: String) {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        self.authoritiesPath = authoritiesPath
    }

    /// Reads the files.
    func context() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificatePath).map {
                .certificate($0)
            },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: keyPath, format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        configuration.trustRoots = .file(authoritiesPath)
        // A sender has no host name of ours to hold against; its certificate is demanded.
        configuration.certificateVerification = .noHostnameVerification
        return try NIOSSLContext(configuration: configuration)
    }
}
