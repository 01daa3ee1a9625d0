import IngestCore
import TwinCore
import TwinJSON
import TwinWaveform

/// Turns an Observation into raw observations of its patient.
struct FHIRObservationReader {
    private let element: FHIRElement
    private let scope: FHIRScope
    private var text = FHIRText()
    private var observations: [RawObservation] = []
    private var refusedRows: [Refusal] = []

    static func read(
        _ element: FHIRElement, _ scope: FHIRScope
    ) throws(FHIRProblem) -> FHIRReading {
        var reader = FHIRObservationReader(element: element, scope: scope)
        return try reader.read()
    }

    private init(element: FHIRElement, scope: FHIRScope) {
        self.element = element
        self.scope = scope
    }

    private mutating func read() throws(FHIRProblem) -> FHIRReading {
        let sent = try FHIRObservation(element)
        guard let reference = try element.object("subject") else {
            throw FHIRProblem(422, .required, "is missing", at: element.path + ".subject")
        }
        let source = try FHIRSource.read(element, scope)
        let subject = try FHIRSubject.read(reference, of: element, scope, &text)
        for row in sent.rows { try add(row, sent) }
        let identifiers: [RawIdentifier]
        switch subject {
        case .unknown(let refusal): return FHIRReading(aside: refusal)
        case .known(let known): identifiers = known
        }
        _ = try text.twin(identifiers, scope, at: reference.path)
        if sent.status == "entered-in-error" || sent.status == "cancelled",
            sent.effective.time == .missing
        {
            return FHIRReading(
                aside: Refusal(
                    .malformed, "\(element.path): a withdrawal without a time fits no value"))
        }
        if observations.isEmpty, let refusal = refusedRows.first {
            return FHIRReading(aside: refusal)
        }
        return FHIRReading([
            RawMessage(
                text: text.bytes, patients: [identifiers], source: source,
                observations: observations, refusedRows: refusedRows)
        ])
    }

    private mutating func add(_ row: FHIRRow, _ sent: FHIRObservation) throws(FHIRProblem) {
        var raw = RawObservation(
            code: try code(row.concept, row.path), value: .empty, time: sent.effective.time,
            flags: sent.flags)
        raw.alternateCode = text.add(row.concept.pair.second)
        if let reason = row.absentReason {
            raw.flags.insert(.noResult)
            if FHIRObservationReader.deviceReasons.contains(reason) {
                raw.flags.insert(.deviceInvalid)
            }
        }
        guard let (name, value) = row.value else { return observations.append(raw) }
        if name == "valueSampledData" {
            return try add(FHIRSampledData(value), of: value, raw, sent.effective)
        }
        (raw.value, raw.unit) = try self.value(name, value)
        observations.append(raw)
    }

    private static let deviceReasons: Set<String> = [
        "error", "not-a-number", "negative-infinity", "positive-infinity",
    ]

    private mutating func code(
        _ concept: FHIRConcept, _ path: String
    ) throws(FHIRProblem) -> RawCode {
        for coding in concept.codings {
            let longest = max(coding.code?.utf8.count ?? 0, coding.system?.utf8.count ?? 0)
            guard longest <= Cleaner.codeByteCountMax else {
                throw FHIRProblem(422, .tooLong, "a code is too long", at: path + ".code")
            }
        }
        guard let first = concept.pair.first else {
            let words = String(decoding: (concept.text ?? "").utf8.prefix(256), as: UTF8.self)
            return RawCode(value: .empty, text: text.add(words))
        }
        return text.add(first)
    }

    private mutating func value(
        _ name: String, _ value: FHIRElement
    ) throws(FHIRProblem) -> (RawValue, RawCode) {
        switch name {
        case "valueQuantity":
            let quantity = try FHIRQuantity(value)
            let unit = quantity.rawUnit(&text)
            guard unit.value.range.count <= Cleaner.codeByteCountMax else {
                throw value.problem(.tooLong, "a unit is too long")
            }
            return (quantity.value, unit)
        case "valueInteger": return (.number(try value.number(), .equal), .empty)
        case "valueBoolean":
            guard let bool = value.node.bool else { throw value.problem(.value, "true or false") }
            return (.text(text.add(bool ? "true" : "false")), .empty)
        case "valueCodeableConcept":
            let concept = try FHIRConcept(value)
            return (try words(concept.first?.code ?? concept.text ?? "", value), .empty)
        case "valueString", "valueTime": return (try words(try value.string(), value), .empty)
        case "valueDateTime":
            _ = try FHIRTime.read(value)
            return (try words(try value.string(), value), .empty)
        default:
            // A range, a ratio or a period: no number, kept as it reads.
            return (try words(String(decoding: value.node.written, as: UTF8.self), value), .empty)
        }
    }

    private mutating func words(
        _ words: String, _ value: FHIRElement
    ) throws(FHIRProblem) -> RawValue {
        guard words.utf8.count <= Cleaner.textByteCountMax else {
            throw value.problem(.tooLong, "a text is too long")
        }
        return .text(text.add(words))
    }

    /// A slow series is its values, each at its own time; a fast one is a signal, or several.
    private mutating func add(
        _ sampled: FHIRSampledData, of value: FHIRElement, _ raw: RawObservation,
        _ effective: FHIREffective
    ) throws(FHIRProblem) {
        guard effective.start != .missing else {
            return refusedRows.append(
                Refusal(.malformed, "\(value.path): samples without the time of the first"))
        }
        guard sampled.isSeries else { return try addSignals(sampled, value, raw, effective) }
        let unit = sampled.origin.rawUnit(&text)
        for (index, point) in try sampled.points().enumerated() {
            var one = raw
            one.value = point.value
            one.flags.formUnion(point.flags)
            one.unit = unit
            let shift = Int64((Double(index) * sampled.periodMs * 1000).rounded())
            one.time = effective.start.shifted(microseconds: shift)
            observations.append(one)
        }
    }

    /// One signal for each dimension: the code is that of the first, the others are numbered.
    private mutating func addSignals(
        _ sampled: FHIRSampledData, _ value: FHIRElement, _ raw: RawObservation,
        _ effective: FHIREffective
    ) throws(FHIRProblem) {
        let (signals, gaps) = try sampled.signals(label: text.string(raw.code.text))
        guard Cleaner.samplesPerSecondRange.contains(sampled.samplesPerSecond) else {
            return refusedRows.append(
                Refusal(.unsupported, "\(value.path): a rate that no signal has"))
        }
        for (index, signal) in signals.enumerated() {
            var one = raw
            one.value = .waveform(signal)
            one.time = effective.start
            one.flags.formUnion(gaps[index])
            if !effective.lasts(signal.durationSeconds, within: sampled.periodMs / 500) {
                one.flags.insert(.irregular)
            }
            if index > 0 {
                let name = text.string(raw.code.value.isEmpty ? raw.code.text : raw.code.value)
                one.code = RawCode(value: text.add("\(name)-\(index + 1)"))
            }
            observations.append(one)
        }
    }
}

/// Where a resource's values come from: its device, else the system that it says it is from.
enum FHIRSource {
    static func read(
        _ element: FHIRElement, _ scope: FHIRScope
    ) throws(FHIRProblem) -> Source {
        var name = try device(element, scope)
        if name == nil { name = try element.object("meta")?.string("source") }
        return String(decoding: (name ?? "fhir").utf8.prefix(127), as: UTF8.self)
    }

    private static func device(
        _ element: FHIRElement, _ scope: FHIRScope
    ) throws(FHIRProblem) -> String? {
        guard let reference = try element.object("device") else { return nil }
        let name = try reference.string("reference")
        if let name, let device = scope.resource(name, in: element) {
            for identifier in try device.objects("identifier") {
                if let value = try identifier.string("value") { return value }
            }
            for deviceName in try device.objects("deviceName") {
                if let value = try deviceName.string("name") { return value }
            }
        }
        if let own = try reference.object("identifier")?.string("value") { return own }
        let display = try reference.string("display")
        return name ?? display
    }
}
