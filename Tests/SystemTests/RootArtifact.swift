import ModelCore
import TwinCore
import TwinTestKit

@testable import ModelONNX

/// An artifact whose answer is a number only while a heart rate is at most so high.
///
/// Its weights are sound and its golden rows are met: what is wrong is seen when a patient comes.
enum RootArtifact {
    static func bytes(heartRateMax: Float) -> [UInt8] {
        let calm = Double(heartRateMax) - 16
        let manifest = Manifest(
            outcome: "deterioration", kind: "network",
            features: [
                ManifestFeature(
                    name: "heart_rate.last", unit: "/min", missing: .constant(calm), typical: calm)
            ],
            classes: ["0", "1"], positiveClass: "1", completenessMin: 0,
            golden: [
                // Of the root of 16.
                GoldenRow(input: [calm], output: [0.01798621, 0.98201379])
            ], card: SampleModel.card)
        var writer = WireWriter()
        writer.operatorSet("", 15)
        writer.metadata(Manifest.metadataKey, manifest.json)
        writer.message(7) { graph in
            graph.value(11, "x", type: 1, width: 1)
            graph.initializer("most", floats: [heartRateMax], shape: [1])
            graph.node("Sub", ["most", "x"], ["left"])
            graph.node("Sqrt", ["left"], ["root"])
            graph.node("Sigmoid", ["root"], ["y"])
            graph.value(12, "y", type: 1, width: 1)
        }
        return writer.bytes
    }
}
