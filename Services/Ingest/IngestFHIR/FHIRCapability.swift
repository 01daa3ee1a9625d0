import TwinJSON

/// What this server can do, as a CapabilityStatement.
public enum FHIRCapability {
    public static func statement(version: String) -> [UInt8] {
        func member(_ name: String, _ text: String) -> JSON.Member { .init(name, .string(text)) }
        func codes(_ codes: [String]) -> JSON {
            .array(codes.map { .object([member("code", $0)]) })
        }
        let resources = FHIRTypes.taken.subtracting(["Bundle"]).sorted().map { type in
            JSON.object([
                member("type", type), .init("interaction", codes(["create", "update"])),
                .init("updateCreate", .bool(true)), .init("conditionalCreate", .bool(false)),
            ])
        }
        let rest = JSON.object([
            member("mode", "server"), .init("resource", .array(resources)),
            .init("interaction", codes(["transaction", "batch"])),
        ])
        let statement = JSON.object([
            member("resourceType", "CapabilityStatement"), member("status", "active"),
            member("date", "2026-01-01"), member("kind", "instance"),
            .init(
                "software",
                .object([member("name", "Twinline ingest"), member("version", version)])),
            .init(
                "implementation",
                .object([member("description", "Takes resources in; nothing is read or searched.")])
            ),
            member("fhirVersion", "4.0.1"), .init("format", .array([.string("json")])),
            .init("rest", .array([rest])),
        ])
        return Array(statement.text.utf8)
    }
}
