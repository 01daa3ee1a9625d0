import IngestCore
import TwinJSON

/// What holds of every resource, whatever its type.
enum FHIRRules {
    static let extensionCountMax = 1000
    static let attachmentByteCountMax = 1 << 20

    /// Refuses what changes a resource's meaning in ways that are not known here, and what is
    /// too much.
    static func check(_ element: FHIRElement) throws(FHIRProblem) {
        var found: FHIRProblem?
        var extensionCount = 0
        element.node.forEachDescendant { name, node in
            guard found == nil else { return }
            switch name {
            case "modifierExtension":
                found = element.problem(.extensionUnknown, "a modifierExtension is not known here")
            case "implicitRules":
                found = element.problem(.notSupported, "implicitRules are not known here")
            case "extension": extensionCount += node.elements.count
            case "data": found = attachment(node, element)
            default: break
            }
            if node.kind == .null, name != nil {
                found = element.problem(.structure, "a member is null")
            }
            if node.kind == .object, extensionCount > extensionCountMax {
                found = element.problem(.tooCostly, "too many extensions", status: 400)
            }
        }
        if let found { throw found }
    }

    /// Base64 that can be read, of a size that is taken; data of other kinds are not looked at.
    private static func attachment(_ node: JSONNode, _ element: FHIRElement) -> FHIRProblem? {
        // The data of SampledData have blanks between them, or are few.
        guard let text = node.string, !text.contains(" "), text.utf8.count > 16 else { return nil }
        guard text.utf8.count / 4 * 3 <= attachmentByteCountMax else {
            return element.problem(.tooLong, "an attachment is too large", status: 413)
        }
        return isBase64(Array(text.utf8))
            ? nil : element.problem(.value, "an attachment that is no base64")
    }

    private static func isBase64(_ bytes: [UInt8]) -> Bool {
        guard bytes.count % 4 == 0 else { return false }
        let padding = bytes.suffix(2).reversed().prefix { $0 == 0x3D }.count
        return bytes.dropLast(padding).allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F: true
            default: false
            }
        }
    }

    /// The hash of what a resource says; white space, `meta` and `text` say nothing.
    static func content(_ element: FHIRElement) -> UInt64 {
        var fingerprint = Fingerprint(seed: 2)
        for (name, value) in element.node.members where name != "meta" && name != "text" {
            fingerprint.add(Array(name.utf8).span)
            value.forEachDescendant { name, node in
                if let name { fingerprint.add(Array(name.utf8).span) }
                switch node.kind {
                case .array: fingerprint.add([0x5B].span)
                case .object: fingerprint.add([0x7B].span)
                default: fingerprint.add(Array(node.written).span)
                }
            }
        }
        return fingerprint.value
    }

    /// The hash of what names a resource: its identifier, or the id that its sender gave it;
    /// without either it is named by what it says, which is `content`.
    static func identity(
        _ element: FHIRElement, type: String, id: Substring?, content: UInt64
    ) -> UInt64 {
        var fingerprint = Fingerprint(seed: 3)
        fingerprint.add(Array(type.utf8).span)
        if let id {
            fingerprint.add(Array(id.utf8).span)
        } else if let identifier = element.node["identifier"]?.elements.first
            ?? element.node["identifier"],
            let value = identifier["value"]?.string
        {
            fingerprint.add(Array((identifier["system"]?.string ?? "").utf8).span)
            fingerprint.add(Array(value.utf8).span)
        } else {
            var content = content
            for _ in 0..<8 {
                fingerprint.add([UInt8(truncatingIfNeeded: content)].span)
                content >>= 8
            }
        }
        return fingerprint.value
    }
}
