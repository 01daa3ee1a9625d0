public import NIOCore
import NIOSSL

/// Who this side is on TLS, and whom it takes: paths of PEM files.
///
/// Only TLS 1.2 and newer is spoken. Where there are authorities, a sender without a certificate
/// of one of them is refused before its first byte is read.
public struct DoorwayIdentity: Hashable, Sendable {
    /// This side's certificate, and those between it and its authority.
    public var certificatePath: String
    public var keyPath: String
    /// The authorities of the senders' certificates; nil asks for none.
    public var authoritiesPath: String?

    public init(certificatePath: String, keyPath: String, authoritiesPath: String?) {
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
        if let authoritiesPath {
            configuration.trustRoots = .file(authoritiesPath)
            // A sender has no host name of ours to hold against; its certificate is demanded.
            configuration.certificateVerification = .noHostnameVerification
        }
        return try NIOSSLContext(configuration: configuration)
    }
}

extension ChannelHandlerContext {
    /// Closes a connection that has failed.
    ///
    /// TLS that failed has no end of its own to wait for: the socket beneath it is closed.
    public func closeAfterFailure() {
        let secure = try? pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
        (secure ?? self).close(promise: nil)
    }
}
