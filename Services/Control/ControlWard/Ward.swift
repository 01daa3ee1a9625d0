/// A ward of SIMULATED patients: made up from a seed, nobody's data.
///
/// It is for showing and trying the system without real data. Vital signs and a few laboratory
/// values follow plausible courses with noise, gaps and artefacts; some patients deteriorate as in
/// sepsis. Nothing learnt from it says anything about real patients.
public struct Ward: Hashable, Sendable {
    /// One value of the table, in the long form of `deploy/mappings/ward.json`.
    public struct Row: Hashable, Sendable {
        public var patient: String
        /// Since the beginning of the simulation.
        public var minute: Int
        /// As the mapping names it.
        public var parameter: String
        public var value: String
        /// Empty where the value has none.
        public var unit: String
    }

    /// What became of one patient.
    public struct Outcome: Hashable, Sendable {
        public var patient: String
        public var deteriorated: Bool
    }

    /// Who names the patients: nobody can take them for real ones.
    public static let authority = "SIMULATED"
    public static let bedCounts = 1...999
    public static let hourCounts = 1...240

    /// In ascending order of time, then patient.
    public var rows: [Row]
    /// One a patient, in ascending order of patient.
    public var outcomes: [Outcome]

    /// The same ward for the same numbers, everywhere.
    ///
    /// `beds` and `hours` must lie in ``bedCounts`` and ``hourCounts``.
    public static func simulate(beds: Int, hours: Int, seed: UInt64) -> Ward {
        precondition(bedCounts.contains(beds), "beds must be in \(bedCounts)")
        precondition(hourCounts.contains(hours), "hours must be in \(hourCounts)")
        var ward = Ward(rows: [], outcomes: [])
        for bed in 1...beds {
            let digits = String(bed)
            let name = "WARD-" + String(repeating: "0", count: 3 - digits.count) + digits
            // A stream of its own for each bed: another bed changes nothing for the others.
            let bedSeed = seed &+ UInt64(bed) &* 0x9E37_79B9_7F4A_7C15
            var patient = WardPatient(name: name, hours: hours, random: WardRandom(seed: bedSeed))
            ward.rows += patient.stay()
            ward.outcomes.append(patient.outcome())
        }
        ward.rows.sort {
            ($0.minute, $0.patient, $0.parameter) < ($1.minute, $1.patient, $1.parameter)
        }
        return ward
    }

    /// The rows as CSV, times as `hh:mm` since the beginning.
    public var table: String {
        var text = "patient,time,parameter,value,unit\n"
        for row in rows {
            let time = "\(twoDigits(row.minute / 60)):\(twoDigits(row.minute % 60))"
            text += "\(row.patient),\(time),\(row.parameter),\(row.value),\(row.unit)\n"
        }
        return text
    }

    /// The outcomes as CSV: 1 where the patient deteriorated.
    public var outcomeTable: String {
        outcomes.reduce("patient,deteriorated\n") {
            $0 + "\($1.patient),\($1.deteriorated ? 1 : 0)\n"
        }
    }
}

private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
