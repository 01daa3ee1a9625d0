import CModelForest
import ModelCore

/// An ensemble in nodes of eight bytes, siblings side by side.
///
/// A leaf is its own first child, and its value takes the threshold's place.
struct CompactForest: Sendable {
    private static let slotBits = 12
    private static let slotCountMax = 1 << slotBits - 1
    private static let nodesPerTreeMax = 1 << 20

    private var nodes: [UInt64] = []
    private var roots: [UInt32] = []
    private var depths: [UInt32] = []
    /// 2 x feature + (missing goes true), for each kind of comparison that occurs.
    private var slots: [Int32] = []
    private let baseValue: Double
    private let featureCount: Int

    /// Nil where an ensemble has too many kinds of comparison, or a tree too many nodes.
    ///
    /// The ensemble must have passed its check.
    init?(_ ensemble: TreeEnsemble) {
        baseValue = Double(ensemble.baseValue)
        featureCount = ensemble.featureCount
        var slotOf = [Int32](repeating: -1, count: 2 * ensemble.featureCount)
        for node in ensemble.trees.joined() where !node.isLeaf && slotOf[node.comparison] < 0 {
            slotOf[node.comparison] = Int32(slots.count)
            slots.append(Int32(node.comparison))
        }
        guard slots.count <= Self.slotCountMax,
            ensemble.trees.allSatisfy({ $0.count <= Self.nodesPerTreeMax })
        else { return nil }
        for tree in ensemble.trees {
            roots.append(UInt32(nodes.count))
            append(tree, slotOf)
        }
    }

    /// Lays one tree out so that the true branch follows at once, as far as siblings allow.
    private mutating func append(_ tree: [TreeEnsemble.Node], _ slotOf: [Int32]) {
        let root = nodes.count
        var depthMax: UInt32 = 0
        var used = 1
        var pending = [(node: 0, place: 0, depth: UInt32(0))]
        nodes.append(contentsOf: repeatElement(0, count: tree.count))
        while let at = pending.popLast() {
            let node = tree[at.node]
            depthMax = max(depthMax, at.depth)
            if node.isLeaf {
                nodes[root + at.place] = Self.packed(
                    UInt32(node.value.bitPattern), child: at.place, slot: slots.count)
                continue
            }
            nodes[root + at.place] = Self.packed(
                Self.key(node.threshold), child: used, slot: Int(slotOf[node.comparison]))
            pending.append((Int(node.falseBranch), used + 1, at.depth + 1))
            pending.append((Int(node.trueBranch), used, at.depth + 1))
            used += 2
        }
        depths.append(depthMax)
    }

    private static func packed(_ upper: UInt32, child: Int, slot: Int) -> UInt64 {
        UInt64(upper) << 32 | UInt64(child) << UInt64(slotBits) | UInt64(slot)
    }

    /// An integer of the threshold's order; both zeros have one.
    private static func key(_ threshold: Float) -> UInt32 {
        let bits = Int32(bitPattern: (threshold + 0).bitPattern)
        return UInt32(bitPattern: bits ^ ((bits >> 31) & Int32.max))
    }

    func score(_ row: [Float]) -> Double {
        var keys = [Int32](repeating: 0, count: slots.count + 1)
        return unsafe twin_forest_score(
            nodes, roots, depths, Int32(roots.count), slots, Int32(slots.count), row, baseValue,
            &keys)
    }

    func scores(_ rows: [Float]) -> [Double] {
        let rowCount = rows.count / featureCount
        let block = min(rowCount, Int(TWIN_FOREST_BLOCK))
        var keys = [Int32](repeating: 0, count: block * (slots.count + 1))
        var scores = [Double](repeating: 0, count: rowCount)
        unsafe twin_forest_score_rows(
            nodes, roots, depths, Int32(roots.count), slots, Int32(slots.count), rows,
            Int64(rowCount), Int32(featureCount), baseValue, &keys, &scores)
        return scores
    }
}

extension TreeEnsemble.Node {
    /// 2 x feature + (missing goes true).
    var comparison: Int { 2 * Int(feature) + (missingGoesTrue ? 1 : 0) }
}
