import TwinCore
import TwinLink
import TwinLinkZeroMQ

/// A header as numbers and text, so that this room is proved without the wire's.
enum PlainCoding {
    static let coding = HeaderCoding(encodeHeader: encode, decodeHeader: decode)

    @Sendable static func encode(_ header: LinkHeader) -> [UInt8] {
        var fields = [
            "\(header.major)", "\(header.kind.rawValue)", "\(header.session)",
            "\(header.correlation)", "\(header.subject)", "\(header.deadlineMs)", "\(header.trace)",
        ]
        if let hello = header.hello {
            fields += [
                "hello", hello.name, hello.role, hello.version, "\(hello.windowCount)",
                "\(hello.windowByteCount)",
            ]
        }
        if let refusal = header.refusal {
            fields += [
                "refusal", "\(refusal.reason.rawValue)", refusal.detail,
                refusal.retryAfterMs.map { "\($0)" } ?? "",
            ]
        }
        return Array(fields.joined(separator: "\n").utf8)
    }

    @Sendable static func decode(_ bytes: [UInt8]) -> Result<LinkHeader, Refusal> {
        let fields = String(decoding: bytes.prefix(4096), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard fields.count >= 7, let kind = UInt8(fields[1]).flatMap(LinkHeader.Kind.init),
            let major = UInt32(fields[0]), let session = UInt64(fields[2]),
            let correlation = UInt64(fields[3]), let subject = UInt32(fields[4]),
            let deadlineMs = UInt32(fields[5]), let trace = UInt64(fields[6])
        else { return .failure(Refusal(.malformed, "no header")) }
        var header = LinkHeader(
            kind: kind, session: session, correlation: correlation, subject: subject,
            deadlineMs: deadlineMs, trace: trace)
        header.major = major
        if fields.count == 13, fields[7] == "hello" {
            header.hello = Hello(
                name: fields[8], role: fields[9], version: fields[10],
                windowCount: UInt32(fields[11]) ?? 0, windowByteCount: UInt64(fields[12]) ?? 0)
        }
        if fields.count == 11, fields[7] == "refusal" {
            header.refusal = Refusal(
                UInt8(fields[8]).flatMap(Refusal.Reason.init) ?? .failed, fields[9],
                retryAfterMs: UInt32(fields[10]))
        }
        return .success(header)
    }
}
