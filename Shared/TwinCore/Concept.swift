/// A quantity that Twinline knows: one canonical code and unit for it, whatever a device calls it.
public struct Concept: Hashable, Sendable {
    /// A short name, used in feature names: `heart_rate`.
    public let name: String
    public let code: Code
    /// The canonical UCUM unit; empty where the quantity has none.
    public let unit: String
    /// For people.
    public let display: String

    init(_ name: String, _ loinc: String, _ unit: String, _ display: String) {
        self.init(name, .loinc(loinc), unit, display)
    }

    init(_ name: String, _ code: Code, _ unit: String, _ display: String) {
        self.name = name
        self.code = code
        self.unit = unit
        self.display = display
    }
}

extension Concept {
    /// Every known quantity.
    ///
    /// Codes are LOINC where there is one, units UCUM.
    public static let all: [Concept] = vitalSigns + laboratory + patient

    static let vitalSigns: [Concept] = [
        Concept("heart_rate", "8867-4", "/min", "Heart rate"),
        Concept("pulse_rate_spo2", "8889-8", "/min", "Pulse rate by pulse oximetry"),
        Concept("pulse_rate_nibp", .mdc("149546"), "/min", "Pulse rate by cuff"),
        Concept("pulse_rate_invasive", .mdc("149522"), "/min", "Pulse rate by invasive pressure"),
        Concept("resp_rate", "9279-1", "/min", "Respiratory rate"),
        Concept("spo2", "59408-5", "%", "Oxygen saturation by pulse oximetry"),
        Concept("sao2", "2708-6", "%", "Oxygen saturation in arterial blood"),
        Concept("body_temp", "8310-5", "Cel", "Body temperature"),
        Concept("sbp", "8480-6", "mm[Hg]", "Systolic blood pressure"),
        Concept("dbp", "8462-4", "mm[Hg]", "Diastolic blood pressure"),
        Concept("map", "8478-0", "mm[Hg]", "Mean blood pressure"),
        Concept("sbp_nibp", "76534-7", "mm[Hg]", "Systolic blood pressure by cuff"),
        Concept("dbp_nibp", "76535-4", "mm[Hg]", "Diastolic blood pressure by cuff"),
        Concept("map_nibp", "76536-2", "mm[Hg]", "Mean blood pressure by cuff"),
        Concept("sbp_art", "76215-3", "mm[Hg]", "Systolic arterial pressure, invasive"),
        Concept("dbp_art", "76213-8", "mm[Hg]", "Diastolic arterial pressure, invasive"),
        Concept("map_art", "76214-6", "mm[Hg]", "Mean arterial pressure, invasive"),
        Concept("etco2", "19889-5", "mm[Hg]", "End-tidal carbon dioxide"),
        Concept("fio2", "3150-6", "%", "Inspired oxygen fraction"),
        Concept("o2_flow", "3151-8", "L/min", "Inspired oxygen flow"),
        Concept("perfusion_index", "61006-3", "%", "Perfusion index"),
        Concept("gcs", "9269-2", "{score}", "Glasgow coma scale, total"),
        Concept("avpu", "67775-7", "", "Level of response (ACVPU)"),
        Concept("urine_output", "9187-6", "mL", "Urine output"),
        Concept("mech_vent", .twinline("mechanical-ventilation"), "", "Mechanical ventilation"),
        Concept("dopamine", .twinline("dopamine-rate"), "ug/kg/min", "Dopamine, rate"),
        Concept("dobutamine", .twinline("dobutamine-rate"), "ug/kg/min", "Dobutamine, rate"),
        Concept("epinephrine", .twinline("epinephrine-rate"), "ug/kg/min", "Epinephrine, rate"),
        Concept(
            "norepinephrine", .twinline("norepinephrine-rate"), "ug/kg/min",
            "Norepinephrine, rate"),
    ]

    static let laboratory: [Concept] = [
        Concept("glucose", "15074-8", "mmol/L", "Glucose"),
        Concept("creatinine", "14682-9", "umol/L", "Creatinine"),
        Concept("urea", "22664-7", "mmol/L", "Urea"),
        Concept("sodium", "2951-2", "mmol/L", "Sodium"),
        Concept("potassium", "2823-3", "mmol/L", "Potassium"),
        Concept("chloride", "2075-0", "mmol/L", "Chloride"),
        Concept("magnesium", "2601-3", "mmol/L", "Magnesium"),
        Concept("bicarbonate", "2028-9", "mmol/L", "Total carbon dioxide"),
        Concept("lactate", "2524-7", "mmol/L", "Lactate"),
        Concept("bilirubin", "14631-6", "umol/L", "Bilirubin, total"),
        Concept("alt", "1742-6", "U/L", "Alanine aminotransferase"),
        Concept("ast", "1920-8", "U/L", "Aspartate aminotransferase"),
        Concept("alp", "6768-6", "U/L", "Alkaline phosphatase"),
        Concept("albumin", "1751-7", "g/dL", "Albumin"),
        Concept("cholesterol", "14647-2", "mmol/L", "Cholesterol"),
        Concept("wbc", "6690-2", "10*9/L", "Leukocytes"),
        Concept("bands", "26508-2", "%", "Band forms of all leukocytes"),
        Concept("haemoglobin", "718-7", "g/dL", "Haemoglobin"),
        Concept("haematocrit", "4544-3", "%", "Haematocrit"),
        Concept("platelets", "777-3", "10*9/L", "Platelets"),
        Concept("inr", "6301-6", "{INR}", "INR"),
        Concept("aptt", "14979-9", "s", "Activated partial thromboplastin time"),
        Concept("crp", "1988-5", "mg/L", "C-reactive protein"),
        Concept("procalcitonin", "33959-8", "ng/mL", "Procalcitonin"),
        Concept("troponin_i", "10839-9", "ng/mL", "Troponin I"),
        Concept("troponin_t", "6598-7", "ng/mL", "Troponin T"),
        Concept("nt_probnp", "33762-6", "pg/mL", "NT-proBNP"),
        Concept("ph_art", "2744-1", "[pH]", "Arterial pH"),
        Concept("pao2", "2703-7", "mm[Hg]", "Arterial oxygen pressure"),
        Concept("paco2", "2019-8", "mm[Hg]", "Arterial carbon dioxide pressure"),
        Concept("hba1c", "4548-4", "%", "Haemoglobin A1c"),
    ]

    static let patient: [Concept] = [
        Concept("body_weight", "29463-7", "kg", "Body weight"),
        Concept("body_height", "8302-2", "cm", "Body height"),
        Concept("bmi", "39156-5", "kg/m2", "Body mass index"),
        Concept("age", "30525-0", "a", "Age"),
        Concept("sex", "46098-0", "", "Sex, 1 male, 0 female"),
        Concept("icu_type", .twinline("icu-type"), "", "Kind of intensive care unit"),
        Concept("spo2_scale", .twinline("spo2-scale"), "", "SpO2 scale of NEWS2, as ordered"),
    ]

    private static let byCode = Dictionary(uniqueKeysWithValues: all.map { ($0.code, $0) })
    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// The concept whose canonical code this is.
    public static func of(_ code: Code) -> Concept? { byCode[code] }
    /// The concept of this short name.
    public static func named(_ name: String) -> Concept? { byName[name] }
}
