import IngestCore
import TwinCore
import TwinJSON

/// Turns conditions and medications into coded statements: kept and shown, used in no score.
enum FHIRClinical {
    static func read(
        _ element: FHIRElement, _ scope: FHIRScope, type: String
    ) throws(FHIRProblem) -> FHIRReading {
        var speech = Speech()
        guard let reference = try element.object("subject") else {
            throw FHIRProblem(422, .required, "is missing", at: element.path + ".subject")
        }
        let subject = try FHIRSubject.read(reference, of: element, scope, &speech.text)
        speech.source = try FHIRSource.read(element, scope)
        let concept: FHIRConcept?
        if type == "Condition" {
            concept = try element.object("code").map(FHIRConcept.init)
            try addCondition(element, concept, &speech)
        } else {
            concept = try medication(element, scope)
            try addMedication(element, concept, type, &speech)
        }
        switch subject {
        case .unknown(let refusal): return FHIRReading(aside: refusal)
        case .known(let identifiers): speech.identifiers = identifiers
        }
        _ = try speech.text.twin(speech.identifiers, scope, at: reference.path)
        guard !speech.observations.isEmpty else {
            return FHIRReading(
                aside: Refusal(.unsupported, "\(element.path): nothing that is coded"))
        }
        return FHIRReading([speech.message])
    }

    /// The clinical status in words, said when it was last changed.
    private static func addCondition(
        _ element: FHIRElement, _ concept: FHIRConcept?, _ speech: inout Speech
    ) throws(FHIRProblem) {
        let clinical = try status(element, "clinicalStatus")
        let verification = try status(element, "verificationStatus")
        var words = clinical ?? "stated"
        if let verification, verification != "confirmed" { words += ", \(verification)" }
        for name in ["onsetDateTime", "onsetString"] {
            if let onset = try element.string(name) { words += ", since \(onset)" }
        }
        var time = RawTime.missing
        for child in [
            try element.object("meta")?.child("lastUpdated"), element.child("recordedDate"),
            element.child("onsetDateTime"),
        ] where time == .missing {
            if let child { time = try FHIRTime.read(child) }
        }
        let isWithdrawn = verification == "entered-in-error" || verification == "refuted"
        try add(
            concept, element, .text(speech.text.add(words)), unit: .empty, time,
            isWithdrawn ? .deleted : [], &speech)
    }

    private static func status(
        _ element: FHIRElement, _ name: String
    ) throws(FHIRProblem) -> String? {
        guard let child = try element.object(name) else { return nil }
        let concept = try FHIRConcept(child)
        return concept.first?.code ?? concept.text
    }

    /// The dose where one was given, else the status in words.
    private static func addMedication(
        _ element: FHIRElement, _ concept: FHIRConcept?, _ type: String, _ speech: inout Speech
    ) throws(FHIRProblem) {
        let status = try element.required("status")
        var time = try FHIREffective(element).time
        if time == .missing, let asserted = element.child("dateAsserted") {
            time = try FHIRTime.read(asserted)
        }
        var flags: QualityFlags = status == "entered-in-error" ? .deleted : []
        if status == "not-done" || status == "not-taken" { flags = .noResult }
        let dosage =
            type == "MedicationAdministration"
            ? try element.object("dosage") : try element.objects("dosage").first
        if let dose = try dose(dosage) {
            let quantity = try FHIRQuantity(dose)
            let unit = quantity.rawUnit(&speech.text)
            try add(concept, element, quantity.value, unit: unit, time, flags, &speech)
        } else {
            let words = speech.text.add(status)
            try add(concept, element, .text(words), unit: .empty, time, flags, &speech)
        }
    }

    private static func dose(_ dosage: FHIRElement?) throws(FHIRProblem) -> FHIRElement? {
        guard let dosage else { return nil }
        for name in ["rateQuantity", "dose"] {
            if let dose = try dosage.object(name) { return dose }
        }
        return try dosage.objects("doseAndRate").first?.object("doseQuantity")
    }

    private static func medication(
        _ element: FHIRElement, _ scope: FHIRScope
    ) throws(FHIRProblem) -> FHIRConcept? {
        if let concept = try element.object("medicationCodeableConcept") {
            return try FHIRConcept(concept)
        }
        guard let reference = try element.object("medicationReference") else {
            throw element.problem(.required, "no medication")
        }
        guard let name = try reference.string("reference"),
            let resource = scope.resource(name, in: element)
        else { return nil }
        return try resource.object("code").map(FHIRConcept.init)
    }

    private static func add(
        _ concept: FHIRConcept?, _ element: FHIRElement, _ value: RawValue, unit: RawCode,
        _ time: RawTime, _ flags: QualityFlags, _ speech: inout Speech
    ) throws(FHIRProblem) {
        guard let coding = concept?.pair.first else { return }
        let longest = max(
            coding.code?.utf8.count ?? 0, coding.system?.utf8.count ?? 0, unit.value.range.count)
        guard longest <= Cleaner.codeByteCountMax else {
            throw element.problem(.tooLong, "a code or unit is too long")
        }
        if case .text(let place) = value, place.range.count > Cleaner.textByteCountMax {
            throw element.problem(.tooLong, "a text is too long")
        }
        speech.observations.append(
            RawObservation(
                code: speech.text.add(coding), value: value, unit: unit, time: time, flags: flags))
    }
}
