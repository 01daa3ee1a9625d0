/// A code that means a known quantity.
struct CodeAlias: Sendable {
    /// The quantity's place in ``Analyte/all``.
    let analyte: Int
    /// Takes the place of the quantity's own conversion from mg/dL: `urea nitrogen` is not urea.
    let perDecilitre: Double?
    /// Whether the reference ids of this number are listed, so that another one is a conflict.
    let hasReferenceIDs: Bool
}

/// A code that one site or vendor made up, and the short name of the quantity that it means.
public struct LocalCode: Hashable, Sendable {
    public var system: String
    public var code: String
    public var concept: String

    public init(system: String, code: String, concept: String) {
        self.system = system
        self.code = code
        self.concept = concept
    }

    /// Codes of published bedside systems that no terminology lists.
    public static let published: [LocalCode] =
        [
            LocalCode(system: "HL70396", code: "VS006", concept: "spo2"),
            LocalCode(system: "L", code: "ACVPU", concept: "avpu"),
        ] + snomed

    /// SNOMED CT's identifiers of vital signs, as far as senders use them in LOINC's place.
    private static let snomed: [LocalCode] = [
        ("364075005", "heart_rate"), ("86290005", "resp_rate"), ("431314004", "spo2"),
        ("386725007", "body_temp"), ("276885007", "body_temp"), ("271649006", "sbp"),
        ("271650006", "dbp"), ("6797001", "map"), ("27113001", "body_weight"),
        ("50373000", "body_height"), ("60621009", "bmi"), ("1104441000000107", "avpu"),
    ].map { LocalCode(system: "http://snomed.info/sct", code: $0, concept: $1) }
}

/// The tables of codes; the concepts' own codes are not repeated here.
enum CodeTable {
    /// LOINC codes by short name, with the factor from mg/dL where it is not the quantity's own.
    static let loinc: [(concept: String, codes: [String], perDecilitre: Double?)] = [
        ("body_temp", ["8331-1", "8332-9", "8333-7", "8329-5", "8328-7"], nil),
        ("fio2", ["19994-3"], nil),
        ("glucose", ["2345-7", "2339-0", "14749-6", "41653-7", "14743-9", "2340-8"], nil),
        ("creatinine", ["2160-0", "38483-4"], nil),
        ("urea", ["3091-6"], nil),
        ("urea", ["3094-0", "6299-2"], 0.35697),
        ("sodium", ["2947-0"], nil), ("potassium", ["6298-4"], nil), ("chloride", ["2069-3"], nil),
        ("magnesium", ["19123-9"], nil), ("bicarbonate", ["1963-8", "1960-4", "1959-6"], nil),
        ("lactate", ["14118-4", "32693-4", "2518-9"], nil), ("bilirubin", ["1975-2"], nil),
        ("cholesterol", ["2093-3"], nil), ("bands", ["764-1", "35332-6"], nil),
        ("wbc", ["26464-8", "804-5"], nil),
        ("haemoglobin", ["20509-6"], nil), ("haematocrit", ["20570-8"], nil),
        ("platelets", ["26515-7", "778-1"], nil), ("inr", ["34714-6"], nil),
        ("aptt", ["3173-2"], nil), ("crp", ["30522-7"], nil), ("hba1c", ["59261-8"], nil),
        ("body_weight", ["3141-9"], nil), ("body_height", ["3137-7", "8301-4"], nil),
        ("sex", ["76689-9"], nil),
    ]

    /// Numbers of ISO/IEEE 11073-10101 with the reference ids that belong to each.
    static let mdc: [(concept: String, number: Int, referenceIDs: [String])] = [
        ("heart_rate", 147_842, ["MDC_ECG_HEART_RATE", "MDC_ECG_CARD_BEAT_RATE"]),
        ("pulse_rate_spo2", 149_530, ["MDC_PULS_OXIM_PULS_RATE"]),
        ("pulse_rate_nibp", 149_546, ["MDC_PULS_RATE_NON_INV"]),
        ("pulse_rate_invasive", 149_522, ["MDC_BLD_PULS_RATE_INV"]),
        ("resp_rate", 151_562, ["MDC_RESP_RATE"]),
        ("resp_rate", 151_578, ["MDC_TTHOR_RESP_RATE"]),
        ("resp_rate", 151_594, ["MDC_CO2_RESP_RATE"]),
        ("spo2", 150_456, ["MDC_PULS_OXIM_SAT_O2"]),
        ("sao2", 150_324, ["MDC_SAT_O2_ART"]),
        ("body_temp", 150_344, ["MDC_TEMP"]), ("body_temp", 150_364, ["MDC_TEMP_BODY"]),
        ("body_temp", 150_368, ["MDC_TEMP_CORE"]), ("body_temp", 188_424, ["MDC_TEMP_ORAL"]),
        ("body_temp", 188_420, ["MDC_TEMP_RECT"]), ("body_temp", 150_392, ["MDC_TEMP_TYMP"]),
        ("body_temp", 150_372, ["MDC_TEMP_ESOPH"]), ("body_temp", 150_348, []),
        ("sbp_nibp", 150_021, ["MDC_PRESS_BLD_NONINV_SYS"]),
        ("dbp_nibp", 150_022, ["MDC_PRESS_BLD_NONINV_DIA"]),
        ("map_nibp", 150_023, ["MDC_PRESS_BLD_NONINV_MEAN"]),
        ("sbp_nibp", 150_301, ["MDC_PRESS_CUFF_SYS"]),
        ("dbp_nibp", 150_302, ["MDC_PRESS_CUFF_DIA"]),
        ("map_nibp", 150_303, ["MDC_PRESS_CUFF_MEAN"]),
        ("sbp_art", 150_037, ["MDC_PRESS_BLD_ART_ABP_SYS"]),
        ("dbp_art", 150_038, ["MDC_PRESS_BLD_ART_ABP_DIA"]),
        ("map_art", 150_039, ["MDC_PRESS_BLD_ART_ABP_MEAN"]),
        ("sbp_art", 150_033, ["MDC_PRESS_BLD_ART_SYS"]),
        ("dbp_art", 150_034, ["MDC_PRESS_BLD_ART_DIA"]),
        ("map_art", 150_035, ["MDC_PRESS_BLD_ART_MEAN"]),
        ("sbp", 150_017, ["MDC_PRESS_BLD_SYS"]), ("dbp", 150_018, ["MDC_PRESS_BLD_DIA"]),
        ("map", 150_019, ["MDC_PRESS_BLD_MEAN"]),
        ("etco2", 151_708, ["MDC_CONC_AWAY_CO2_ET", "MDC_AWAY_CO2_ET"]),
        ("fio2", 152_196, ["MDC_CONC_AWAY_O2_INSP"]),
        ("perfusion_index", 150_488, ["MDC_BLD_PERF_INDEX"]),
        ("body_weight", 188_736, ["MDC_MASS_BODY_ACTUAL"]),
        ("body_height", 188_740, ["MDC_LEN_BODY_ACTUAL"]),
        ("bmi", 188_752, ["MDC_RATIO_MASS_BODY_LEN_SQ"]),
    ]

    /// The wider quantity that a narrower one is also a value of: two codes of one value may name
    /// both without contradiction.
    static let wider: [String: String] = [
        "sbp_nibp": "sbp", "sbp_art": "sbp", "dbp_nibp": "dbp", "dbp_art": "dbp",
        "map_nibp": "map", "map_art": "map", "pulse_rate_spo2": "heart_rate",
        "pulse_rate_nibp": "heart_rate", "pulse_rate_invasive": "heart_rate",
        // FHIR's profile demands the arterial code beside that of pulse oximetry.
        "spo2": "sao2",
    ]
}
