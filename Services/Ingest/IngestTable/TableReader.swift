public import TwinCore

/// One row of a table: its observations, or why it was refused.
public struct TableRow: Hashable, Sendable {
    /// The line that it starts on, 1 for the first of the file.
    public var line: Int
    /// Where it stands in the bytes.
    public var byteRange: Range<Int>
    public var result: Result<[Observation], Refusal>
}

/// Reads a table's rows as observations, one row at a time.
///
/// The observations are as sent: code and unit are those of the mapping, not yet canonical. A value
/// that means "not measured" is kept with a flag; one that should be a number and is none is kept
/// as text with a flag. An empty cell of a wide row says nothing and makes no observation.
public struct TableReader: Sendable, Sequence, IteratorProtocol {
    private var records: CSVReader
    private let plan: TablePlan
    /// Whose rows these are, where rows don't say it themselves.
    private var patient: TwinID?
    private let receivedAt: Instant

    /// Reads the header.
    ///
    /// `patient` holds where the mapping names no column or parameter for it; `epoch` wins over the
    /// mapping's. Throws where mapping and header don't fit each other.
    public init(
        _ bytes: [UInt8], mapping: TableMapping, patient: TwinID? = nil, epoch: Instant? = nil,
        receivedAt: Instant, limits: CSVReader.Limits = CSVReader.Limits()
    ) throws(Refusal) {
        let delimiter = try TablePlan.delimiter(of: mapping)
        records = try CSVReader(bytes, delimiter: delimiter, limits: limits)
        guard let header = records.next() else { throw Refusal(.malformed, "the table is empty") }
        plan = try TablePlan(mapping, header: try header.fields.get(), epoch: epoch)
        guard plan.namesPatient || patient != nil else {
            throw Refusal(.noPatient, "the mapping names no patient column, and none is given")
        }
        self.patient = patient
        self.receivedAt = receivedAt
    }

    public mutating func next() -> TableRow? {
        guard let record = records.next() else { return nil }
        let result: Result<[Observation], Refusal>
        do {
            result = .success(try observations(of: try record.fields.get()))
        } catch {
            result = .failure(error)
        }
        return TableRow(line: record.line, byteRange: record.byteRange, result: result)
    }

    private mutating func observations(of fields: [String]) throws(Refusal) -> [Observation] {
        guard fields.count == plan.columnCount else {
            throw Refusal(.malformed, "\(fields.count) fields, not \(plan.columnCount)")
        }
        if let column = plan.patientColumn { patient = try plan.twin(fields[column]) }
        if let long = plan.long {
            if let named = plan.patientParameter, fields[long.code] == named {
                patient = nil
                patient = try plan.twin(fields[long.value])
                return []
            }
            guard !plan.ignored.contains(fields[long.code]) else { return [] }
            guard let parameter = plan.parameters[fields[long.code]] else {
                throw Refusal(.unsupported, "no mapping for the parameter '\(fields[long.code])'")
            }
            let unit = long.unit.map { fields[$0] } ?? ""
            return [try observation(parameter, fields[long.value], unit: unit, in: fields)]
        }
        var found: [Observation] = []
        for (column, parameter) in plan.wide where !fields[column].isEmpty {
            found.append(try observation(parameter, fields[column], unit: "", in: fields))
        }
        return found
    }

    private func observation(
        _ parameter: TablePlan.Parameter, _ text: String, unit: String, in fields: [String]
    ) throws(Refusal) -> Observation {
        guard let patient else {
            throw Refusal(.noPatient, "no row before this one names the patient")
        }
        let time = try plan.time(fields[plan.timeColumn])
        let reading = parameter.read(text, decimalMark: plan.decimalMark)
        return Observation(
            twin: patient, code: parameter.code, value: reading.value,
            comparator: reading.comparator, unit: unit.isEmpty ? parameter.unit : unit,
            eventTime: time, receiveTime: receivedAt, source: plan.source, flags: reading.flags)
    }
}
