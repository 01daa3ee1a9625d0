public import IngestCore
public import TwinCore
public import TwinJSON

/// Reads FHIR R4 in JSON: one resource, or a Bundle.
public struct FHIRAdapter: Adapter {
    /// How much a body may hold.
    public let limits: JSONLimits

    public static let limits = JSONLimits(
        byteCountMax: 4 << 20, depthMax: 32, valueCountMax: 100_000,
        stringByteCountMax: 3 << 19, digitCountMax: 30, exponentMax: 30)

    public init(limits: JSONLimits = FHIRAdapter.limits) { self.limits = limits }

    public var format: Format { .fhir }

    public func read(_ bytes: [UInt8], channel: Channel, receivedAt: Instant) -> [ReadMessage] {
        let request = FHIRRequest(bytes)
        do throws(FHIRProblem) {
            return try read(
                request, bodyStart: bytes.count - request.body.count,
                FHIRScope(channel: channel, receivedAt: receivedAt))
        } catch {
            return [
                ReadMessage(
                    inputRange: 0..<bytes.count,
                    replyContext: FHIRReply(.single, error.status, body: []).bytes, identity: nil,
                    fingerprint: Fingerprint.of(bytes.span),
                    content: .refused(
                        error.refusal, reply: FHIRReply(.single, error).bytes))
            ]
        }
    }

    private func read(
        _ request: FHIRRequest, bodyStart: Int, _ scope: FHIRScope
    ) throws(FHIRProblem) -> [ReadMessage] {
        guard !FHIRAdapter.isWide(request.body) else {
            throw FHIRProblem(415, .notSupported, "UTF-8 is taken")
        }
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(request.body, limits: limits)
        } catch { throw FHIRProblem(error) }
        guard document.root.kind == .object else {
            throw FHIRProblem(400, .structure, "no resource: an object is needed")
        }
        let type = try FHIRInteraction.type(FHIRElement(document.root, at: "Resource"))
        let root = FHIRElement(document.root, at: type)
        if type == "Bundle", request.id == nil, ["", "Bundle"].contains(request.type) {
            return try FHIRBundle.read(root, scope, bodyStart: bodyStart)
        }
        let interaction = try FHIRInteraction(root, request.method, target: request.target)
        let reading = try interaction.read(scope)
        return interaction.messages(
            reading, .single, at: 0..<bodyStart + request.body.count)
    }

    /// Whether it is UTF-16 or UTF-32, which have zeros where JSON has none.
    private static func isWide(_ body: [UInt8]) -> Bool {
        body.starts(with: [0xFE, 0xFF]) || body.starts(with: [0xFF, 0xFE])
            || body.prefix(4).contains(0)
    }

    public func reply(to context: [UInt8], refusal: Refusal?, at now: Instant) -> [UInt8] {
        guard var reply = FHIRReply(context) else {
            return FHIRReply(
                .single, FHIRProblem(refusal ?? Refusal(.malformed, "no request"))
            ).bytes
        }
        if let refusal { return FHIRReply(reply.kind, FHIRProblem(refusal)).bytes }
        switch reply.kind {
        case .single, .entry, .part:
            let severity = reply.status == 202 ? "warning" : "information"
            let issue = reply.status == 202 ? FHIRProblem.Issue.incomplete : .informational
            let note = String(decoding: reply.body, as: UTF8.self)
            reply.body = Array(JSON.outcome(severity, issue, note).text.utf8)[...]
        case .batch, .transaction, .message: break
        }
        return reply.bytes
    }

    public func reply(joining replies: [[UInt8]]) -> [UInt8]? {
        FHIRJoint(replies.compactMap { FHIRReply($0) }).reply?.bytes
    }
}

/// The one answer to a request, from the replies to its parts.
struct FHIRJoint {
    private let replies: [FHIRReply]

    init(_ replies: [FHIRReply]) { self.replies = replies }

    var reply: FHIRReply? {
        guard let last = replies.last else { return nil }
        // What could not be stored is sent again as a whole: what was stored does nothing then.
        if let failed = replies.first(where: \.isTransient) { return failed.alone }
        switch last.kind {
        case .single, .entry, .part:
            return (replies.first { $0.status >= 400 } ?? replies[0]).alone
        case .batch, .transaction, .message:
            guard last.status < 400 else { return last.alone }
            let body = last.kind == .message ? message(last) : bundle(last)
            return FHIRReply(.single, 200, body: body)
        }
    }

    /// An entry for each of the request's; one that a further patient of it failed has failed.
    private func bundle(_ end: FHIRReply) -> [UInt8] {
        var entries: [FHIRReply] = []
        for reply in replies.dropLast() {
            if reply.kind == .entry {
                entries.append(reply)
            } else if reply.status >= 400, !entries.isEmpty {
                entries[entries.count - 1] = reply
            }
        }
        var body = Array(
            "{\"resourceType\":\"Bundle\",\"type\":\"\(end.kind.rawValue)-response\"".utf8)
        for (index, entry) in entries.enumerated() {
            body += (index == 0 ? ",\"entry\":[" : ",").utf8
            body += "{\"response\":{\"status\":\"\(FHIRStatus.line(entry.status))\"".utf8
            if let location = entry.location { body += ",\"location\":\"\(location)\"".utf8 }
            body += ",\"outcome\":".utf8
            body += entry.body
            body += "}}".utf8
        }
        return body + (entries.isEmpty ? "}" : "]}").utf8
    }

    private func message(_ end: FHIRReply) -> [UInt8] {
        Array("{\"resourceType\":\"Bundle\",\"type\":\"message\",\"entry\":[{\"resource\":".utf8)
            + end.body + Array("}]}".utf8)
    }
}

extension FHIRReply {
    fileprivate var alone: FHIRReply {
        var alone = self
        alone.kind = .single
        return alone
    }
}

/// The words of HTTP's status codes, as far as they are used.
public enum FHIRStatus {
    /// `201 Created`.
    public static func line(_ status: Int) -> String { "\(status) \(words[status] ?? "")" }

    private static let words = [
        200: "OK", 201: "Created", 202: "Accepted", 400: "Bad Request",
        401: "Unauthorized", 404: "Not Found",
        405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict",
        412: "Precondition Failed", 413: "Content Too Large", 415: "Unsupported Media Type",
        422: "Unprocessable Content", 429: "Too Many Requests", 503: "Service Unavailable",
    ]
}
