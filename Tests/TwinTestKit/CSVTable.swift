/// A table of comma-separated values with a header line, quoted as RFC 4180 says.
public struct CSVTable: Sendable {
    public let columns: [String]
    public let rows: [[String: String]]

    public init(_ text: String) {
        var lines = CSVTable.records(Array(text.utf8))
        columns = lines.isEmpty ? [] : lines.removeFirst()
        let columns = columns
        rows = lines.map { line in
            Dictionary(zip(columns, line)) { first, _ in first }
        }
    }

    private static func records(_ bytes: [UInt8]) -> [[String]] {
        var records: [[String]] = []
        var record: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case 0x22 where isQuoted && index + 1 < bytes.count && bytes[index + 1] == 0x22:
                field.append(byte)
                index += 1
            case 0x22: isQuoted.toggle()
            case 0x2C where !isQuoted:
                record.append(String(decoding: field, as: UTF8.self))
                field = []
            case 0x0D where !isQuoted: break
            case 0x0A where !isQuoted:
                record.append(String(decoding: field, as: UTF8.self))
                records.append(record)
                (record, field) = ([], [])
            default: field.append(byte)
            }
            index += 1
        }
        guard !record.isEmpty || !field.isEmpty else { return records }
        record.append(String(decoding: field, as: UTF8.self))
        return records + [record]
    }
}
