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

/// SampledData: values at even distances.
struct FHIRSampledData: Sendable {
    static let pointCountMax = 10_000
    /// What comes more often is a waveform, which has no place in a twin yet.
    static let periodMsMin = 1000.0

    struct Point: Sendable {
        let value: RawValue
        let flags: QualityFlags
    }

    let origin: FHIRQuantity
    let periodMs: Double
    let points: [Point]

    /// Nil where it is a waveform, or of several channels.
    init?(_ element: FHIRElement) throws(FHIRProblem) {
        guard let own = try element.object("origin"), let period = element.child("period"),
            let dimensions = element.child("dimensions")
        else { throw element.problem(.required, "origin, period and dimensions are needed") }
        origin = try FHIRQuantity(own)
        periodMs = try period.number()
        guard periodMs > 0 else { throw period.problem(.value, "a period above zero") }
        let isSeries = try dimensions.number() == 1 && periodMs >= FHIRSampledData.periodMsMin
        let words = (try element.string("data") ?? "").split(separator: " ")
        let factor = try element.child("factor")?.number() ?? 1
        let lower = try element.child("lowerLimit")?.number()
        let upper = try element.child("upperLimit")?.number()
        guard isSeries else { return nil }
        guard words.count <= FHIRSampledData.pointCountMax else {
            throw element.problem(.tooLong, "too many values")
        }
        var points: [Point] = []
        for word in words {
            func bound(_ limit: Double?, _ comparator: Comparator) -> Point {
                Point(value: limit.map { .number($0, comparator) } ?? .empty, flags: [])
            }
            switch word {
            case "E": points.append(Point(value: .empty, flags: .deviceInvalid))
            case "U": points.append(bound(upper, .greater))
            case "L": points.append(bound(lower, .less))
            default:
                guard let number = Decimal.number(Array(word.utf8).span) else {
                    throw element.problem(.value, "data of numbers, E, U and L")
                }
                let value = (origin.number ?? 0) + number * factor
                points.append(Point(value: .number(value, .equal), flags: []))
            }
        }
        self.points = points
    }
}
