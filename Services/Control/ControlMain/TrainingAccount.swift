import ModelCore
import ModelTraining
import TwinCore

/// What every training tells of its artifact, whatever was learnt.
protocol TrainingAccount: Encodable {
    var file: String { get }
    var artifact: String { get set }
    var rows: Int { get set }
    var features: Int { get set }
    var isStopped: Bool { get set }
    /// What a search chose.
    var setting: Setting? { get set }
    /// The rows that were put aside, counted from 0.
    var holdoutRows: [Int]? { get set }
    var importances: [String: Double] { get set }
    var epoch: UInt64? { get set }

    func tell()
}

extension TrainingAccount {
    mutating func note(
        _ id: ArtifactID, _ manifest: Manifest, _ ranked: [(feature: String, share: Double)],
        wasStopped: Bool
    ) {
        artifact = id.hex
        rows = manifest.card.trainingRowCount
        features = manifest.features.count
        isStopped = wasStopped
        importances = Dictionary(
            uniqueKeysWithValues: ranked.prefix(10).map { ($0.feature, $0.share) })
    }

    func tellArtifact() {
        let strongest = importances.sorted { $0.value > $1.value }.prefix(5).map(\.key)
        if !strongest.isEmpty { Output.line("strongest: " + strongest.joined(separator: ", ")) }
        Output.line(
            "artifact \(artifact.prefix(12)) in \(file)" + (isStopped ? " (stopped early)" : ""))
        if let epoch { Output.line("active since epoch \(epoch)") }
    }
}
