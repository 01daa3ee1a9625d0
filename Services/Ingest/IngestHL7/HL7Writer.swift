public import TwinCore

/// Writes unsolicited results: what a gateway would send.
public struct HL7Writer: Sendable {
    /// One value of a message.
    public struct Row: Hashable, Sendable {
        public var code: Code
        public var text: String
        public var value: ObservedValue
        public var comparator: Comparator
        public var unit: String
        public var time: Instant
        /// OBX-11: `F` final, `R` not validated, `X` no result.
        public var status: String

        public init(
            code: Code, text: String, value: ObservedValue, comparator: Comparator = .equal,
            unit: String, time: Instant, status: String = "F"
        ) {
            self.code = code
            self.text = text
            self.value = value
            self.comparator = comparator
            self.unit = unit
            self.time = time
            self.status = status
        }
    }

    public var application: String
    public var facility: String
    private let escapes = HL7Escapes(separators: .standard)

    public init(application: String, facility: String) {
        self.application = application
        self.facility = facility
    }

    /// An ORU^R01 of one patient, of version 2.6 in UTF-8.
    ///
    /// The control id names the message among all of this sender; `time` is when it is made.
    public func message(
        patient: String, authority: String, controlID: String, time: Instant, rows: [Row]
    ) -> [UInt8] {
        let now = String(decoding: HL7Writer.time(time), as: UTF8.self)
        var bytes = Array("MSH|^~\\&|".utf8)
        add(
            [
                escaped(application), escaped(facility), "", "", now, "", "ORU^R01^ORU_R01",
                escaped(controlID), "P", "2.6", "", "", "NE", "AL", "", "UNICODE UTF-8",
            ], &bytes)
        let authorityParts = authority.isEmpty ? "" : "^^^\(escaped(authority))^MR"
        add(["PID", "", "", escaped(patient) + authorityParts], &bytes)
        add(["OBR", "1", "", "", "VITALS^Observations^L", "", "", now], &bytes)
        for (index, row) in rows.enumerated() { add(row, index + 1, &bytes) }
        return bytes
    }

    private func add(_ row: Row, _ number: Int, _ bytes: inout [UInt8]) {
        let type: String
        let value: String
        switch row.value {
        // Waveforms go through the native door.
        case .absent, .waveform: (type, value) = ("NM", "")
        case .text(let text): (type, value) = ("ST", escaped(text))
        case .number(let number) where row.comparator == .equal:
            (type, value) = ("NM", HL7Writer.decimal(number))
        case .number(let number):
            (type, value) = ("SN", "\(row.comparator.symbol)^\(HL7Writer.decimal(number))")
        }
        let code =
            "\(escaped(row.code.value))^\(escaped(row.text))^\(escaped(HL7Writer.system(row.code)))"
        add(
            [
                "OBX", String(number), type, code, "", value,
                row.unit.isEmpty ? "" : "\(escaped(row.unit))^^UCUM", "", "", "", "",
                escaped(row.status), "", "",
                String(decoding: HL7Writer.time(row.time), as: UTF8.self),
            ], &bytes)
    }

    private static func system(_ code: Code) -> String {
        switch code.system {
        case Code.loincSystem: "LN"
        case Code.mdcSystem: "MDC"
        case Code.twinlineSystem: "99TWINLINE"
        default: code.system
        }
    }

    /// The number without an exponent, which HL7 does not know.
    static func decimal(_ number: Double) -> String {
        let text = "\(number)"
        guard text.utf8.contains(0x65) else {
            return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        }
        let parts = text.split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1]), abs(exponent) < 400 else {
            return text
        }
        let isNegative = parts[0].hasPrefix("-")
        let mantissa = parts[0].drop { $0 == "-" }.split(separator: ".")
        let whole = mantissa.first.map(String.init) ?? "0"
        let fraction = mantissa.count > 1 && mantissa[1] != "0" ? String(mantissa[1]) : ""
        let sign = isNegative ? "-" : ""
        guard exponent > 0 else {
            return sign + "0." + String(repeating: "0", count: -exponent - 1) + whole + fraction
        }
        return sign + whole + fraction
            + String(repeating: "0", count: max(0, exponent - fraction.count))
    }

    /// The time in UTC to the second, or finer where it is.
    static func time(_ instant: Instant) -> [UInt8] {
        guard let civil = CivilTime(instant) else { return [] }
        var bytes: [UInt8] = []
        func add(_ value: Int, _ width: Int) {
            var divisor = 1
            for _ in 1..<width { divisor *= 10 }
            while divisor > 0 {
                bytes.append(UInt8(0x30 + value / divisor % 10))
                divisor /= 10
            }
        }
        add(civil.year, 4)
        for part in [civil.month, civil.day, civil.hour, civil.minute, civil.second] {
            add(part, 2)
        }
        if civil.microsecond != 0 {
            bytes.append(0x2E)
            add(civil.microsecond / 100, 4)
        }
        bytes += "+0000".utf8
        return bytes
    }

    private func escaped(_ text: String) -> String {
        String(decoding: escapes.done(text.utf8), as: UTF8.self)
    }

    private func add(_ fields: [String], _ bytes: inout [UInt8]) {
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(0x7C) }
            bytes += field.utf8
        }
        bytes.append(0x0D)
    }
}
