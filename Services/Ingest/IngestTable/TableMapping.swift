/// How the columns of a table become observations: what a mapping file says.
///
/// Nothing is guessed from the table: dialect, decimal mark, time format and units are declared.
public struct TableMapping: Hashable, Sendable, Codable {
    public enum TimeFormat: String, Hashable, Sendable, Codable {
        /// A date and time with its offset from UTC.
        case rfc3339
        /// `2026-01-12 10:14` or with `T`, seconds and fraction: a clock whose offset is declared.
        case civil
        /// `hh:mm` or `hh:mm:ss` since the epoch; hours may exceed 23.
        case elapsed
    }

    /// What the values of one parameter are.
    public struct Parameter: Hashable, Sendable, Codable {
        /// The code that is sent, as `system|code`.
        public var code: String
        /// The UCUM unit that the values are in; empty where they have none.
        public var unit: String
        /// Values that mean "not measured" for this parameter, beside those of the whole table.
        public var missing: [String]?
        /// Words, not numbers.
        public var isText: Bool?

        public init(
            code: String, unit: String, missing: [String]? = nil, isText: Bool? = nil
        ) {
            self.code = code
            self.unit = unit
            self.missing = missing
            self.isText = isText
        }
    }

    /// For people: what the table is, and where its facts come from.
    public var note: String?
    /// Who assigned the patients' identifiers.
    public var authority: String?
    /// The source that the observations name.
    public var source: String
    /// `,` where not declared.
    public var delimiter: String?
    /// `.` where not declared.
    public var decimalMark: String?
    /// The column that names the patient.
    public var patientColumn: String?
    /// In long form: the parameter whose value names the patient of the rows that follow.
    public var patientParameter: String?
    public var timeColumn: String
    public var timeFormat: TimeFormat
    /// For `elapsed`: the time that is counted from, in RFC 3339.
    public var epoch: String?
    /// For `civil`: minutes east of UTC.
    public var offsetMinutes: Int?
    /// The columns of the long form, one value a row; without them a column is a parameter.
    public var codeColumn: String?
    public var valueColumn: String?
    /// In long form: a column with units, which win over the parameters' own where not empty.
    public var unitColumn: String?
    /// Values that mean "not measured".
    public var missing: [String]?
    /// Parameters, or columns in wide form, that are left out on purpose.
    public var ignored: [String]?
    /// By the table's own name for each.
    public var parameters: [String: Parameter]

    public init(
        source: String, timeColumn: String, timeFormat: TimeFormat,
        parameters: [String: Parameter]
    ) {
        self.source = source
        self.timeColumn = timeColumn
        self.timeFormat = timeFormat
        self.parameters = parameters
    }
}
