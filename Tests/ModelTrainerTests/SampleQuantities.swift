import ModelCore
import ModelForest
import ModelNetwork
import ModelSVM
import ModelTrainer
import ModelTraining

/// Patients with a creatinine of tomorrow, drawn from a seed: features that foretell it, straight
/// and bent, one that says nothing, and gaps.
enum SampleQuantities {
    static let kinds = ["forest", "extra", "svm", "linear", "network"]
    static let unit = "mg/dL"

    static func table(rows: Int = 300, seed: UInt64 = 11) throws -> TrainingTable {
        var random = SeededGenerator(seed: seed)
        func noise() -> Double { (0..<12).reduce(-6) { sum, _ in sum + random.nextUnit() } }
        var (values, quantities): ([Float], [Double]) = ([], [])
        for _ in 0..<rows {
            let (today, urine, age) = (1 + 0.4 * noise(), 60 + 25 * noise(), 60 + 12 * noise())
            let row = [today, urine, age, noise()]
            values += row.map { random.nextUnit() < 0.03 ? .nan : Float($0) }
            let little = max(0, 60 - urine) / 25
            quantities.append(90 * today + 25 * little * little + 2 * age + 10 * noise())
        }
        return try TrainingTable(
            columns: ["creatinine", "urine", "age", "nothing"].map { .init(name: $0) },
            values: values, quantities: quantities)
    }

    static func method(_ kind: String, seed: UInt64 = 42) -> any Method {
        switch kind {
        case "svm": SVMMethod(cost: 10, seed: seed)
        case "linear": SVMMethod(kernel: .linear, seed: seed)
        case "network":
            NetworkMethod(
                NetworkOptions(
                    hiddenWidths: [16], batchSize: 32, epochsMax: 80, learningRate: 1e-2,
                    patience: 10, seed: seed), tail: 0.01)
        case "extra":
            ForestMethod(
                ForestOptions(
                    treeCount: 60, leafRowsMin: 3, featuresPerNode: .all, bootstrap: false,
                    randomCuts: true, seed: seed, threadsMax: 2))
        default:
            ForestMethod(
                ForestOptions(
                    treeCount: 60, leafRowsMin: 3, featuresPerNode: .all, seed: seed, threadsMax: 2)
            )
        }
    }

    static func recipe(
        _ kind: String, _ imputation: ImputationRule = .median, unit: String? = unit
    ) -> Recipe {
        Recipe(
            outcome: "creatinine.tomorrow", classes: [], unit: unit, method: method(kind),
            imputation: imputation, extractors: [],
            card: ModelCard(
                title: "Creatinine", intendedUse: "Tests", limits: "Not for patients",
                population: "Nobody", trainingRowCount: 0))
    }
}
