import FeatureImaging
import Foundation
import IngestNIfTI
import Testing
import TwinImage
import TwinTestKit

/// The values that all who build such software agreed on, and a peer's for what is not public.
@Suite(.enabled(if: SharedData.isPresent, "the shared data folder is absent: set TWINLINE_DATA"))
struct ConsensusTests {
    static func measured(_ name: String) throws -> [String: Double] {
        let isDigital = name == "ibsi-digital"
        let folder = isDigital ? "ibsi/digital_nifti" : "ibsi/ct_phantom/nifti"
        let image = try #require(SharedData.bytes("\(folder)/image/phantom.nii.gz"))
        let region = try #require(SharedData.bytes("\(folder)/mask/mask.nii.gz"))
        let features = try ImagingFeatures.measure(
            NIfTIImage.volume(image, unit: .hounsfield), NIfTIImage.mask(region),
            #require(ImagingConfiguration.named(name)))
        return Dictionary(
            uniqueKeysWithValues: features.compactMap { feature in
                feature.value.map {
                    ("\(feature.code) \(feature.aggregation?.rawValue ?? "")", $0)
                }
            })
    }

    static func rounded(_ value: Double) -> Double {
        Double(String(format: "%.3g", value)) ?? .nan
    }

    @Test(arguments: [
        ("digital", "ibsi-digital", 482), ("ct_A", "ibsi-a", 346), ("ct_C", "ibsi-c", 210),
    ])
    func `every consensus value is met`(set: String, name: String, count: Int) throws {
        let values = try Self.measured(name)
        let rows = SharedData.table("ibsi/reference.csv").rows.filter {
            $0["dataset"] == set && $0["family"] != "diagnostics" && $0["status"] == "consensus"
        }
        #expect(rows.count == count)
        for row in rows {
            let key = "\(row["ibsi_id"] ?? "") \(row["aggregation"] ?? "")"
            let wanted = try #require(Double(row["value"] ?? ""))
            let tolerance = try #require(Double(row["tolerance"] ?? ""))
            let value = values[key] ?? .nan
            #expect(
                abs(Self.rounded(value) - wanted) <= tolerance * (1 + 1e-9),
                "\(row["feature"] ?? "") \(key): \(value) for \(wanted) ± \(tolerance)")
        }
    }

    @Test(arguments: [("ct_B", "ibsi-b", 346), ("ct_D", "ibsi-d", 210), ("ct_E", "ibsi-e", 210)])
    func `the other configurations give what a peer gives`(
        set: String, name: String, count: Int
    ) throws {
        let values = try Self.measured(name)
        let path = RepositoryFolder.root.appending(
            path: "Tests/FeatureImagingTests/Peer/mirp-2.7.0.csv")
        let rows = CSVTable(try String(contentsOf: path, encoding: .utf8)).rows.filter {
            $0["dataset"] == set
        }
        #expect(rows.count == count)
        let codes = Dictionary(
            SharedData.table("ibsi/reference.csv").rows.map {
                ($0["feature"] ?? "", $0["ibsi_id"] ?? "")
            }, uniquingKeysWith: { first, _ in first })
        for row in rows {
            let feature = row["feature"] ?? ""
            let wanted = try #require(Double(row["value"] ?? ""))
            let value = values["\(codes[feature] ?? "") \(row["aggregation"] ?? "")"] ?? .nan
            #expect(
                abs(value - wanted) <= 0.005 * abs(wanted),
                "\(feature) \(row["aggregation"] ?? ""): \(value) for \(wanted)")
        }
    }
}
