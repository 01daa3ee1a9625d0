import IngestCore
import TwinCore
import TwinJSON

/// Of whom a resource speaks.
enum FHIRSubject {
    case known([RawIdentifier])
    /// Somebody whom only another server knows, or nobody at all.
    case unknown(Refusal)

    /// Reads a reference to a patient: one that came along, an identifier, or `Patient/id`.
    static func read(
        _ reference: FHIRElement, of resource: FHIRElement, _ scope: FHIRScope,
        _ text: inout FHIRText
    ) throws(FHIRProblem) -> FHIRSubject {
        let name = try reference.string("reference")
        if let name, let patient = scope.resource(name, in: resource) {
            guard patient.node["resourceType"]?.string == "Patient" else {
                throw reference.problem(.notSupported, "the subject is no Patient")
            }
            return .known(try identifiers(of: patient, &text))
        }
        if let identifier = try reference.object("identifier"),
            let known = try self.identifier(identifier, &text)
        {
            return .known([known])
        }
        guard let name else {
            throw reference.problem(.required, "neither a reference nor an identifier")
        }
        return try named(name, reference, &text)
    }

    private static func named(
        _ name: String, _ reference: FHIRElement, _ text: inout FHIRText
    ) throws(FHIRProblem) -> FHIRSubject {
        if name.hasPrefix("urn:") || name.hasPrefix("#") {
            throw FHIRProblem(
                422, .notFound, "the reference does not resolve", at: reference.path + ".reference")
        }
        if name.contains("://") {
            return .unknown(
                Refusal(.noPatient, "\(reference.path): a patient of another server; not fetched"))
        }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 || (parts.count == 4 && parts[2] == "_history"),
            FHIRTypes.isID(parts[1])
        else {
            throw FHIRProblem(
                422, .value, "no reference of the form Patient/id",
                at: reference.path + ".reference")
        }
        guard parts[0] == "Patient" else {
            throw reference.problem(.notSupported, "the subject is no Patient")
        }
        guard parts[1].lowercased() != "unknown" else {
            return .unknown(Refusal(.noPatient, "\(reference.path): the patient is not known"))
        }
        return .known([RawIdentifier(value: text.add(String(parts[1])))])
    }

    /// How many identifiers one patient may have: everything that speaks of him repeats them.
    static let identifierCountMax = 100

    /// The identifiers of a Patient, or its id where it has none.
    static func identifiers(
        of patient: FHIRElement, _ text: inout FHIRText
    ) throws(FHIRProblem) -> [RawIdentifier] {
        var identifiers: [RawIdentifier] = []
        let elements = try patient.objects("identifier")
        guard elements.count <= identifierCountMax else {
            throw patient.problem(.tooCostly, "too many identifiers", status: 400)
        }
        for element in elements where try element.string("use") != "old" {
            if let one = try identifier(element, &text) { identifiers.append(one) }
        }
        if identifiers.isEmpty, let id = try patient.string("id") {
            identifiers.append(RawIdentifier(value: text.add(id)))
        }
        return identifiers
    }

    /// Value, system and kind; nil where there is no value.
    private static func identifier(
        _ element: FHIRElement, _ text: inout FHIRText
    ) throws(FHIRProblem) -> RawIdentifier? {
        guard let value = try element.string("value") else { return nil }
        let kind = try element.object("type")?.objects("coding").first?.string("code") ?? ""
        let system = try element.string("system") ?? ""
        guard
            max(value.utf8.count, system.utf8.count, kind.utf8.count) <= Cleaner.textByteCountMax
        else { throw element.problem(.tooLong, "an identifier is too long", status: 413) }
        return RawIdentifier(
            value: text.add(value), authority: text.add(system), kind: text.add(kind))
    }
}

extension FHIRText {
    /// The one twin that the identifiers name.
    func twin(
        _ identifiers: [RawIdentifier], _ scope: FHIRScope, at path: String
    ) throws(FHIRProblem) -> TwinID {
        do throws(Refusal) {
            return try PatientNaming.twin(of: [identifiers], in: bytes, channel: scope.channel)
        } catch {
            throw FHIRProblem(422, .processing, error.detail, at: path)
        }
    }
}
