import IngestCore
import TwinCore
import TwinJSON

/// An Observation as it was sent.
struct FHIRObservation: Sendable {
    static let statuses: Set<String> = [
        "registered", "preliminary", "final", "amended", "corrected", "cancelled",
        "entered-in-error", "unknown",
    ]

    let status: String
    /// Its own value, unless it has none and has components; then its components.
    let rows: [FHIRRow]
    let effective: FHIREffective

    init(_ element: FHIRElement) throws(FHIRProblem) {
        _ = try element.required("status")
        status = try element.word("status", of: FHIRObservation.statuses) ?? ""
        effective = try FHIREffective(element)
        let own = try FHIRRow(element, component: nil)
        var components: [FHIRRow] = []
        for (index, component) in try element.objects("component").enumerated() {
            components.append(try FHIRRow(component, component: index))
        }
        let saysSomething = own.value != nil || own.absentReason != nil
        if own.value != nil, let same = components.first(where: { $0.sharesCode(with: own) }) {
            throw FHIRProblem(
                422, .invariant, "obs-7: a component has the code of the whole", at: same.path)
        }
        rows = (saysSomething || components.isEmpty ? [own] : []) + components
    }

    /// What the status means for every value.
    var flags: QualityFlags {
        switch status {
        case "amended", "corrected": .corrected
        case "entered-in-error": .deleted
        case "cancelled": [.deleted, .noResult]
        case "registered": .noResult
        case "preliminary", "unknown": .preliminary
        default: []
        }
    }
}

/// One value of an Observation: its own, or that of a component.
struct FHIRRow: Sendable {
    /// Its number; nil for the Observation's own value.
    let component: Int?
    let concept: FHIRConcept
    /// The element `value[x]`, and its name.
    let value: (name: String, element: FHIRElement)?
    /// Why there is no value, as a code.
    let absentReason: String?
    let path: String

    init(_ element: FHIRElement, component: Int?) throws(FHIRProblem) {
        self.component = component
        path = element.path
        guard let code = try element.object("code") else {
            throw FHIRProblem(422, .required, "is missing", at: element.path + ".code")
        }
        concept = try FHIRConcept(code)
        value = try FHIRRow.value(element)
        absentReason = try FHIRRow.reason(element)
        guard value == nil || absentReason == nil else {
            throw element.problem(.invariant, "obs-6: a value, and a reason why there is none")
        }
    }

    static let types: Set<String> = [
        "Quantity", "CodeableConcept", "String", "Boolean", "Integer", "Range", "Ratio",
        "SampledData", "Time", "DateTime", "Period",
    ]

    private static func value(
        _ element: FHIRElement
    ) throws(FHIRProblem) -> (name: String, element: FHIRElement)? {
        var found: (name: String, element: FHIRElement)?
        for (name, node) in element.node.members
        where name.hasPrefix("value") && !name.hasPrefix("value_") {
            let child = FHIRElement(node, at: "\(element.path).\(name)")
            guard types.contains(String(name.dropFirst(5))) else {
                throw child.problem(.structure, "no type that a value can have")
            }
            guard found == nil else { throw child.problem(.structure, "a second value") }
            found = (name, child)
        }
        return found
    }

    private static func reason(_ element: FHIRElement) throws(FHIRProblem) -> String? {
        guard let reason = try element.object("dataAbsentReason") else { return nil }
        let concept = try FHIRConcept(reason)
        return concept.first?.code ?? concept.text
    }

    func sharesCode(with other: FHIRRow) -> Bool {
        concept.codings.contains { coding in
            coding.code != nil
                && other.concept.codings.contains {
                    $0.code == coding.code && $0.system == coding.system
                }
        }
    }
}

/// When an Observation, or a like resource, holds.
struct FHIREffective: Sendable {
    /// The element's name, such as `effectiveDateTime`; empty where there is none.
    private(set) var name = ""
    private(set) var start = RawTime.missing
    /// Of a period: its end, or its start while it goes on; else the same as the start.
    private(set) var time = RawTime.missing

    init(_ element: FHIRElement) throws(FHIRProblem) {
        for suffix in ["DateTime", "Instant", "Period", "Timing"] {
            guard let child = element.child("effective" + suffix) else { continue }
            guard name.isEmpty else { throw child.problem(.structure, "a second time") }
            name = "effective" + suffix
            switch suffix {
            case "Period":
                (start, time) = try FHIREffective.period(child)
            case "Timing":
                guard let events = child.child("event")?.node.elements, events.count == 1 else {
                    continue
                }
                start = try FHIRTime.read(FHIRElement(events[0], at: child.path + ".event[0]"))
                time = start
            default:
                start = try FHIRTime.read(child)
                time = start
            }
        }
    }

    /// Whether it is no period, or one of about so many seconds.
    func lasts(_ seconds: Double, within toleranceSeconds: Double) -> Bool {
        guard name == "effectivePeriod", case .at(let first) = start, case .at(let last) = time
        else { return true }
        let duration =
            Double(last.microsecondsSinceEpoch) / 1e6 - Double(first.microsecondsSinceEpoch) / 1e6
        return abs(duration - seconds) <= max(toleranceSeconds, 0.1 * seconds)
    }

    static func period(_ element: FHIRElement) throws(FHIRProblem) -> (RawTime, RawTime) {
        guard element.node.kind == .object else { throw element.problem(.structure, "an object") }
        let start = try element.child("start").map(FHIRTime.read)
        let end = try element.child("end").map(FHIRTime.read)
        if case .at(let first)? = start, case .at(let last)? = end, last < first {
            throw element.problem(.invariant, "per-1: a period that ends before it starts")
        }
        return (start ?? end ?? .missing, end ?? start ?? .missing)
    }
}
