import CModelForest
import ModelCore

/// Where each kind of comparison that a forest makes has its place among a row's keys.
///
/// Features that follow each other, of which missing values go to the same side, are one run: their
/// keys are made several at a time.
struct ForestSlots: Sendable {
    /// So many features that are not compared may lie between two of one run.
    private static let gapMax = 3

    private(set) var runs: [TwinForestRun] = []
    private(set) var count = 0
    /// By comparison; -1 where it does not occur.
    private var places: [Int]

    /// Nil where there would be more than `countMax`.
    init?(_ ensemble: TreeEnsemble, countMax: Int) {
        places = [Int](repeating: -1, count: 2 * ensemble.featureCount)
        var occurs = [Bool](repeating: false, count: places.count)
        for node in ensemble.trees.joined() where !node.isLeaf { occurs[node.comparison] = true }
        lay(occurs, gapMax: Self.gapMax)
        // Gaps are kept only where there is room for them.
        if count > countMax { lay(occurs, gapMax: 0) }
        guard count <= countMax else { return nil }
    }

    private mutating func lay(_ occurs: [Bool], gapMax: Int) {
        (runs, count) = ([], 0)
        for side in 0...1 {
            var last: Int?
            for feature in 0..<occurs.count / 2 where occurs[2 * feature + side] {
                let gap = last.map { feature - $0 - 1 } ?? .max
                if gap <= gapMax {
                    runs[runs.count - 1].count += Int32(gap + 1)
                    count += gap
                } else {
                    runs.append(
                        TwinForestRun(
                            feature: Int32(feature), count: 1, missing_goes_true: side == 1))
                }
                places[2 * feature + side] = count
                count += 1
                last = feature
            }
        }
    }

    /// The place of a comparison that occurs.
    func slot(of comparison: Int) -> Int { places[comparison] }
}
