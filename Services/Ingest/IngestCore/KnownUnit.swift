/// A unit that Twinline understands, whatever a device calls it.
enum KnownUnit: Int, CaseIterable, Sendable {
    case none, score, inr, ph
    case percent, fraction, perMinute, hertz
    case celsius, fahrenheit, kelvin
    case mmHg, kPa, cmH2O
    case litrePerMinute, millilitrePerMinute
    case microgramPerKilogramMinute, microgramPerKilogramHour, milligramPerKilogramHour
    case litre, millilitre
    case millimolePerLitre, micromolePerLitre, nanomolePerLitre, milliequivalentPerLitre
    case gramPerLitre, gramPerDecilitre, milligramPerDecilitre, milligramPerLitre
    case microgramPerLitre, nanogramPerLitre, millimolePerMole
    case unitPerLitre, microkatalPerLitre
    case gigaPerLitre, perMicrolitre, gigaPerMillilitre
    case second
    case kilogram, gram, pound, ounce
    case metre, centimetre, millimetre, inch, foot
    case kilogramPerSquareMetre
    case year, month, week, day

    /// Every spelling of every unit: UCUM, MDC codes and reference ids, and what devices write.
    ///
    /// One spelling may stand for several units (`g/l` and `G/l`); the quantity decides.
    static let spellings: [(unit: KnownUnit, texts: [String])] = [
        (.score, ["{score}", "score", "{points}", "points", "1"]),
        (.inr, ["{INR}", "INR", "1", "ratio", "{ratio}"]),
        (.ph, ["[pH]", "pH", "{pH}", "pH units", "1"]),
        (
            .percent,
            [
                "%", "percent", "pct", "%{saturated}", "%{saturation}", "%{vol}", "vol%", "%{o2}",
                "% sat", "%sat", "% o2", "262688", "544", "MDC_DIM_PERCENT",
            ]
        ),
        (
            .fraction,
            [
                "1", "{fraction}", "fraction", "unity", "10*0", "l/l", "262656", "512",
                "MDC_DIM_DIMLESS",
            ]
        ),
        (
            .perMinute,
            [
                "/min", "1/min", "min-1", "min^-1", "/minute", "per minute", "per min",
                "{beats}/min",
                "{beat}/min", "beats/min", "beat/min", "beats per minute", "bpm", "b/min",
                "beats/m",
                "{breaths}/min", "{breath}/min", "breaths/min", "breath/min", "breaths per minute",
                "br/min", "brpm", "rpm", "resp/min", "{resp}/min", "{pulse}/min", "pulse/min",
                "{h.b}/min", "264864", "2720", "MDC_DIM_BEAT_PER_MIN", "264928", "2784",
                "MDC_DIM_RESP_PER_MIN",
            ]
        ),
        (.hertz, ["Hz", "/s", "1/s", "s-1", "hertz", "MDC_DIM_HZ", "264608"]),
        (
            .celsius,
            [
                "Cel", "C", "°C", "deg C", "degC", "[degC]", "degrees C", "celsius",
                "degree Celsius", "degrees Celsius", "º C", "ºC", "° C", "℃", "268192", "6048",
                "MDC_DIM_DEGC",
            ]
        ),
        (
            .fahrenheit,
            [
                "[degF]", "F", "°F", "deg F", "degF", "degrees F", "fahrenheit",
                "degree Fahrenheit",
                "degrees Fahrenheit", "ºF", "º F", "° F", "℉", "266560", "4416", "MDC_DIM_FAHR",
            ]
        ),
        (.kelvin, ["K", "kelvin", "degK"]),
        (
            .mmHg,
            [
                "mm[Hg]", "mmHg", "mm Hg", "mm(Hg)", "mm_Hg", "mm-Hg", "millimetre of mercury",
                "millimeter of mercury", "torr", "266016", "3872", "MDC_DIM_MMHG",
            ]
        ),
        (.kPa, ["kPa", "kilopascal", "265987", "3843", "MDC_DIM_KILO_PASCAL"]),
        (.cmH2O, ["cm[H2O]", "cmH2O", "cm H2O", "266048", "3904", "MDC_DIM_CM_H2O"]),
        (
            .litrePerMinute,
            [
                "L/min", "lpm", "l/m", "litre/min", "liter/min", "liters/min", "litres/min",
                "liters per minute", "265216", "3072", "MDC_DIM_L_PER_MIN",
            ]
        ),
        (.millilitrePerMinute, ["mL/min", "265234", "3090", "MDC_DIM_MILLI_L_PER_MIN"]),
        (
            .microgramPerKilogramMinute,
            [
                "ug/kg/min", "ug/(kg.min)", "mcg/kg/min", "\u{B5}g/kg/min", "\u{3BC}g/kg/min",
                "ug/kg per min", "mcg/kg per min",
            ]
        ),
        (
            .microgramPerKilogramHour,
            ["ug/kg/h", "ug/(kg.h)", "mcg/kg/h", "mcg/kg/hr", "\u{B5}g/kg/h", "\u{3BC}g/kg/h"]
        ),
        (.milligramPerKilogramHour, ["mg/kg/h", "mg/(kg.h)", "mg/kg/hr"]),
        (.litre, ["L", "litre", "liter", "263744", "1600", "MDC_DIM_L"]),
        (.millilitre, ["mL", "cc", "cm3", "cm^3", "263762", "1618", "MDC_DIM_MILLI_L"]),
        (
            .millimolePerLitre,
            [
                "mmol/L", "mmol/l", "mM", "mmol.l-1", "mmol per liter", "mol/m3", "266866", "4722",
                "MDC_DIM_MILLI_MOLE_PER_L",
            ]
        ),
        // U+00B5 is the micro sign, U+03BC the Greek letter: both are sent.
        (
            .micromolePerLitre,
            [
                "umol/L", "\u{B5}mol/L", "\u{3BC}mol/L", "mcmol/L", "umol.l-1", "micromol/L", "uM",
                "\u{B5}M", "\u{3BC}M", "micromole per liter",
            ]
        ),
        (.nanomolePerLitre, ["nmol/L", "nM"]),
        (.milliequivalentPerLitre, ["meq/L", "mval/L", "meq/l"]),
        (.gramPerLitre, ["g/L", "gm/L", "mg/mL", "g.l-1"]),
        (.gramPerDecilitre, ["g/dL", "gm/dL", "g%", "g/100mL", "gm%", "g.dl-1"]),
        (
            .milligramPerDecilitre,
            [
                "mg/dL", "mg/100mL", "mg%", "mg.dl-1", "264274", "2130", "MDC_DIM_MILLI_G_PER_DL",
            ]
        ),
        (
            .milligramPerLitre,
            [
                "mg/L", "ug/mL", "\u{B5}g/mL", "\u{3BC}g/mL", "mcg/mL", "mg.l-1",
            ]
        ),
        (
            .microgramPerLitre,
            [
                "ug/L", "\u{B5}g/L", "\u{3BC}g/L", "mcg/L", "ng/mL", "ng.ml-1",
            ]
        ),
        (.nanogramPerLitre, ["ng/L", "pg/mL", "pg.ml-1"]),
        (.millimolePerMole, ["mmol/mol"]),
        (.unitPerLitre, ["U/L", "IU/L", "[IU]/L", "[U]/L", "units/L", "u.l-1"]),
        (.microkatalPerLitre, ["ukat/L", "\u{B5}kat/L", "\u{3BC}kat/L"]),
        (
            .gigaPerLitre,
            [
                "10*9/L", "10^9/L", "10E9/L", "10e+9/L", "x10*9/L", "x10^9/L", "x10e9/L",
                "x 10^9/L",
                "giga.l-1", "giga/L", "G/L", "Gpt/L", "/nL", "10*3/uL", "10^3/uL", "10E3/uL",
                "x10*3/uL", "x10^3/uL", "x10E3/uL", "10*3/\u{B5}L", "10^3/\u{B5}L", "10*3/\u{3BC}L",
                "10^3/\u{3BC}L", "10*3/mcL", "10*3/mm3", "10^3/mm3", "10*3/mm^3", "K/uL",
                "K/\u{B5}L", "K/\u{3BC}L", "K/mcL", "K/mm3", "k/cumm", "thou/uL", "thou/mm3",
                "th/mm3", "{cells}*10*9/L", "cells*10^9/L",
            ]
        ),
        (
            .perMicrolitre,
            [
                "/uL", "/\u{B5}L", "/\u{3BC}L", "{cells}/uL", "cells/uL", "/mm3", "cells/mm3",
                "/mcL", "/cumm", "10*6/L", "10^6/L",
            ]
        ),
        (.gigaPerMillilitre, ["10*9/mL", "10*6/uL", "10^6/uL", "10*6/\u{B5}L", "M/uL"]),
        (.second, ["s", "sec", "secs", "second", "seconds", "264320", "2176", "MDC_DIM_SEC"]),
        (.kilogram, ["kg", "kgs", "kilogram", "kilograms", "263875", "1731", "MDC_DIM_KILO_G"]),
        (.gram, ["g", "gm", "gram", "grams", "263872", "1728", "MDC_DIM_G", "MDC_DIM_X_G"]),
        (
            .pound,
            [
                "[lb_av]", "lb", "lbs", "lb_av", "pound", "pounds", "263904", "1760", "MDC_DIM_LB",
            ]
        ),
        (.ounce, ["[oz_av]", "oz", "ounce", "ounces"]),
        (.metre, ["m", "metre", "meter", "263424", "1280", "MDC_DIM_M", "MDC_DIM_X_M"]),
        (
            .centimetre,
            [
                "cm", "cms", "centimetre", "centimeter", "263441", "1297", "MDC_DIM_CENTI_M",
            ]
        ),
        (.millimetre, ["mm", "263442", "1298", "MDC_DIM_MILLI_M"]),
        (
            .inch,
            [
                "[in_i]", "[in_us]", "in", "inch", "inches", "\"", "263520", "1376", "MDC_DIM_INCH",
            ]
        ),
        (.foot, ["[ft_i]", "[ft_us]", "ft", "foot", "feet"]),
        (
            .kilogramPerSquareMetre,
            [
                "kg/m2", "kg/m^2", "kg/m\u{B2}", "kg/sqm", "264096", "1952", "MDC_DIM_KG_PER_M_SQ",
            ]
        ),
        (.year, ["a", "yr", "yrs", "y", "year", "years", "{years}"]),
        (.month, ["mo", "month", "months", "mos"]),
        (.week, ["wk", "week", "weeks"]),
        (.day, ["d", "day", "days"]),
    ]
}

/// How a number of one unit becomes one of another.
struct Conversion: Sendable {
    var shift = 0.0
    var multiplier = 1.0
    var divisor = 1.0
    var offset = 0.0

    /// Leaves every number as it is.
    static let identity = Conversion()

    var isIdentity: Bool { shift == 0 && multiplier == 1 && divisor == 1 && offset == 0 }

    func apply(to number: Double) -> Double {
        (number + shift) * multiplier / divisor + offset
    }
}

/// Turns spellings into units.
struct UnitSpellings: Sendable {
    private let table: ByteTable
    private let candidates: [[KnownUnit]]

    init() {
        var order: [String] = []
        var units: [String: [KnownUnit]] = [:]
        for (unit, texts) in KnownUnit.spellings {
            for text in Set(texts.map { $0.lowercased() }).sorted() {
                if units[text] == nil { order.append(text) }
                units[text, default: []].append(unit)
            }
        }
        table = ByteTable(order.enumerated().map { ($1, $0) }, ignoresCase: true)
        candidates = order.map { units[$0] ?? [] }
    }

    /// The units that the text may stand for.
    func units(of text: Span<UInt8>) -> [KnownUnit] {
        table.value(of: text).map { candidates[$0] } ?? []
    }
}
