import Foundation
import Testing
import TwinTestKit

extension SystemTests {
    /// Every file of the shared FHIR tables, through a real door.
    @Suite(
        .enabled(
            if: Curl.isPresent && SharedData.isPresent,
            "curl or the shared data folder is absent: set TWINLINE_DATA"))
    struct FHIRDataTests {
        private static let statuses = [
            "02_trailing.json": 400, "04_empty.json": 400, "06_infinity.json": 400,
            "08_dup_keys.json": 400, "10_lone_surrogate.json": 400, "12_no_code.json": 422,
            "14_value_and_absent.json": 422, "16_time_no_zone.json": 422,
            "18_string_number.json": 422, "20_bom.json": 201, "22_bundle_cross_ref.json": 422,
            "24_implicit_rules.json": 422,
        ]

        @Test func `good files are in the twins, broken ones are answered and kept`() async throws {
            try await RunningHouse.open { house in
                let process = try #require(house.services["ingest"]?.identifier)
                var kept = 0
                for (file, status) in Self.statuses.sorted(by: { $0.key < $1.key }) {
                    let bytes = try #require(SharedData.bytes("malformed/fhir/" + file))
                    let answer = try await Curl.send(house, "POST", "/fhir", bytes)
                    #expect(answer.status == status, "\(file): \(answer)")
                    if status >= 400 { kept += 1 }
                }
                #expect(try await house.quarantine().count == kept)
                let rows = SharedData.table("fhir/expected.csv").rows
                let files = Set(rows.compactMap { $0["file"] })
                for file in files.sorted() {
                    let bytes = try #require(SharedData.bytes("fhir/resources/" + file))
                    let answer = try await Curl.send(house, "POST", "/fhir", bytes)
                    #expect([200, 201].contains(answer.status), "\(file): \(answer)")
                }
                // The rows, the good broken one, and sex and age of the one Patient.
                try await house.awaitObservations(rows.count + 1 + 2)
                #expect(try await house.status().observations == rows.count + 3)
                let example = try await house.history("example")
                let usable = example.filter(\.usable).map(\.code).sorted()
                #expect(
                    usable == [
                        "http://loinc.org|15074-8", "http://loinc.org|2823-3",
                        "http://loinc.org|3151-8", "http://loinc.org|59408-5",
                        "http://loinc.org|718-7", "http://loinc.org|777-3",
                        "http://loinc.org|8302-2", "http://loinc.org|8310-5",
                        "http://loinc.org|8462-4", "http://loinc.org|8480-6",
                    ])
                #expect(house.services["ingest"]?.identifier == process)
                #expect(house.services["ingest"]?.isRunning == true)
            }
        }
    }
}
