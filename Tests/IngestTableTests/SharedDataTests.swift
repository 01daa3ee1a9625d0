import Foundation
import IngestTable
import Testing
import TwinCore
import TwinTestKit

struct MalformedTableTests {
    private let received = Instant(microsecondsSinceEpoch: 1_800_000_000_000_000)

    private func mapping() -> TableMapping {
        TableMapping(
            source: "test", timeColumn: "time", timeFormat: .rfc3339,
            parameters: [
                "hr": .init(code: "http://loinc.org|8867-4", unit: "/min"),
                "temp": .init(code: "http://loinc.org|8310-5", unit: "Cel"),
                "note": .init(code: "note", unit: "", isText: true),
            ])
    }

    private func values(_ name: String, _ mapping: TableMapping) throws -> [ObservedValue] {
        let file = try #require(RepositoryFolder.data).appending(path: "malformed/files/\(name)")
        let reader = try TableReader(
            Array(try Data(contentsOf: file)), mapping: mapping, patient: TwinID("TEST|1"),
            receivedAt: received)
        return try reader.flatMap { try $0.result.get() }.map(\.value)
    }

    @Test(.enabled(if: RepositoryFolder.data != nil, "no shared data: set TWINLINE_DATA"))
    func `the malformed tables end as their list says`() throws {
        #expect(throws: Refusal.self) { try values("17_semicolon_comma.csv", mapping()) }
        var german = mapping()
        (german.delimiter, german.decimalMark) = (";", ",")
        (german.timeFormat, german.offsetMinutes) = (.civil, 60)
        #expect(try values("17_semicolon_comma.csv", german) == [.number(72), .number(37.5)])
        #expect(try values("19_bom_crlf.csv", mapping()) == [.number(72)])
        #expect(
            try values("21_formula.csv", mapping()) == [.number(72), .text("=HYPERLINK(\"x\")")])
        #expect(throws: Refusal.self) { try values("23_dup_header.csv", mapping()) }
    }
}

struct ShippedMappingTests {
    private func mapping(_ name: String) throws -> TableMapping {
        let file = RepositoryFolder.root.appending(path: "deploy/mappings/\(name)")
        let data = try Data(contentsOf: file)
        return try JSONDecoder().decode(TableMapping.self, from: data)
    }

    @Test func `the mapping of PhysioNet 2012 reads a stay as it is published`() throws {
        let mapping = try mapping("cinc2012.json")
        // 37 series, and what is known at admission.
        #expect(mapping.parameters.count == 41)
        let text = """
            Time,Parameter,Value
            00:00,RecordID,132539
            00:00,Age,54
            00:00,Height,-1
            00:07,FiO2,0.5
            47:37,Mg,1.9
            47:37,NISysABP,0
            """
        let received = Instant(microsecondsSinceEpoch: 1_800_000_000_000_000)
        let reader = try TableReader(Array(text.utf8), mapping: mapping, receivedAt: received)
        let observations = try reader.flatMap { try $0.result.get() }
        #expect(observations.allSatisfy { $0.twin.text == "CINC2012|132539" })
        #expect(
            observations.map(\.code.value) == ["30525-0", "8302-2", "3150-6", "19123-9", "76534-7"])
        #expect(observations.map(\.unit) == ["a", "cm", "1", "mg/dL", "mm[Hg]"])
        #expect(observations.map(\.isUsable) == [true, false, true, true, false])
        #expect(observations.last?.eventTime.description == "2012-01-02T23:37:00Z")
    }

    @Test(arguments: ["cinc2012.json", "ward.json"])
    func `every shipped code has a system, every code without a concept is sent in mass`(
        name: String
    ) throws {
        for (parameter, target) in try mapping(name).parameters {
            let code = Code(token: target.code)
            #expect(!code.system.isEmpty, "\(parameter)")
            if let concept = Concept.of(code) {
                let isSame =
                    concept.unit == target.unit || (concept.unit == "%" && target.unit == "1")
                #expect(isSame, "\(parameter) in \(target.unit), not \(concept.unit)")
            } else {
                #expect(target.unit == "mg/dL", "\(parameter)")
            }
        }
    }
}
