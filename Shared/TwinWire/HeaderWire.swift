import CTwinWire
public import TwinCore
public import TwinLink

/// The first frame of every message on a link.
public enum HeaderWire {
    /// A header is small: no peer has a reason to send more.
    static let limits = WireLimits(byteCountMax: 65_536, fieldCountMax: 1024, depthMax: 4)

    public static func encode(_ header: LinkHeader) -> [UInt8] {
        Draft.bytes { $0.header(header) }
    }

    /// A greater major version than ours is for the link to refuse, which needs to know of it: such a
    /// header is read as far as it means what ours do.
    ///
    /// Throws ``WireError/wrongVersion(_:)`` where that is not far enough.
    public static func decode(_ bytes: [UInt8]) throws(WireError) -> LinkHeader {
        try Reader.value(of: bytes, as: twinline__v1__header__init, within: limits, Reader.header)
    }

    /// The same for a link, which tells the sender why.
    public static func read(_ bytes: [UInt8]) -> Result<LinkHeader, Refusal> {
        do throws(WireError) {
            return .success(try decode(bytes))
        } catch {
            return .failure(error.refusal)
        }
    }
}

extension Draft {
    fileprivate func header(_ header: LinkHeader) -> Place<Wire.Header> {
        make(twinline__v1__header__init) {
            $0.major = header.major
            $0.minor = header.minor
            $0.kind.rawValue = UInt32(header.kind.rawValue)
            $0.session = header.session
            $0.correlation = header.correlation
            $0.subject = header.subject
            $0.deadline_ms = header.deadlineMs
            $0.trace = header.trace
            $0.hello = header.hello.map { hello($0) }
            $0.refusal = header.refusal.map { refusal($0) }
        }
    }

    private func hello(_ hello: Hello) -> Place<Wire.Hello> {
        make(twinline__v1__hello__init) {
            $0.name = text(hello.name)
            $0.role = text(hello.role)
            $0.version = text(hello.version)
            $0.window_count = hello.windowCount
            $0.window_byte_count = hello.windowByteCount
        }
    }

    func refusal(_ refusal: Refusal) -> Place<Wire.Refusal> {
        make(twinline__v1__refusal__init) {
            $0.reason.rawValue = UInt32(refusal.reason.rawValue)
            $0.detail = text(refusal.detail)
            if let retryAfterMs = refusal.retryAfterMs {
                $0.retry_case = TWINLINE__V1__REFUSAL__RETRY_RETRY_AFTER_MS
                $0.retry_after_ms = retryAfterMs
            }
        }
    }
}

extension Reader {
    fileprivate func header(_ message: Wire.Header) throws(WireError) -> LinkHeader {
        guard message.major > 0 else { throw .invalid("a header without a version") }
        guard let kind = UInt8(exactly: message.kind.rawValue).flatMap(LinkHeader.Kind.init) else {
            throw message.major > LinkHeader.wireMajor
                ? .wrongVersion("the peer speaks version \(message.major) of the wire")
                : .invalid("a header of an unknown kind")
        }
        var header = LinkHeader(
            kind: kind, session: message.session, correlation: message.correlation,
            subject: message.subject, deadlineMs: message.deadline_ms, trace: message.trace,
            hello: message.hello.map { hello($0.pointee) },
            refusal: message.refusal.map { refusal($0.pointee) })
        header.major = message.major
        header.minor = message.minor
        return header
    }

    private func hello(_ message: Wire.Hello) -> Hello {
        Hello(
            name: text(message.name), role: text(message.role), version: text(message.version),
            windowCount: message.window_count, windowByteCount: message.window_byte_count)
    }

    /// A reason that a later version added is a failure like any other.
    func refusal(_ message: Wire.Refusal) -> Refusal {
        let hasRetry = message.retry_case == TWINLINE__V1__REFUSAL__RETRY_RETRY_AFTER_MS
        return Refusal(
            UInt8(exactly: message.reason.rawValue).flatMap(Refusal.Reason.init) ?? .failed,
            text(message.detail), retryAfterMs: hasRetry ? message.retry_after_ms : nil)
    }
}
