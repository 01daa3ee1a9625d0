import Foundation
import ModelKernels
import ModelSVM

/// Rows with the decision values of scikit-learn's machine.
struct PeerFixture {
    struct Header: Decodable {
        let kernel: String
        let gamma: Float
        let offset: Float
        let degree: Int
        let cost: Double
        let nu: Double
        let epsilon: Double
        let negative: Double
        let positive: Double
        let vectors: Int
        let accuracy: Double
    }

    let name: String
    let header: Header
    let rows: SVMRows
    let targets: [Double]
    let decisions: [Double]

    var isRegression: Bool { name.hasPrefix("svr") }
    var labels: [Bool] { targets.map { $0 > 0 } }

    static let classifications = [
        "svc_linear", "svc_rbf", "svc_rbf_weights", "svc_rbf_balanced", "svc_poly", "svc_sigmoid",
        "nu_rbf", "nu_linear",
    ]
    static let regressions = ["svr_rbf", "svr_linear"]

    init(_ name: String) throws {
        self.name = name
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/\(name).csv")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        header = try JSONDecoder().decode(Header.self, from: Data(lines[0].dropFirst().utf8))
        let cells = lines.dropFirst().map { $0.split(separator: ",").map { Double($0) ?? .nan } }
        rows = try SVMRows(
            featureCount: cells[0].count - 2,
            values: cells.flatMap { $0.dropLast(2).map(Float.init) })
        targets = cells.map { $0[$0.count - 2] }
        decisions = cells.map { $0[$0.count - 1] }
    }

    var curve: KernelCurve {
        switch header.kernel {
        case "rbf": .radial(gamma: header.gamma)
        case "poly":
            .polynomial(gamma: header.gamma, offset: header.offset, degree: header.degree)
        case "sigmoid": .sigmoid(gamma: header.gamma, offset: header.offset)
        default: .linear
        }
    }

    var options: SVMOptions {
        if isRegression {
            return SVMOptions(
                task: .regression(cost: header.cost, epsilon: header.epsilon), curve: curve)
        }
        if name.hasPrefix("nu") {
            return SVMOptions(task: .nuClassification(nu: header.nu), curve: curve)
        }
        let isEven = header.negative == header.positive
        return SVMOptions(
            task: .classification(cost: header.cost), curve: curve,
            classWeights: name.hasSuffix("balanced")
                ? .balanced
                : isEven ? .equal : .given(negative: header.negative, positive: header.positive))
    }

    func train(_ options: SVMOptions? = nil) throws -> TrainedMachine {
        isRegression
            ? try SVMTraining.regress(rows, targets: targets, options ?? self.options)
            : try SVMTraining.classify(rows, labels: labels, options ?? self.options)
    }
}
