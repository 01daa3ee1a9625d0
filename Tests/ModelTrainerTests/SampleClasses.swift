import ModelCore
import ModelForest
import ModelNetwork
import ModelSVM
import ModelTrainer
import ModelTraining

/// Patients of three classes, drawn from a seed: four features that tell them apart, more or less,
/// one that says nothing, and gaps.
enum SampleClasses {
    static let names = ["mild", "moderate", "severe"]
    static let kinds = ["forest", "svm", "linear", "network"]

    static func table(rows: Int = 300, seed: UInt64 = 7) throws -> TrainingTable {
        var random = SeededGenerator(seed: seed)
        func noise() -> Double { (0..<12).reduce(-6) { sum, _ in sum + random.nextUnit() } }
        var (values, classes): ([Float], [Int]) = ([], [])
        for _ in 0..<rows {
            // Of unlike frequency: a half, three tenths, a fifth.
            let place = random.nextUnit()
            let own = place < 0.5 ? 0 : place < 0.8 ? 1 : 2
            let row = [
                Double(own) * 2 + noise(), own == 1 ? 2.5 + noise() : noise(),
                40 + 10 * Double(own == 2 ? 1 : 0) + 6 * noise(), noise(),
                Double(own) * 300 + 400 * noise(),
            ]
            values += row.map { random.nextUnit() < 0.03 ? .nan : Float($0) }
            classes.append(own)
        }
        return try TrainingTable(
            columns: ["lactate", "shape", "age", "nothing", "platelets"].map { .init(name: $0) },
            values: values, classes: classes, classCount: 3)
    }

    static func method(_ kind: String, seed: UInt64 = 42) -> any Method {
        switch kind {
        case "svm": SVMMethod(seed: seed)
        case "linear": SVMMethod(kernel: .linear, classWeights: .balanced, seed: seed)
        case "network":
            NetworkMethod(
                NetworkOptions(
                    hiddenWidths: [8], dropout: 0.1, batchSize: 64, epochsMax: 40,
                    learningRate: 1e-2, patience: 8, seed: seed), tail: 0.01)
        default:
            ForestMethod(ForestOptions(treeCount: 60, leafRowsMin: 3, seed: seed, threadsMax: 2))
        }
    }

    static func recipe(_ kind: String, _ imputation: ImputationRule = .median) -> Recipe {
        Recipe(
            outcome: "severity", classes: names, method: method(kind), imputation: imputation,
            extractors: [],
            card: ModelCard(
                title: "Severity", intendedUse: "Tests", limits: "Not for patients",
                population: "Nobody", trainingRowCount: 0))
    }
}
