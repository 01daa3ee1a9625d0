/// One simulated patient: a baseline, a course, and what monitor and laboratory say of them.
struct WardPatient {
    /// What kind of course the stay takes.
    private enum Course {
        case stable
        /// Pain, fever or fear: looks ill for some hours, and is not.
        case upset
        case deteriorating
    }

    private let name: String
    private let minutes: Int
    private var random: WardRandom
    private let course: Course
    /// When illness begins, how many minutes it takes to its height, and how high it goes (0 to 1).
    private let onset: Double
    private let rise: Double
    private let height: Double
    private let baseline: Baseline
    /// A slow wandering that vitals share.
    private var drift = 0.0

    /// What is usual for this patient.
    private struct Baseline {
        var age, heartRate, respiration, systolic, saturation, temperature: Double
        var creatinine, lactate, leukocytes, potassium: Double
        var isMale, measuresFahrenheit, sendsMilligrams: Bool
    }

    init(name: String, hours: Int, random: WardRandom) {
        var random = random
        self.name = name
        minutes = hours * 60
        let draw = random.uniform()
        course = draw < 0.20 ? .deteriorating : draw < 0.34 ? .upset : .stable
        let length = Double(minutes)
        onset = random.uniform(0.15 * length...0.75 * length)
        rise = random.uniform(240...960)
        height = course == .upset ? random.uniform(0.3...0.6) : random.uniform(0.35...1)
        baseline = Baseline(
            age: random.uniform(24...92), heartRate: random.normal(78, 9),
            respiration: random.normal(15.5, 1.5), systolic: random.normal(128, 13),
            saturation: random.normal(97, 1), temperature: random.normal(36.8, 0.25),
            creatinine: max(40, random.normal(80, 18)), lactate: max(0.5, random.normal(1.2, 0.3)),
            leukocytes: max(3, random.normal(8, 2)), potassium: random.normal(4.1, 0.3),
            isMale: random.chance(0.5), measuresFahrenheit: random.chance(0.1),
            sendsMilligrams: random.chance(0.2))
        self.random = random
    }

    /// Not all who grow ill end badly, and some end badly without a sign.
    mutating func outcome() -> Ward.Outcome {
        let illness = course == .deteriorating ? illness(at: minutes) : 0
        let probability = illness > 0.15 ? 0.5 + 0.48 * illness : 0.03
        return Ward.Outcome(patient: name, deteriorated: random.chance(probability))
    }

    /// Everything that is told of the stay, in order of time.
    mutating func stay() -> [Ward.Row] {
        var rows: [Ward.Row] = []
        send("Age", baseline.age.rounded(.down), 0, "a", at: 0, to: &rows)
        send("Sex", baseline.isMale ? 1 : 0, 0, "", at: 0, to: &rows)
        var nextVitals = Int(random.uniform(0...30))
        var nextLaboratory = Int(random.uniform(20...120))
        var gapStart = Int(random.uniform(0...Double(minutes) * 1.5))
        for minute in 0..<minutes {
            if minute == nextLaboratory {
                laboratory(at: minute, to: &rows)
                nextLaboratory += Int(random.uniform(300...720))
            }
            guard minute == nextVitals else { continue }
            vitals(at: minute, to: &rows)
            nextVitals += interval(at: minute)
            if nextVitals > gapStart {
                // A disconnected monitor, an examination elsewhere.
                nextVitals += Int(random.uniform(60...240))
                gapStart = Int.max
            }
        }
        return rows
    }

    /// The ill are measured more often; a few are not.
    private mutating func interval(at minute: Int) -> Int {
        let isSeen = illness(at: minute) > 0.25 && random.chance(0.8)
        return Int(isSeen ? random.uniform(5...20) : random.uniform(25...60))
    }

    /// From 0, well, to 1, as ill as can be.
    private func illness(at minute: Int) -> Double {
        let since = Double(minute) - onset
        guard course != .stable, since > 0 else { return 0 }
        // Who is only upset is well again as fast.
        if course == .upset, since > rise { return height * max(0, 2 - since / rise) }
        return height * min(1, since / rise)
    }

    private mutating func vitals(at minute: Int, to rows: inout [Ward.Row]) {
        drift = 0.9 * drift + random.normal(0, 0.4)
        let illness = illness(at: minute)
        // Upset patients have pulse and breath of the ill, not their pressure and oxygen.
        let failing = course == .deteriorating ? illness : 0
        let heartRate = random.normal(baseline.heartRate + 48 * illness + 3 * drift, 3)
        let respiration = random.normal(baseline.respiration + 13 * illness + 0.6 * drift, 1.2)
        let systolic = random.normal(baseline.systolic - 45 * failing - 2 * drift, 5)
        let diastolic = random.normal(0.6 * systolic - 4 * failing, 3)
        let saturation = random.normal(baseline.saturation - 8 * failing, 0.8)
        let temperature = random.normal(baseline.temperature + 1.9 * illness, 0.15)
        monitor("HR", within(heartRate, 25...220), "/min", at: minute, to: &rows)
        monitor("RR", within(respiration, 6...55), "/min", at: minute, to: &rows)
        monitor("SpO2", within(saturation, 70...100), "%", at: minute, to: &rows)
        monitor("NBPs", within(systolic, 50...240), "mm[Hg]", at: minute, to: &rows)
        monitor("NBPd", within(diastolic, 25...140), "mm[Hg]", at: minute, to: &rows)
        if random.chance(0.5) {
            sendTemperature(within(temperature, 34...41.5), at: minute, to: &rows)
        }
        if random.chance(0.35) {
            send(
                "O2flow", failing > 0.3 ? (10 * failing).rounded() : 0, 0, "L/min", at: minute,
                to: &rows)
        }
        if random.chance(0.25) {
            let level = failing > 0.75 ? "V" : failing > 0.5 && random.chance(0.5) ? "C" : "A"
            rows.append(row("ACVPU", level, "", at: minute))
        }
        if random.chance(0.3) {
            let urine = random.normal(70 - 50 * failing, 12)
            send("Urine", within(urine, 0...300), 0, "mL", at: minute, to: &rows)
        }
    }

    private mutating func laboratory(at minute: Int, to rows: inout [Ward.Row]) {
        let illness = illness(at: minute)
        let failing = course == .deteriorating ? illness : 0
        let lactate = random.normal(
            baseline.lactate + 4.5 * failing * failing + 0.3 * illness, 0.25)
        send("Lactate", within(lactate, 0.4...20), 1, "mmol/L", at: minute, to: &rows)
        let creatinine = within(random.normal(baseline.creatinine + 90 * failing, 5), 30...900)
        if baseline.sendsMilligrams {
            send("CreatinineMg", creatinine / 88.42, 2, "mg/dL", at: minute, to: &rows)
        } else {
            send("Creatinine", creatinine, 0, "umol/L", at: minute, to: &rows)
        }
        let leukocytes = random.normal(baseline.leukocytes + 9 * illness, 0.8)
        send("WBC", within(leukocytes, 0.5...60), 1, "10*9/L", at: minute, to: &rows)
        let potassium = random.normal(baseline.potassium + 0.6 * failing, 0.15)
        send("K", within(potassium, 2.5...7.5), 1, "mmol/L", at: minute, to: &rows)
    }

    /// One value of the monitor, now and then an artefact instead.
    private mutating func monitor(
        _ parameter: String, _ value: Double, _ unit: String, at minute: Int,
        to rows: inout [Ward.Row]
    ) {
        guard random.chance(0.012) else {
            send(parameter, value, 0, unit, at: minute, to: &rows)
            return
        }
        let artefacts = ["-100", "8388607", "0", "", "999"]
        let artefact = artefacts[Int(random.uniform() * Double(artefacts.count))]
        rows.append(row(parameter, artefact, unit, at: minute))
    }

    private mutating func sendTemperature(
        _ celsius: Double, at minute: Int, to rows: inout [Ward.Row]
    ) {
        let fahrenheit = celsius * 1.8 + 32
        if baseline.measuresFahrenheit {
            send("Temp", fahrenheit, 1, "[degF]", at: minute, to: &rows)
        } else if random.chance(0.01) {
            // The wrong unit: a number in Fahrenheit that says it is Celsius.
            send("Temp", fahrenheit, 1, "Cel", at: minute, to: &rows)
        } else {
            send("Temp", celsius, 1, "Cel", at: minute, to: &rows)
        }
    }

    private func send(
        _ parameter: String, _ value: Double, _ decimalCount: Int, _ unit: String, at minute: Int,
        to rows: inout [Ward.Row]
    ) {
        rows.append(row(parameter, written(value, decimalCount: decimalCount), unit, at: minute))
    }

    private func row(
        _ parameter: String, _ value: String, _ unit: String, at minute: Int
    ) -> Ward.Row {
        Ward.Row(patient: name, minute: minute, parameter: parameter, value: value, unit: unit)
    }
}

private func within(_ value: Double, _ range: ClosedRange<Double>) -> Double {
    min(max(value, range.lowerBound), range.upperBound)
}

/// A number of the ward (none is negative or large) with a fixed number of decimals.
private func written(_ value: Double, decimalCount: Int) -> String {
    let scale = [1, 10, 100][decimalCount]
    let scaled = Int((value * Double(scale)).rounded())
    guard scale > 1 else { return "\(scaled)" }
    let fraction = String(scaled % scale)
    return "\(scaled / scale)." + String(repeating: "0", count: decimalCount - fraction.count)
        + fraction
}
