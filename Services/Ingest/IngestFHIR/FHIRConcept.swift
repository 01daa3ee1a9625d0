import TwinCore
import TwinJSON

/// A coded concept as it was sent.
struct FHIRConcept: Sendable {
    struct Coding: Hashable, Sendable {
        var system: String?
        var code: String?
        var display: String?
    }

    var codings: [Coding] = []
    var text: String?

    /// Reads a CodeableConcept; its systems must be URIs, and its LOINC codes can't be misspelt.
    init(_ element: FHIRElement) throws(FHIRProblem) {
        for coding in try element.objects("coding") {
            codings.append(try FHIRConcept.coding(coding))
        }
        text = try element.string("text")
        guard codings.contains(where: { $0.code != nil }) || text != nil else {
            throw element.problem(.required, "neither a code nor a text")
        }
    }

    /// The first code, as it was sent.
    var first: Coding? { codings.first { $0.code != nil } }

    /// Two codes of the same thing: what a vocabulary may know goes before what it can't.
    var pair: (first: Coding?, second: Coding?) {
        let coded = codings.filter { $0.code != nil }
        let ranked =
            coded.filter(FHIRConcept.isPublished) + coded.filter { !FHIRConcept.isPublished($0) }
        return (ranked.first, ranked.dropFirst().first)
    }

    private static func isPublished(_ coding: Coding) -> Bool {
        coding.system == Code.loincSystem || coding.system == Code.mdcSystem
    }

    private static func coding(_ element: FHIRElement) throws(FHIRProblem) -> Coding {
        let coding = Coding(
            system: try element.string("system"), code: try element.string("code"),
            display: try element.string("display"))
        if let system = coding.system, !isURI(system) {
            throw FHIRProblem(422, .codeInvalid, "a system is a URI", at: element.path + ".system")
        }
        // A published code or two has another check digit; what the twin knows is no slip.
        if coding.system == Code.loincSystem, let code = coding.code, !isLOINC(code),
            Concept.of(.loinc(code)) == nil
        {
            throw FHIRProblem(
                422, .codeInvalid, "no LOINC code: its check digit is another",
                at: element.path + ".code")
        }
        return coding
    }

    /// A scheme, a colon, and no white space.
    static func isURI(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let colon = bytes.firstIndex(of: 0x3A), colon + 1 < bytes.count,
            bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), isLetter(bytes[0])
        else { return false }
        return bytes[..<colon].allSatisfy {
            isLetter($0) || $0 &- 0x30 < 10 || [0x2B, 0x2D, 0x2E].contains($0)
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte & 0xDF)
    }

    /// Digits, a hyphen and the digit that makes their Luhn sum end in 0; parts and answers start
    /// with two letters and are not proved.
    static func isLOINC(_ code: String) -> Bool {
        var bytes = Array(code.utf8)
        if bytes.count > 2, isLetter(bytes[0]), isLetter(bytes[1]) { return true }
        guard (3...10).contains(bytes.count), bytes[bytes.count - 2] == 0x2D else { return false }
        bytes.remove(at: bytes.count - 2)
        guard bytes.allSatisfy({ $0 &- 0x30 < 10 }) else { return false }
        var sum = 0
        for (place, byte) in bytes.reversed().enumerated() {
            let digit = Int(byte - 0x30) * (place % 2 == 1 ? 2 : 1)
            sum += digit > 9 ? digit - 9 : digit
        }
        return sum % 10 == 0
    }
}
