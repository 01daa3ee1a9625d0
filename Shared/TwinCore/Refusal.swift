/// Why something was not taken.
///
/// Programs read `reason`, people read `detail`.
public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: UInt8, Hashable, Sendable, CaseIterable {
        case malformed = 1
        case unsupported = 2
        case tooLarge = 3
        case noPatient = 4
        case ambiguousPatient = 5
        case notProduction = 6
        case conflict = 7
        case overloaded = 8
        case storageFailed = 9
        case notFound = 10
        case wrongVersion = 11
        case notAuthorised = 12
        case expired = 13
        case failed = 14
        /// The worker has not got the state that the task builds on: send the whole slice.
        case needSlice = 15

        public var name: String {
            switch self {
            case .malformed: "malformed"
            case .unsupported: "unsupported"
            case .tooLarge: "too-large"
            case .noPatient: "no-patient"
            case .ambiguousPatient: "ambiguous-patient"
            case .notProduction: "not-production"
            case .conflict: "conflict"
            case .overloaded: "overloaded"
            case .storageFailed: "storage-failed"
            case .notFound: "not-found"
            case .wrongVersion: "wrong-version"
            case .notAuthorised: "not-authorised"
            case .expired: "expired"
            case .failed: "failed"
            case .needSlice: "need-slice"
            }
        }
    }

    public var reason: Reason
    public var detail: String
    /// After how long the sender should try again; nil where trying again is of no use.
    public var retryAfterMs: UInt32?

    public init(_ reason: Reason, _ detail: String, retryAfterMs: UInt32? = nil) {
        self.reason = reason
        self.detail = detail
        self.retryAfterMs = retryAfterMs
    }

    public var description: String { "\(reason.name): \(detail)" }
}
