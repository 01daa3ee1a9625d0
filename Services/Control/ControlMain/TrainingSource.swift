import ArgumentParser
import IngestTable
import ModelCore
import ModelTraining
import TwinCore

/// Which rows are learnt from: a table's, or the store's own twins with what happened to them.
struct RowOptions: ParsableArguments {
    @Option(help: "A CSV table of numbers to learn from, instead of the store's twins.")
    var table: String?
    @Option(
        name: [.long, .customLong("label-column")],
        help: "The column that says what happened; the outcome's name where none is given.")
    var label: String?
    @Option(help: "The label where the outcome happened; the greater of two where none is given.")
    var positive: String?
    @Option(help: "The table's column that says whom a row is of: patients are never parted.")
    var group: String?
    @Option(
        help: ArgumentHelp(
            "A feature, or a column of the table, that is not learnt from; * stands for anything: "
                + "'*_1h'. May be given again."))
    var without: [String] = []
    @Option(
        help: ArgumentHelp(
            "What the label is: an outcome (what happened, one of two classes or more) or a "
                + "quantity (numbers, told in --unit)."))
    var target = Target.outcome
    @Option(
        help: "The quantity's unit, in UCUM: mg/dL. The one of the label's column, if it has one.")
    var unit: String?
    @Option(help: "The name of what is predicted; the label's column where none is given.")
    var outcome: String?
    @Option(
        help: ArgumentHelp(
            "A CSV table with one row a twin of the store, with what happened, 1 or 0, the class "
                + "or the quantity, in the label's column."))
    var outcomes: String?
    @Option(
        help: "Its column with the patient's identifier; the first where none is given.")
    var idColumn: String?
    @Option(help: "Only features whose names begin so; * stands for anything; may be given again.")
    var features: [String] = []
    @Option(
        help: ArgumentHelp(
            "Only patients of whom this holds, by a column of the outcomes: ICUType=2, Age>=65. "
                + "May be given again: all must hold."))
    var cohort: [String] = []
    @Option(
        help: ArgumentHelp(
            "The column of the outcomes with the time (RFC 3339) at which it happened: features "
                + "are those of --horizon hours before."))
    var happenedAt: String?
    @Option(help: "How many hours before it happened the prediction is made.")
    var horizon = 0.0
    @Option(help: "Features are those so many hours after the first measurement.")
    var firstHours: Double?
    @Flag(help: "What was received after that moment is left out too.")
    var asReceived = false

    enum Target: String, ExpressibleByArgument, CaseIterable {
        case outcome, quantity
    }

    func validate() throws {
        guard target == .quantity || unit == nil else {
            throw ValidationError("--unit goes with --target quantity.")
        }
        guard target == .outcome || positive == nil else {
            throw ValidationError("--positive is of an outcome, not of a quantity.")
        }
        guard (table == nil) != (outcomes == nil) else {
            throw ValidationError(
                "Give --table FILE, or --outcomes FILE to learn from the store's own twins.")
        }
        guard happenedAt == nil || firstHours == nil else {
            throw ValidationError("--happened-at and --first-hours are two moments: give one.")
        }
        guard table == nil || (cohort.isEmpty && happenedAt == nil && firstHours == nil) else {
            throw ValidationError("--cohort and moments go with --outcomes.")
        }
        guard label != nil || outcome != nil else {
            throw ValidationError(
                "Give --label COLUMN, or --outcome NAME where the column has that name.")
        }
    }

    /// Whether a feature of a twin is learnt from.
    var takes: (String) -> Bool {
        let takes = LabelledTable.Roles(label: labelColumn, prefixes: features).takes
        let patterns = without.map(NamePattern.init)
        return { name in takes(name) && !patterns.contains { $0.matches(name) } }
    }

    /// What the columns of a table, or the labels of twins, are.
    var roles: LabelledTable.Roles {
        LabelledTable.Roles(
            label: labelColumn, positive: positive,
            target: target == .quantity ? .quantity : .outcome,
            group: group, ignored: without + (idColumn.map { [$0] } ?? []), prefixes: features)
    }

    /// What is predicted.
    var predicted: String { outcome ?? label ?? "" }
    var labelColumn: String { label ?? outcome ?? "" }
}

/// Rows to learn from, and what is known of them.
struct TrainingSource {
    let outcome: String
    /// None of a quantity.
    let classes: [String]
    /// Of a quantity; nil for an outcome.
    let unit: String?
    let table: TrainingTable
    /// Which line of a table each row was, from 0 for the one after the header.
    let records: [Int]
    /// Whose rows they are; empty for a table.
    let twins: [TwinID]
    let outcomes: Outcomes?
    let extractors: [ExtractorVersion]
    let from: Instant?
    let to: Instant?
    let population: String

    static func read(_ options: RowOptions, _ store: StoreOptions) async throws -> TrainingSource {
        let source: TrainingSource
        if let path = options.table {
            source = try TrainingSource(options, table: path)
        } else {
            let outcomes = try Outcomes(path: options.outcomes ?? "", idColumn: options.idColumn)
            let dataset = try await StoreClient.use(store) {
                try await TwinDataset.read(
                    $0, outcomes, options.roles, taking: options.takes,
                    in: try Cohort(options, outcomes))
            }
            source = try TrainingSource(options, dataset, outcomes)
        }
        let told =
            source.unit.map { "\(source.outcome) in \($0)" }
            ?? (source.table.classCount > 0
                ? "\(source.table.classCount) classes"
                : "\(source.table.positiveCount) with the outcome")
        Output.note(
            "\(source.table.rowCount) \(options.table == nil ? "twins" : "rows"), \(told), "
                + "\(source.table.columnCount) features")
        return source
    }

    /// The unit of a quantity, which must be known; nil for an outcome.
    private static func unit(_ options: RowOptions, _ column: String?) throws -> String? {
        guard options.target == .quantity else { return nil }
        guard let unit = options.unit ?? column, !unit.isEmpty else {
            throw CommandFailure(
                "in which unit is '\(options.labelColumn)'? Give --unit, as UCUM writes it: "
                    + "mg/dL, /min, {score}", status: 2)
        }
        return unit
    }

    /// Labels of 1 and 0 get the outcome's name.
    private static func classes(_ options: RowOptions, _ names: [String]) -> [String] {
        names == ["0", "1"] ? ["no_\(options.predicted)", options.predicted] : names
    }

    private init(
        _ options: RowOptions, _ dataset: TwinDataset, _ outcomes: Outcomes
    ) throws {
        outcome = options.predicted
        classes = TrainingSource.classes(options, dataset.names)
        unit = try TrainingSource.unit(options, nil)
        table = dataset.table
        records = []
        twins = dataset.twins
        self.outcomes = outcomes
        extractors = dataset.extractors.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { ExtractorVersion(modality: $0.key, version: $0.value) }
        from = dataset.from
        to = dataset.to
        population = "\(dataset.table.rowCount) twins of this store with known outcome"
    }

    private init(_ options: RowOptions, table path: String) throws {
        var header: [String]?
        var records: [LabelledTable.Record] = []
        for record in try CSVReader(try FileList.bytes(of: path)) {
            let fields: [String]
            do { fields = try record.fields.get() } catch {
                throw CommandFailure("\(path):\(record.line): \(error)")
            }
            if header == nil {
                header = fields
            } else {
                records.append(LabelledTable.Record(line: record.line, fields: fields))
            }
        }
        let read: LabelledTable
        do {
            read = try LabelledTable(header: header ?? [], records: records, options.roles)
        } catch LabelledTableError.noNumber(let line, let column, let text) {
            throw CommandFailure(
                "\(path):\(line): '\(text)' in column '\(column)' is no number: write it as "
                    + (column == options.labelColumn
                        ? "numbers, or leave --target quantity out"
                        : "numbers, or leave it out with --without '\(column)'"))
        } catch LabelledTableError.classes(let label, let values) {
            throw CommandFailure(
                "\(path): the column '\(label)' has \(values.count) values "
                    + "(\(values.prefix(10).joined(separator: ", "))); of more than two say which "
                    + "is the outcome with --positive VALUE")
        } catch {
            throw CommandFailure("\(path): \(error)")
        }
        if read.records.count < records.count {
            Output.note("\(records.count - read.records.count) rows have no label: left out")
        }
        outcome = options.predicted
        classes = TrainingSource.classes(options, read.labels)
        unit = try TrainingSource.unit(options, read.labelUnit)
        table = read.table
        self.records = read.records
        twins = []
        outcomes = nil
        extractors = []
        from = nil
        to = nil
        population = "\(read.table.rowCount) rows of a table with known \(options.labelColumn)"
    }
}
