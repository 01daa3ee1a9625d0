import IngestCore
import TwinCore
import TwinJSON

/// One resource that is to be taken, alone or in a bundle, and what comes of it.
struct FHIRInteraction: Sendable {
    let element: FHIRElement
    let type: String
    let method: FHIRRequest.Method
    /// That its sender gave it.
    let id: Substring?

    /// The interaction that a request for `target`, below the base, is.
    init(
        _ element: FHIRElement, _ method: FHIRRequest.Method, target: String
    ) throws(FHIRProblem) {
        self.element = element
        self.method = method
        type = try FHIRInteraction.type(element)
        let request = FHIRRequest(method, target, body: [])
        guard request.type.isEmpty || request.type == type else {
            throw FHIRProblem(
                400, .invalid, "the resource is of another type than the request",
                at: element.path + ".resourceType")
        }
        id = request.id
        guard let id else { return }
        guard try element.string("id").map({ $0 == id }) == true else {
            throw FHIRProblem(
                400, .invalid, "the id is not that of the request", at: element.path + ".id")
        }
    }

    static func type(_ element: FHIRElement) throws(FHIRProblem) -> String {
        guard let type = element.node["resourceType"]?.string else {
            throw FHIRProblem(400, .structure, "no resourceType", at: element.path)
        }
        guard FHIRTypes.isKnown(type) else {
            throw FHIRProblem(422, .notSupported, "no resource type of R4", at: element.path)
        }
        return type
    }

    /// What the resource becomes.
    func read(_ scope: FHIRScope) throws(FHIRProblem) -> FHIRReading {
        try FHIRRules.check(element)
        switch type {
        case "Observation": return try FHIRObservationReader.read(element, scope)
        case "Patient":
            return try FHIRPatient.read(element, scope, isNamed: method == .put)
        case "Condition", "MedicationStatement", "MedicationAdministration":
            return try FHIRClinical.read(element, scope, type: type)
        default:
            return FHIRReading(
                aside: Refusal(
                    .unsupported, "\(element.path): \(type) has no place in the twin yet"))
        }
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// The messages that a reading is: one for each patient, or one that is set aside.
    ///
    /// Where its bundle goes to quarantine as a whole, it does not go there itself.
    func messages(
        _ reading: FHIRReading, _ kind: FHIRReply.Kind, at range: Range<Int>,
        isKeptByBundle: Bool = false
    ) -> [ReadMessage] {
        let fingerprint = FHIRRules.content(element)
        let identity = FHIRInteraction.hexadecimal(
            FHIRRules.identity(element, type: type, id: id, content: fingerprint))
        // Where it is from now on.
        let location = "\(type)/" + (id.map(String.init) ?? identity)
        func message(
            _ index: Int, _ context: FHIRReply, _ content: ReadMessage.Content
        ) -> ReadMessage {
            var own = Fingerprint(seed: UInt64(index))
            own.add(identity.utf8.span)
            return ReadMessage(
                inputRange: range, replyContext: context.bytes, identity: own.value,
                fingerprint: fingerprint, content: content)
        }
        if let refusal = reading.aside {
            let note = "kept in quarantine, in no twin: \(refusal.detail)"
            return [
                message(
                    0, FHIRReply(kind, 202, body: note.utf8),
                    .setAside(isKeptByBundle ? nil : refusal))
            ]
        }
        return reading.messages.enumerated().map { index, raw in
            let isPartial = !raw.refusedRows.isEmpty
            let note = isPartial ? "on disk, but for what is kept in quarantine" : "on disk"
            let context = FHIRReply(
                index == 0 ? kind : .part, method == .put ? 200 : 201, location: location,
                body: note.utf8)
            return message(index, context, .observations(raw))
        }
    }
}
