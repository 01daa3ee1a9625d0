import IngestCore
import TwinCore
import TwinJSON

/// Turns a Patient into what its twin has a place for: sex, age, and into whom it was merged.
enum FHIRPatient {
    /// Reads one; who `isNamed` has an id of its sender's, and others refer to it by that.
    static func read(
        _ element: FHIRElement, _ scope: FHIRScope, isNamed: Bool
    ) throws(FHIRProblem) -> FHIRReading {
        var own = Speech()
        own.identifiers = try FHIRSubject.identifiers(of: element, &own.text)
        let twin = try own.text.twin(own.identifiers, scope, at: element.path + ".identifier")
        let time = try time(element, scope)
        try addPerson(element, time, scope, &own)
        var others: [RawMessage] = []
        for link in try element.objects("link") {
            try add(link, of: element, twin, time, scope, &own, &others)
        }
        if isNamed, let id = try element.string("id") {
            // Who is referred to as Patient/id is the same as who has the identifiers.
            var named = Speech()
            named.identifiers = [RawIdentifier(value: named.text.add(id))]
            if try named.text.twin(named.identifiers, scope, at: element.path) != twin {
                named.add(.survivor, twin.text, time)
                others.append(named.message)
            }
        }
        // What has no place is kept whatever else is said of whom.
        if own.observations.isEmpty, !others.isEmpty { others[0].refusedRows = own.refusedRows }
        let messages = (own.observations.isEmpty ? [] : [own.message]) + others
        guard !messages.isEmpty else {
            return FHIRReading(
                aside: own.refusedRows.first
                    ?? Refusal(
                        .unsupported, "\(element.path): nothing that the twin has a place for"))
        }
        return FHIRReading(messages)
    }

    /// Says which of two twins goes on; other links are kept aside.
    private static func add(
        _ link: FHIRElement, of element: FHIRElement, _ twin: TwinID, _ time: RawTime,
        _ scope: FHIRScope, _ own: inout Speech, _ others: inout [RawMessage]
    ) throws(FHIRProblem) {
        let type = try link.required("type")
        guard let reference = try link.object("other") else {
            throw FHIRProblem(422, .required, "is missing", at: link.path + ".other")
        }
        guard ["replaced-by", "replaces"].contains(type) else {
            return own.refusedRows.append(
                Refusal(.unsupported, "\(link.path): only merges have a place in the twin"))
        }
        var other = Speech()
        other.identifiers = try identifiers(reference, element, scope, &other.text)
        let otherTwin = try other.text.twin(other.identifiers, scope, at: reference.path)
        guard otherTwin != twin else {
            throw link.problem(.invariant, "a patient is not merged into itself")
        }
        if type == "replaced-by" {
            own.add(.survivor, otherTwin.text, time)
        } else {
            other.add(.survivor, twin.text, time)
            others.append(other.message)
        }
    }

    private static func addPerson(
        _ element: FHIRElement, _ time: RawTime, _ scope: FHIRScope, _ own: inout Speech
    ) throws(FHIRProblem) {
        let sex = try element.word("gender", of: ["male", "female", "other", "unknown"])
        if let sex, sex == "male" || sex == "female" {
            own.add(.loinc("46098-0"), .text(own.text.add(sex)), time: time)
        }
        if let birth = element.child("birthDate") {
            _ = try FHIRTime.read(birth)
            if let born = FHIRTime.day(try birth.string()), let now = CivilTime(scope.receivedAt) {
                let isBefore = (now.month, now.day) < (born.month, born.day)
                let years = Double(now.year - born.year - (isBefore ? 1 : 0))
                own.add(.loinc("30525-0"), .number(years, .equal), unit: "a", time: time)
            }
        }
        let isDead =
            try element.bool("deceasedBoolean") == true || element.child("deceasedDateTime") != nil
        if try element.bool("active") == false || isDead {
            own.refusedRows.append(
                Refusal(
                    .unsupported,
                    "\(element.path): not in use, or deceased: no place in the twin yet"))
        }
    }

    private static func identifiers(
        _ reference: FHIRElement, _ element: FHIRElement, _ scope: FHIRScope,
        _ text: inout FHIRText
    ) throws(FHIRProblem) -> [RawIdentifier] {
        switch try FHIRSubject.read(reference, of: element, scope, &text) {
        case .known(let identifiers): return identifiers
        case .unknown(let refusal):
            throw FHIRProblem(422, .notFound, refusal.detail, at: reference.path)
        }
    }

    /// When it was said: as its server knows, else now.
    static func time(_ element: FHIRElement, _ scope: FHIRScope) throws(FHIRProblem) -> RawTime {
        guard let updated = try element.object("meta")?.child("lastUpdated") else {
            return .at(scope.receivedAt)
        }
        return try FHIRTime.read(updated)
    }
}

/// What is said of one patient, as it is put together.
struct Speech {
    var text = FHIRText()
    var identifiers: [RawIdentifier] = []
    var source: Source = "fhir"
    var observations: [RawObservation] = []
    var refusedRows: [Refusal] = []

    mutating func add(_ statement: Statement, _ words: String, _ time: RawTime) {
        add(statement.code, .text(text.add(words)), time: time)
    }

    mutating func add(_ code: Code, _ value: RawValue, unit: String = "", time: RawTime) {
        observations.append(
            RawObservation(
                code: text.add(code), value: value, unit: RawCode(value: text.add(unit)),
                time: time))
    }

    var message: RawMessage {
        RawMessage(
            text: text.bytes, patients: [identifiers], source: source,
            observations: observations, refusedRows: refusedRows)
    }
}
