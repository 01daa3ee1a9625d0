/// The resource types of FHIR R4, and what is done with them.
enum FHIRTypes {
    /// What the twin has a place for.
    static let placed: Set<String> = [
        "Observation", "Patient", "Condition", "MedicationStatement", "MedicationAdministration",
    ]

    /// What can be sent by its own name.
    static let taken = placed.union(["Bundle", "DiagnosticReport", "Device"])

    static func isKnown(_ type: String) -> Bool { known.contains(type) }

    /// 1 to 64 letters, digits, points and hyphens.
    static func isID(_ text: some StringProtocol) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E: true
                default: false
                }
            }
    }

    private static let known = Set(names.split(whereSeparator: \.isWhitespace).map(String.init))

    private static let names = """
        Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse
        AuditEvent Basic Binary BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement
        CarePlan CareTeam CatalogEntry ChargeItem ChargeItemDefinition Claim ClaimResponse
        ClinicalImpression CodeSystem Communication CommunicationRequest CompartmentDefinition
        Composition ConceptMap Condition Consent Contract Coverage CoverageEligibilityRequest
        CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric DeviceRequest
        DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference
        EffectEvidenceSynthesis Encounter Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare
        EventDefinition Evidence EvidenceVariable ExampleScenario ExplanationOfBenefit
        FamilyMemberHistory Flag Goal GraphDefinition Group GuidanceResponse HealthcareService
        ImagingStudy Immunization ImmunizationEvaluation ImmunizationRecommendation
        ImplementationGuide InsurancePlan Invoice Library Linkage List Location Measure MeasureReport
        Media Medication MedicationAdministration MedicationDispense MedicationKnowledge
        MedicationRequest MedicationStatement MedicinalProduct MedicinalProductAuthorization
        MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient
        MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged
        MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition
        MessageHeader MolecularSequence NamingSystem NutritionOrder Observation
        ObservationDefinition OperationDefinition OperationOutcome Organization
        OrganizationAffiliation Parameters Patient PaymentNotice PaymentReconciliation Person
        PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire
        QuestionnaireResponse RelatedPerson RequestGroup ResearchDefinition
        ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment
        RiskEvidenceSynthesis Schedule SearchParameter ServiceRequest Slot Specimen
        SpecimenDefinition StructureDefinition StructureMap Subscription Substance
        SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation
        SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest Task
        TerminologyCapabilities TestReport TestScript ValueSet VerificationResult
        VisionPrescription
        """
}
