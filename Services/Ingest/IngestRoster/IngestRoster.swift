public import IngestCore
public import IngestHL7

/// Every adapter that there is: the only file that names them all.
public enum IngestRoster {
    public static func adapters(hl7: HL7Limits = HL7Limits()) -> [any Adapter] {
        [
            HL7Adapter(limits: hl7)
        ]
    }
}
