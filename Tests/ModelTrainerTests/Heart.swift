import Foundation
import IngestTable
import ModelCore
import ModelForest
import ModelNetwork
import ModelTrainer
import ModelTraining
import TwinTestKit

/// The shipped table, and a small recipe of each kind for it.
enum Heart {
    static func read() throws -> LabelledTable {
        let path = RepositoryFolder.root.appending(path: "deploy/samples/heart/heart.csv")
        var lines: [LabelledTable.Record] = []
        for record in try CSVReader(Array(try Data(contentsOf: path))) {
            lines.append(.init(line: record.line, fields: try record.fields.get()))
        }
        return try LabelledTable(
            header: lines[0].fields, records: Array(lines.dropFirst()),
            LabelledTable.Roles(label: "heart_disease"))
    }

    static let kinds = ["forest", "svm", "network"]

    static func method(_ kind: String, seed: UInt64 = 42) -> any Method {
        switch kind {
        case "svm": SVMMethod(seed: seed)
        case "network":
            NetworkMethod(
                NetworkOptions(
                    hiddenWidths: [8], dropout: 0.2, batchSize: 64, epochsMax: 40,
                    learningRate: 1e-2, patience: 8, seed: seed))
        default:
            ForestMethod(ForestOptions(treeCount: 100, leafRowsMin: 3, seed: seed, threadsMax: 2))
        }
    }

    static func recipe(
        _ method: any Method, _ imputation: ImputationRule = .median,
        selection: Recipe.Selection? = nil
    ) -> Recipe {
        Recipe(
            outcome: "heart_disease", classes: ["no_heart_disease", "heart_disease"],
            method: method, imputation: imputation, selection: selection, extractors: [],
            card: ModelCard(
                title: "Heart disease", intendedUse: "Tests", limits: "Not for patients",
                population: "Patients of Cleveland", trainingRowCount: 0))
    }
}
