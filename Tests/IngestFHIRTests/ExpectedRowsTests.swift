import IngestCore
import Testing
import TwinCore
import TwinJSON
import TwinTestKit

@testable import IngestFHIR

/// Every row of the shared table of FHIR values.
@Suite(.enabled(if: SharedData.isPresent, "the shared data folder is absent"))
struct ExpectedRowsTests {
    static let files: [String] = {
        var names: [String] = []
        for row in SharedData.table("fhir/expected.csv").rows {
            if let name = row["file"], names.last != name { names.append(name) }
        }
        return names
    }()

    static func bytes(_ file: String) -> [UInt8] {
        SharedData.bytes("fhir/resources/\(file)") ?? []
    }

    /// The Observations of a file, each with its place in the bundle.
    private static func resources(_ file: String) throws -> [(entry: String, FHIRElement)] {
        let root = try JSONDocument(bytes(file), limits: FHIRAdapter.limits).root
        guard root["resourceType"]?.string == "Bundle" else {
            return [("", FHIRElement(root, at: "Observation"))]
        }
        return (root["entry"]?.elements ?? []).enumerated().compactMap { index, entry in
            guard let resource = entry["resource"],
                resource["resourceType"]?.string == "Observation"
            else { return nil }
            return (String(index), FHIRElement(resource, at: "Observation"))
        }
    }

    /// As the table's maker writes it: numbers are texts.
    private static func written(_ node: JSONNode) -> String {
        switch node.kind {
        case .object:
            "{"
                + node.members.map { "\"\($0.name)\": \(written($0.value))" }
                .joined(separator: ", ") + "}"
        default: "\"\(node.string ?? node.numberText ?? "")\""
        }
    }

    private static func describe(
        _ row: FHIRRow, _ sent: FHIRObservation, _ element: FHIRElement
    ) throws -> [String: String] {
        var columns: [String: String] = [:]
        columns["id"] = try element.string("id")
        columns["status"] = sent.status
        columns["subject_reference"] = element.node["subject"]?["reference"]?.string
        columns["subject_identifier"] = element.node["subject"]?["identifier"]?["value"]?.string
        columns["component"] = row.component.map { "\($0)" }
        columns["code_system"] = row.concept.first?.system
        columns["code"] = row.concept.first?.code
        columns["codings"] = String(row.concept.codings.count)
        columns["value_type"] = row.value?.name
        if let value = row.value?.element {
            switch row.value?.name {
            case "valueQuantity":
                let quantity = try FHIRQuantity(value)
                columns["value"] = value.node["value"]?.numberText
                columns["comparator"] =
                    quantity.comparator == .equal ? nil : quantity.comparator.symbol
                columns["unit"] = quantity.unit
                columns["unit_system"] = quantity.system
                columns["unit_code"] = quantity.code
            case "valueCodeableConcept": columns["value"] = try FHIRConcept(value).first?.code
            case "valueRange": columns["value"] = Self.written(value.node)
            default:
                columns["value"] =
                    value.node.string ?? String(decoding: value.node.written, as: UTF8.self)
            }
        }
        columns["data_absent_reason"] = row.absentReason
        columns["effective_type"] = sent.effective.name
        let effective = element.node[sent.effective.name]
        columns["effective"] =
            effective?.string
            ?? effective.map { "\($0["start"]?.string ?? "")/\($0["end"]?.string ?? "")" }
        columns["issued"] = element.node["issued"]?.string
        return columns
    }

    @Test(arguments: files)
    func `every value is read as it was written`(file: String) throws {
        let table = SharedData.table("fhir/expected.csv")
        let expected = table.rows.filter { $0["file"] == file }
        var found: [[String: String]] = []
        for (entry, element) in try Self.resources(file) {
            let sent = try FHIRObservation(element)
            for row in sent.rows {
                var columns = try Self.describe(row, sent, element)
                columns["file"] = file
                columns["entry"] = entry
                for column in table.columns where columns[column] == nil { columns[column] = "" }
                found.append(columns)
            }
        }
        #expect(found == expected)
    }

    /// What each value is once it is clean; nil where it must not enter a score.
    private static let canonical: [String: (code: String, number: Double, unit: String)?] = [
        "blood-pressure/0": ("8480-6", 109, "mm[Hg]"), "blood-pressure/1": ("8462-4", 44, "mm[Hg]"),
        "average-blood-pressure/0": nil, "average-blood-pressure/1": nil,
        "average-blood-pressure/2": nil, "heart-rate-rhythm/": nil,
        "temperature/": ("8310-5", 36.55556, "Cel"), "satO2-fiO2/": ("59408-5", 95, "%"),
        "satO2-fiO2/0": ("3151-8", 6, "L/min"), "height/": ("8302-2", 111.506, "cm"),
        "serum-glucose/": ("15074-8", 4.2186, "mmol/L"),
        "serum-potassium/": ("2823-3", 5.4, "mmol/L"), "cbc-platelets/": ("777-3", 200, "10*9/L"),
        "cbc-hemoglobin/": ("718-7", 17, "g/dL"), "10-minute-apgar-score-panel/": nil,
        "f001/": ("15074-8", 6.3, "mmol/L"), "s2/": nil, "s4/0": ("8480-6", 121, "mm[Hg]"),
        "s4/1": nil, "s6/": ("8480-6", 120.01, "mm[Hg]"), "s8/": nil,
        "s10/": ("6690-2", 8.2, "10*9/L"), "s12/": nil, "s14/": nil, "s16/": ("8867-4", 71, "/min"),
        "s18/": ("8867-4", 69, "/min"), "s20/": ("59408-5", 97, "%"), "s22/": nil, "s24/": nil,
        "s26/": ("8867-4", 64, "/min"), "m1/": ("8867-4", 80, "/min"), "m2/": nil,
        "s30/": ("8310-5", 37.9, "Cel"), "s32/": ("15074-8", 6.994, "mmol/L"),
        "i1/": ("9269-2", 14, "{score}"), "i2/": nil,
    ]

    @Test(arguments: files)
    func `every value is canonical, and usable exactly where it should be`(file: String) throws {
        var room = Samples.room()
        let outcome = Samples.take(Self.bytes(file), &room)
        let isBundle = try JSONDocument(Self.bytes(file)).root["resourceType"]?.string == "Bundle"
        #expect(outcome.status == (isBundle ? 200 : 201))
        let expected = SharedData.table("fhir/expected.csv").rows.filter { $0["file"] == file }
        let patient = ["46098-0", "30525-0"]
        let values = outcome.observations.filter { !patient.contains($0.code.value) }
        #expect(values.count == expected.count)
        for (value, row) in zip(values, expected) {
            let key = "\(row["id"] ?? "")/\(row["component"] ?? "")"
            let canonical = try #require(Self.canonical[key], "\(key)")
            #expect(value.isUsable == (canonical != nil), "\(key)")
            guard let canonical else { continue }
            #expect(value.code.value == canonical.code, "\(key)")
            #expect(value.unit == canonical.unit)
            let number = try #require(value.number)
            #expect(abs(number - canonical.number) <= 0.005 * canonical.number, "\(key)")
        }
    }

    @Test func `every row of the table has its canonical value`() {
        let keys = SharedData.table("fhir/expected.csv").rows.map {
            "\($0["id"] ?? "")/\($0["component"] ?? "")"
        }
        #expect(Set(keys) == Set(Self.canonical.keys))
    }

    @Test func `what is wrong with a value is said of it`() {
        func flags(_ file: String) -> [QualityFlags] {
            var room = Samples.room()
            return Samples.take(Self.bytes(file), &room).flags
        }
        #expect(flags("syn_02_comparator_ge_decimal.json") == [.bound])
        #expect(
            flags("syn_04_component_absent.json") == [[], [.empty, .noResult, .deviceInvalid]])
        #expect(flags("syn_06_kPa.json") == [.converted])
        #expect(flags("syn_08_no_unit.json") == [.unitMissing])
        #expect(flags("syn_12_entered_in_error.json") == [[.deleted, .outOfRange]])
        #expect(flags("syn_14_registered_no_value.json") == [[.empty, .noResult]])
        #expect(flags("syn_18_date_only.json") == [.zoneUnknown])
    }

    @Test func `times and patients are those that were sent`() {
        func first(_ file: String) -> Observation? {
            var room = Samples.room()
            return Samples.take(Self.bytes(file), &room).observations.last
        }
        #expect(
            first("syn_16_effective_instant_ms.json")?.eventTime.description
                == "2026-01-12T13:44:00.123Z")
        #expect(
            first("pub_03_Observation-average-blood-pressure.json")?.eventTime.description
                == "2023-08-06T13:07:01.166Z")
        #expect(first("syn_18_date_only.json")?.eventTime.description == "2026-01-12T00:00:00Z")
        #expect(first("syn_26_identifier_reference.json")?.twin.text == "urn:oid:1.2.3|MRN26")
        #expect(first("syn_06_kPa.json")?.twin.text == "p1")
        // The bundle brings its Patient along, and so his record number.
        #expect(
            first("pub_23_fhirconv_ObservationBundle.json")?.twin.text
                == "urn:oid:1.2.36.146.595.217.0.1|12345")
        #expect(first("pub_09_observation-satO2-fiO2.json")?.source == "Acme Pulse Oximeter 2000")
    }
}
