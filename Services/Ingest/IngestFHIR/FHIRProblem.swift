import TwinCore
import TwinJSON

/// Why a request, a resource or an entry is not taken, in FHIR's own words.
///
/// It never repeats what was sent: an answer may end up in somebody's log.
public struct FHIRProblem: Error, Hashable, Sendable {
    /// The codes of FHIR's `issue-type` that are used.
    public enum Issue: String, Hashable, Sendable {
        case invalid, structure, required, value, invariant, processing, duplicate,
            extensionUnknown =
            "extension"
        case codeInvalid = "code-invalid"
        case notSupported = "not-supported"
        case notFound = "not-found"
        case tooCostly = "too-costly"
        case tooLong = "too-long"
        case conflict, transient, throttled, timeout, informational, incomplete, login
    }

    /// The HTTP status.
    public var status: Int
    public var issue: Issue
    public var detail: String
    /// Where in the resource, in FHIRPath; nil where it is the whole.
    public var expression: String?
    public var retryAfterSeconds: Int?

    public init(
        _ status: Int, _ issue: Issue, _ detail: String, at expression: String? = nil,
        retryAfterSeconds: Int? = nil
    ) {
        self.status = status
        self.issue = issue
        self.detail = detail
        self.expression = expression
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// What a refusal of the room is to the sender.
    init(_ refusal: Refusal) {
        let seconds = refusal.retryAfterMs.map { max(1, (Int($0) + 999) / 1000) }
        switch refusal.reason {
        case .overloaded:
            self.init(429, .throttled, refusal.detail, retryAfterSeconds: seconds ?? 1)
        case .storageFailed:
            self.init(503, .transient, refusal.detail, retryAfterSeconds: seconds ?? 1)
        case .tooLarge: self.init(413, .tooLong, refusal.detail)
        case .conflict: self.init(409, .conflict, refusal.detail)
        case .notFound: self.init(404, .notFound, refusal.detail)
        case .unsupported: self.init(422, .notSupported, refusal.detail)
        default: self.init(422, .processing, refusal.detail)
        }
    }

    init(_ error: JSONError) {
        switch error {
        case .tooLarge: self.init(413, .tooLong, "the body is too large")
        case .tooLong(let at): self.init(413, .tooLong, "a string is too long, at byte \(at)")
        case .tooMany(let at): self.init(400, .tooCostly, "too many values, at byte \(at)")
        case .tooDeep(let at): self.init(400, .tooCostly, "nested too deeply, at byte \(at)")
        case .duplicateKey(_, let at):
            self.init(400, .structure, "a member is there twice, at byte \(at)")
        case .numberOutOfBounds(let at):
            self.init(400, .value, "a number with too many digits, at byte \(at)")
        case .malformed(let expected, let at):
            self.init(400, .structure, "not JSON: \(expected) is expected at byte \(at)")
        }
    }

    /// How the quarantine and other rooms call it.
    var refusal: Refusal {
        let place = expression.map { "\($0): " } ?? ""
        return Refusal(reason, place + detail)
    }

    private var reason: Refusal.Reason {
        switch (status, issue) {
        case (413, _), (_, .tooCostly), (_, .tooLong): .tooLarge
        case (409, _), (_, .duplicate): .conflict
        case (404, _), (_, .notSupported): .unsupported
        case (_, .notFound): .noPatient
        default: .malformed
        }
    }

    /// It as an OperationOutcome.
    var outcome: JSON { JSON.outcome("error", issue, detail, at: expression) }
}

extension JSON {
    /// An OperationOutcome of one issue.
    static func outcome(
        _ severity: String, _ issue: FHIRProblem.Issue, _ detail: String,
        at expression: String? = nil
    ) -> JSON {
        var members = [
            Member("severity", .string(severity)), Member("code", .string(issue.rawValue)),
            Member("diagnostics", .string(detail)),
        ]
        if let expression {
            members.append(Member("expression", .array([.string(expression)])))
        }
        return .object([
            Member("resourceType", .string("OperationOutcome")),
            Member("issue", .array([.object(members)])),
        ])
    }
}
