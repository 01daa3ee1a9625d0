import IngestCore
import IngestFHIR
import Testing
import TwinCore
import TwinTestKit

/// Every FHIR line of the shared table of broken inputs.
@Suite(.enabled(if: SharedData.isPresent, "the shared data folder is absent"))
struct MalformedTests {
    struct Input: Sendable {
        let file: String
        let status: Int
        let issue: String
        var expression: String?
    }

    static let inputs = [
        Input(file: "02_trailing.json", status: 400, issue: "structure"),
        Input(file: "04_empty.json", status: 400, issue: "structure"),
        Input(file: "06_infinity.json", status: 400, issue: "value"),
        Input(file: "08_dup_keys.json", status: 400, issue: "structure"),
        Input(file: "10_lone_surrogate.json", status: 400, issue: "structure"),
        Input(
            file: "12_no_code.json", status: 422, issue: "required", expression: "Observation.code"),
        Input(
            file: "14_value_and_absent.json", status: 422, issue: "invariant",
            expression: "Observation"),
        Input(
            file: "16_time_no_zone.json", status: 422, issue: "value",
            expression: "Observation.effectiveDateTime"),
        Input(
            file: "18_string_number.json", status: 422, issue: "value",
            expression: "Observation.valueQuantity.value"),
        Input(file: "20_bom.json", status: 201, issue: "informational"),
        Input(
            file: "22_bundle_cross_ref.json", status: 422, issue: "not-found",
            expression: "Bundle.entry[0].resource.subject.reference"),
        Input(
            file: "24_implicit_rules.json", status: 422, issue: "not-supported",
            expression: "Observation"),
    ]

    @Test(arguments: inputs)
    func `a broken input has exactly its outcome`(input: Input) throws {
        let bytes = try #require(SharedData.bytes("malformed/fhir/\(input.file)"))
        var room = Samples.room()
        let outcome = Samples.take(bytes, &room)
        #expect(outcome.status == input.status, "\(outcome.body)")
        #expect(outcome.body.contains(#""code":"\#(input.issue)""#), "\(outcome.body)")
        if let expression = input.expression {
            #expect(outcome.body.contains(#""expression":["\#(expression)"]"#), "\(outcome.body)")
        }
        let isTaken = input.status < 300
        #expect(outcome.observations.count == (isTaken ? 1 : 0))
        #expect(outcome.quarantined.map(\.bytes) == (isTaken ? [] : [bytes]))
    }

    @Test func `every FHIR line of the table is tested`() {
        let files = SharedData.table("malformed/expected.csv").rows.compactMap { $0["file"] }
        #expect(files.filter { $0.hasPrefix("fhir/") } == Self.inputs.map { "fhir/\($0.file)" })
    }
}
