import TwinJSON

/// What goes back to a sender: an HTTP status, some headers and a body.
public struct FHIRAnswer: Hashable, Sendable {
    public var status: Int
    /// Of what was taken, below the base: `Observation/7`; nil where there is none.
    public var location: String?
    public var retryAfterSeconds: Int?
    /// JSON.
    public var body: [UInt8]

    public init(
        status: Int, location: String? = nil, retryAfterSeconds: Int? = nil, body: [UInt8]
    ) {
        self.status = status
        self.location = location
        self.retryAfterSeconds = retryAfterSeconds
        self.body = body
    }

    public init(_ problem: FHIRProblem) {
        self.init(
            status: problem.status, retryAfterSeconds: problem.retryAfterSeconds,
            body: Array(problem.outcome.text.utf8))
    }

    /// Reads what an adapter's reply holds; nil if it is none.
    public init?(reply: [UInt8]) {
        guard let reply = FHIRReply(reply) else { return nil }
        self.init(
            status: reply.status, location: reply.location,
            retryAfterSeconds: reply.retryAfterSeconds, body: Array(reply.body))
    }
}

/// The reply to one part of an input: a line of what it is of, and a body.
struct FHIRReply {
    /// What a reply answers.
    enum Kind: String {
        /// The whole of a request.
        case single
        /// One entry of a bundle.
        case entry
        /// A further patient of the same resource: silent unless it fails.
        case part
        /// The end of a bundle, of one of these ways to answer it.
        case batch, transaction, message
    }

    var kind: Kind
    var status: Int
    var location: String?
    var retryAfterSeconds: Int?
    var body: ArraySlice<UInt8>

    init(
        _ kind: Kind, _ status: Int, location: String? = nil, retryAfterSeconds: Int? = nil,
        body: some Sequence<UInt8>
    ) {
        self.kind = kind
        self.status = status
        self.location = location
        self.retryAfterSeconds = retryAfterSeconds
        self.body = Array(body)[...]
    }

    init(_ kind: Kind, _ problem: FHIRProblem) {
        self.init(
            kind, problem.status, retryAfterSeconds: problem.retryAfterSeconds,
            body: problem.outcome.text.utf8)
    }

    init?(_ bytes: [UInt8]) {
        guard let end = bytes.firstIndex(of: 0x0A) else { return nil }
        let words = bytes[..<end].split(separator: 0x20).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard words.count == 4, let kind = Kind(rawValue: words[0]), let status = Int(words[1])
        else { return nil }
        self.kind = kind
        self.status = status
        location = words[2] == "-" ? nil : words[2]
        retryAfterSeconds = Int(words[3])
        body = bytes[(end + 1)...]
    }

    var bytes: [UInt8] {
        let seconds = retryAfterSeconds.map { "\($0)" } ?? "-"
        return Array("\(kind.rawValue) \(status) \(location ?? "-") \(seconds)\n".utf8) + body
    }

    var isTransient: Bool { status == 503 || status == 429 }
}
