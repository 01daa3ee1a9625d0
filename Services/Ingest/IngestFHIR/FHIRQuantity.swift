import IngestCore
import TwinCore
import TwinJSON

/// A Quantity as it was sent.
struct FHIRQuantity: Sendable {
    let number: Double?
    let comparator: Comparator
    let unit: String?
    let system: String?
    let code: String?

    static let unitsOfMeasure = "http://unitsofmeasure.org"

    init(_ element: FHIRElement) throws(FHIRProblem) {
        guard element.node.kind == .object else { throw element.problem(.structure, "an object") }
        number = try element.child("value")?.number()
        let sign = try element.word("comparator", of: ["<", "<=", ">=", ">"])
        comparator = Comparator.allCases.first { $0.symbol == sign } ?? .equal
        unit = try element.string("unit")
        system = try element.string("system")
        code = try element.string("code")
        if let system, !FHIRConcept.isURI(system) {
            throw FHIRProblem(422, .codeInvalid, "a system is a URI", at: element.path + ".system")
        }
        if code != nil, system == nil {
            throw element.problem(.invariant, "qty-3: a code of a unit needs its system")
        }
    }

    var value: RawValue { number.map { .number($0, comparator) } ?? .empty }

    /// The unit of a signal, as UCUM or as its device spells it.
    var signalUnit: String {
        let isRead = system.map { [FHIRQuantity.unitsOfMeasure, Code.mdcSystem].contains($0) }
        return (isRead == false ? nil : code) ?? unit ?? ""
    }

    /// The unit's code where it has one, else its text.
    ///
    /// A code of a system that nobody here reads stands for no unit, whatever the text says.
    func rawUnit(_ text: inout FHIRText) -> RawCode {
        guard let code else { return RawCode(value: text.add(unit ?? "")) }
        guard let system, ![FHIRQuantity.unitsOfMeasure, Code.mdcSystem].contains(system) else {
            return RawCode(value: text.add(code))
        }
        return RawCode(value: text.add("\(system)|\(code)"))
    }
}
