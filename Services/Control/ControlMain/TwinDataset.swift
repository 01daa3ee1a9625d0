import IngestTable
import ModelTraining
import TwinCore

/// What happened to each patient: a table with one row a patient.
struct Outcomes {
    private let rows: [String: [String: String]]
    let columns: [String]

    init(path: String, idColumn: String?) throws {
        var header: [String]?
        var rows: [String: [String: String]] = [:]
        var identifierColumn = 0
        for record in try CSVReader(try FileList.bytes(of: path)) {
            let fields = try record.fields.get()
            guard let names = header else {
                header = fields
                guard let place = idColumn.map({ fields.firstIndex(of: $0) }) ?? 0 else {
                    throw CommandFailure("\(path) has no column '\(idColumn ?? "")'")
                }
                identifierColumn = place
                continue
            }
            guard fields.count == names.count else {
                throw CommandFailure(
                    "\(path):\(record.line): \(fields.count) fields, not \(names.count)")
            }
            rows[fields[identifierColumn]] = Dictionary(
                zip(names, fields), uniquingKeysWith: { first, _ in first })
        }
        self.rows = rows
        columns = header ?? []
    }

    /// Throws, with what there is, where there is no such column.
    func demand(_ column: String) throws {
        guard columns.contains(column) else {
            throw CommandFailure(
                "the outcomes have no column '\(column)'; they have "
                    + columns.joined(separator: ", "))
        }
    }

    func value(_ column: String, of twin: TwinID) -> String? {
        (rows[twin.text] ?? rows[String(twin.identifier)])?[column]
    }
}

/// The newest features of every twin of the store whose outcome is known.
struct TwinDataset {
    let table: TrainingTable
    /// Of the classes; none of a quantity.
    let names: [String]
    let twins: [TwinID]
    /// The version of the extractor of each modality that occurs.
    let extractors: [Modality: String]
    let from: Instant?
    let to: Instant?

    static func read(
        _ client: StoreClient, _ outcomes: Outcomes, _ roles: LabelledTable.Roles,
        taking takes: @escaping (String) -> Bool, in cohort: Cohort
    ) async throws -> TwinDataset {
        try outcomes.demand(roles.label)
        let total = Int(try await client.status().twinCount)
        var progress = Progress("reading twins", total: total)
        var reading = Reading(takes: takes, roles: roles)
        var seen = 0
        try await client.everyTwin { summary in
            seen += 1
            progress.update(seen)
            guard let text = outcomes.value(roles.label, of: summary.id),
                !LabelledTable.missing.contains(text), cohort.holds(summary.id)
            else { return }
            guard roles.target != .quantity || Double(text)?.isFinite == true else {
                throw CommandFailure(
                    "\(roles.label) of \(summary.id) is '\(text)': a number is needed")
            }
            reading.add(summary.id, try await cohort.features(of: summary.id, client), text)
        }
        return try reading.dataset()
    }

    private struct Reading {
        let takes: (String) -> Bool
        let roles: LabelledTable.Roles
        var columns: [String: Int] = [:]
        var units: [String] = []
        var rows: [[(column: Int, value: Float)]] = []
        var labels: [LabelledRows.Label] = []
        var twins: [TwinID] = []
        var extractors: [Modality: String] = [:]
        var from: Instant?
        var to: Instant?

        init(takes: @escaping (String) -> Bool, roles: LabelledTable.Roles) {
            self.takes = takes
            self.roles = roles
        }

        mutating func add(_ twin: TwinID, _ sets: [FeatureSet], _ label: String) {
            var row: [(column: Int, value: Float)] = []
            for set in sets {
                extractors[set.modality] = set.version
                if let time = set.referenceTime {
                    from = min(from ?? time, time)
                    to = max(to ?? time, time)
                }
                for feature in set.features where takes(feature.name) {
                    guard let value = feature.value else { continue }
                    row.append((column(feature), Float(value)))
                }
            }
            guard !row.isEmpty else { return }
            rows.append(row)
            labels.append(.init(line: rows.count, text: label))
            twins.append(twin)
        }

        private mutating func column(_ feature: Feature) -> Int {
            if let known = columns[feature.name] { return known }
            columns[feature.name] = units.count
            units.append(feature.unit)
            return units.count - 1
        }

        func dataset() throws -> TwinDataset {
            guard !rows.isEmpty else {
                throw CommandFailure(
                    "no twin has features and a known outcome: were they sent, do the ids agree?")
            }
            let names = columns.sorted { $0.key < $1.key }
            var place = [Int](repeating: 0, count: names.count)
            for (index, name) in names.enumerated() { place[name.value] = index }
            var values = [Float](repeating: .nan, count: rows.count * names.count)
            for (index, row) in rows.enumerated() {
                for cell in row { values[index * names.count + place[cell.column]] = cell.value }
            }
            do {
                let (table, classes) = try LabelledRows(labels, roles).table(
                    names.map { .init(name: $0.key, unit: units[$0.value]) }, values)
                return TwinDataset(
                    table: table, names: classes, twins: twins, extractors: extractors, from: from,
                    to: to)
            } catch { throw CommandFailure("the outcomes: \(error)") }
        }
    }
}
