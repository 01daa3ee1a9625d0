import TwinCore

/// Why a message can't be taken, in HL7's own words.
struct HL7Refusal: Error, Hashable, Sendable {
    /// MSA-1 of a refusal.
    enum Kind: String, Sendable {
        /// `AE`: what the message says can't be taken.
        case error = "AE"
        /// `AR`: the message itself is not one that is taken here.
        case rejection = "AR"
    }

    /// The codes of table 0357 that are used, with their texts.
    enum Code: Int, Sendable {
        case segmentSequence = 100
        case requiredFieldMissing = 101
        case dataType = 102
        case unsupportedMessageType = 200
        case unsupportedEvent = 201
        case unsupportedProcessingID = 202
        case unsupportedVersion = 203
        case unknownKey = 204
        case duplicateKey = 205
        case internalError = 207

        var text: String {
            switch self {
            case .segmentSequence: "Segment sequence error"
            case .requiredFieldMissing: "Required field missing"
            case .dataType: "Data type error"
            case .unsupportedMessageType: "Unsupported message type"
            case .unsupportedEvent: "Unsupported event code"
            case .unsupportedProcessingID: "Unsupported processing id"
            case .unsupportedVersion: "Unsupported version id"
            case .unknownKey: "Unknown key identifier"
            case .duplicateKey: "Duplicate key identifier"
            case .internalError: "Application internal error"
            }
        }
    }

    var kind: Kind
    var code: Code
    var refusal: Refusal

    init(_ kind: Kind, _ code: Code, _ reason: Refusal.Reason, _ detail: String) {
        self.kind = kind
        self.code = code
        refusal = Refusal(reason, detail)
    }

    /// What a refusal of the room is in HL7's words.
    init(_ refusal: Refusal) {
        self.refusal = refusal
        switch refusal.reason {
        case .overloaded: (kind, code) = (.rejection, .internalError)
        case .noPatient: (kind, code) = (.error, .requiredFieldMissing)
        case .ambiguousPatient, .notFound: (kind, code) = (.error, .unknownKey)
        case .conflict: (kind, code) = (.error, .duplicateKey)
        case .malformed: (kind, code) = (.rejection, .segmentSequence)
        case .unsupported: (kind, code) = (.rejection, .unsupportedMessageType)
        case .notProduction: (kind, code) = (.rejection, .unsupportedProcessingID)
        case .wrongVersion: (kind, code) = (.rejection, .unsupportedVersion)
        default: (kind, code) = (.error, .internalError)
        }
    }
}
