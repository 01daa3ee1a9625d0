import CModelForest
import ModelCore

/// An ensemble in nodes of eight bytes, siblings side by side.
///
/// A leaf is its own first child, and its value takes the threshold's place.
struct CompactForest: Sendable {
    private static let slotBits = 12
    private static let slotCountMax = 1 << slotBits - 1
    private static let nodesPerTreeMax = 1 << 20
    /// What the keys of the rows that are scored together should fit into.
    private static let keyByteCount = 16 << 10

    private var steps: [TwinForestStep] = []
    private var roots: [UInt32] = []
    private var depths: [UInt32] = []
    private var tops: [Int32] = []
    private let slots: ForestSlots
    private let groupCountMax: Int
    private let baseValue: Double
    private let featureCount: Int

    /// Nil where an ensemble has too many kinds of comparison, or a tree too many nodes.
    ///
    /// The ensemble must have passed its check.
    init?(_ ensemble: TreeEnsemble) {
        baseValue = Double(ensemble.baseValue)
        featureCount = ensemble.featureCount
        guard let slots = ForestSlots(ensemble, countMax: Self.slotCountMax),
            ensemble.trees.allSatisfy({ $0.count <= Self.nodesPerTreeMax })
        else { return nil }
        self.slots = slots
        let keyBytes = (slots.count + 1) * Int(TWIN_FOREST_GROUP) * MemoryLayout<Int32>.size
        groupCountMax = max(
            1, min(Int(TWIN_FOREST_BLOCK / TWIN_FOREST_GROUP), Self.keyByteCount / keyBytes))
        for tree in ensemble.trees {
            roots.append(UInt32(steps.count))
            append(tree)
            appendTop(root: Int(roots[roots.count - 1]))
        }
    }

    /// Lays one tree out so that the true branch follows at once, as far as siblings allow.
    private mutating func append(_ tree: [TreeEnsemble.Node]) {
        let root = steps.count
        var depthMax: UInt32 = 0
        var used = 1
        var pending = [(node: 0, place: 0, depth: UInt32(0))]
        steps.append(contentsOf: repeatElement(TwinForestStep(), count: tree.count))
        while let at = pending.popLast() {
            let node = tree[at.node]
            depthMax = max(depthMax, at.depth)
            if node.isLeaf {
                steps[root + at.place] = TwinForestStep(
                    way: UInt32(slots.count), key: node.value.bitPattern)
                continue
            }
            let slot = slots.slot(of: node.comparison)
            steps[root + at.place] = TwinForestStep(
                way: UInt32((used - at.place) << Self.slotBits | slot),
                key: Self.key(node.threshold))
            pending.append((Int(node.falseBranch), used + 1, at.depth + 1))
            pending.append((Int(node.trueBranch), used, at.depth + 1))
            used += 2
        }
        depths.append(depthMax)
    }

    /// A tree's first levels as if they were full: below a leaf nobody goes to the second child.
    private mutating func appendTop(root: Int) {
        var thresholds: [Int32] = []
        var level = [root]
        for _ in 0..<TWIN_FOREST_TOP_LEVELS {
            var next: [Int] = []
            for place in level {
                let step = steps[place]
                let child = Int(step.way >> UInt32(Self.slotBits))
                tops.append(Int32(step.way) & (1 << Int32(Self.slotBits) - 1))
                thresholds.append(child == 0 ? .max : Int32(bitPattern: step.key ^ 1 << 31))
                next += child == 0 ? [place, place] : [place + child, place + child + 1]
            }
            level = next
        }
        tops += thresholds + level.map { Int32(bitPattern: UInt32($0)) }
    }

    /// An integer without a sign of the threshold's order; both zeros have one.
    private static func key(_ threshold: Float) -> UInt32 {
        let bits = Int32(bitPattern: (threshold + 0).bitPattern)
        return UInt32(bitPattern: bits ^ (bits >> 31 | .min))
    }

    func score(_ row: [Float]) -> Double {
        var keys = [Int32](repeating: 0, count: slots.count + 1)
        return unsafe with { forest in
            unsafe twin_forest_score(forest, row, baseValue, &keys)
        }
    }

    /// `isWide` is for tests, the bits are the same.
    func scores(_ rows: [Float], isWide: Bool = true) -> [Double] {
        let rowCount = rows.count / featureCount
        let size = Int(TWIN_FOREST_GROUP)
        let groupCount = max(1, min(groupCountMax, (rowCount + size - 1) / size))
        var keys = [Int32](repeating: 0, count: groupCount * size * (slots.count + 1))
        var scores = [Double](repeating: 0, count: rowCount)
        unsafe with { forest in
            unsafe twin_forest_score_rows(
                forest, rows, Int64(rowCount), Int32(featureCount), baseValue, Int32(groupCount),
                &keys, &scores, isWide)
        }
        return scores
    }

    /// The forest as the loops take it, for as long as `body` runs.
    private func with<Result>(_ body: (UnsafePointer<TwinForest>) -> Result) -> Result {
        unsafe steps.withUnsafeBufferPointer { steps in
            unsafe roots.withUnsafeBufferPointer { roots in
                unsafe depths.withUnsafeBufferPointer { depths in
                    unsafe tops.withUnsafeBufferPointer { tops in
                        unsafe slots.runs.withUnsafeBufferPointer { runs in
                            var forest = unsafe TwinForest(
                                steps: steps.baseAddress, roots: roots.baseAddress,
                                depths: depths.baseAddress, tops: tops.baseAddress,
                                runs: runs.baseAddress, tree_count: Int32(roots.count),
                                run_count: Int32(runs.count), slot_count: Int32(slots.count))
                            return unsafe body(&forest)
                        }
                    }
                }
            }
        }
    }
}

extension TreeEnsemble.Node {
    /// 2 x feature + (missing goes true).
    var comparison: Int { 2 * Int(feature) + (missingGoesTrue ? 1 : 0) }
}
