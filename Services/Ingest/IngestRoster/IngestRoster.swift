public import IngestCore
public import IngestFHIR
public import IngestHL7
public import TwinJSON

/// Every adapter that there is: the only file that names them all.
public enum IngestRoster {
    public static func adapters(
        hl7: HL7Limits = HL7Limits(), fhir: JSONLimits = FHIRAdapter.limits
    ) -> [any Adapter] {
        [HL7Adapter(limits: hl7), FHIRAdapter(limits: fhir)]
    }
}
