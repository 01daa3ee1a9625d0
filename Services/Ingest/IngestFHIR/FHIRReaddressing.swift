public import TwinCore
import TwinJSON

extension FHIRRequest {
    /// The same input, said of that patient: for one that names nobody whom this side knows.
    ///
    /// Every resource's `subject` gives way to one; nothing else changes. Nil where the input is
    /// no resource, or a Patient itself.
    public static func readdressed(_ input: [UInt8], to twin: TwinID) -> [UInt8]? {
        let request = FHIRRequest(input)
        guard let document = try? JSONDocument(request.body, limits: FHIRAdapter.limits),
            let type = document.root["resourceType"]?.string, type != "Patient"
        else { return nil }
        let resources =
            type == "Bundle"
            ? (document.root["entry"]?.elements ?? []).compactMap { $0["resource"] }
                .filter { $0["resourceType"]?.string.map(speaks) == true }
            : [document.root]
        let start = input.count - request.body.count
        var result = input
        // From the end, so that the places before stay where they are.
        for resource in resources.reversed() {
            let subject = Array(subject(twin).text.utf8)
            if let old = resource["subject"]?.range {
                result.replaceSubrange(
                    old.lowerBound + start..<old.upperBound + start, with: subject)
            } else {
                let place = resource.range.lowerBound + start + 1
                let isEmpty = resource.members.isEmpty
                result.insert(
                    contentsOf: Array("\"subject\":".utf8) + subject + (isEmpty ? [] : [0x2C]),
                    at: place)
            }
        }
        return result
    }

    /// Whether resources of the type have a subject.
    private static func speaks(_ type: String) -> Bool {
        FHIRTypes.placed.contains(type) && type != "Patient"
    }

    private static func subject(_ twin: TwinID) -> JSON {
        var members: [JSON.Member] = []
        if let authority = twin.authority {
            members.append(JSON.Member("system", .string(String(authority))))
        }
        members.append(JSON.Member("value", .string(String(twin.identifier))))
        return .object([JSON.Member("identifier", .object(members))])
    }
}
