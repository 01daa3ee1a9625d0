import ModelKernels

/// Rows of kernels between all rows and the columns that take part, as many as memory allows.
struct KernelStore {
    /// Rows that are computed in one go: as many as share a panel.
    static let burst = 8
    private static let slotCountMin = 16

    let rows: SVMRows
    let curve: KernelCurve
    private let byteCountMax: Int
    private var panels: KernelPanels
    /// The kept rows, one a slot.
    private(set) var kernels: [Float] = []
    /// Each row's slot; -1 where it is not kept.
    private var slotOfRow: [Int32]
    private var rowOfSlot: [Int] = []
    private var lastUse: [UInt64] = []
    private var now: UInt64 = 0
    private(set) var computedCount = 0

    private var slotCountMax: Int {
        max(
            Self.slotCountMin,
            min(
                rows.rowCount,
                byteCountMax / (max(1, panels.paddedCount) * MemoryLayout<Float>.stride)))
    }

    init(_ rows: SVMRows, _ options: SVMOptions, columns: [Int]) {
        self.rows = rows
        curve = options.curve
        byteCountMax = options.cacheByteCountMax
        slotOfRow = [Int32](repeating: -1, count: rows.rowCount)
        panels = Self.panels(rows, options.curve, columns)
        kernels.reserveCapacity(slotCountMax * panels.paddedCount)
    }

    private static func panels(
        _ rows: SVMRows, _ curve: KernelCurve, _ columns: [Int]
    ) -> KernelPanels {
        KernelPanels(
            vectors: rows.cells(of: columns), count: columns.count, width: rows.featureCount,
            curve: curve)
    }

    func holds(_ row: Int) -> Bool { slotOfRow[row] >= 0 }

    /// Where the kernels of `row` begin.
    ///
    /// Where they must be computed, so are those of `others()`, which are likely to be asked for
    /// soon; rows that were asked for long ago make room, but not `pinned`.
    mutating func start(
        of row: Int, pinned: [Int], others: () -> [Int]
    ) -> Int {
        now += 1
        if slotOfRow[row] < 0 { compute(row, others(), pinned) }
        let slot = Int(slotOfRow[row])
        lastUse[slot] = now
        return slot * panels.paddedCount
    }

    private mutating func compute(_ row: Int, _ others: [Int], _ pinned: [Int]) {
        let wanted = [row] + others.filter { $0 != row && !holds($0) }
        // What is pinned, and what comes in now, must not make room for each other.
        for other in pinned where holds(other) { lastUse[Int(slotOfRow[other])] = now }
        let taken = wanted.prefix(min(Self.burst, slotCountMax / 2))
        let slots = taken.map { freeSlot(for: $0) }
        panels.rows(
            of: rows.values, at: taken.map { Int64($0 * rows.featureCount) }, into: &kernels,
            at: slots.map { Int64($0 * panels.paddedCount) })
        computedCount += taken.count
    }

    private mutating func freeSlot(for row: Int) -> Int {
        let slot: Int
        if rowOfSlot.count < slotCountMax {
            slot = rowOfSlot.count
            rowOfSlot.append(row)
            lastUse.append(now)
            kernels += repeatElement(0, count: panels.paddedCount)
        } else {
            slot = lastUse.indices.reduce(0) { lastUse[$1] < lastUse[$0] ? $1 : $0 }
            slotOfRow[rowOfSlot[slot]] = -1
            rowOfSlot[slot] = row
            lastUse[slot] = now
        }
        slotOfRow[row] = Int32(slot)
        return slot
    }

    /// Takes other columns and forgets all kernels.
    mutating func restart(columns: [Int]) {
        for row in rowOfSlot { slotOfRow[row] = -1 }
        kernels.removeAll(keepingCapacity: true)
        rowOfSlot = []
        lastUse = []
        panels = Self.panels(rows, curve, columns)
    }

    /// Keeps some of the columns, by their places in ascending order, which are those of `columns`
    /// now; rows that are not among them are forgotten.
    mutating func keep(places: [Int], columns: [Int]) {
        let (oldStride, oldRows, oldUse) = (panels.paddedCount, rowOfSlot, lastUse)
        panels = Self.panels(rows, curve, columns)
        let stride = panels.paddedCount
        var staying = [Bool](repeating: false, count: rows.rowCount)
        for row in columns { staying[row] = true }
        rowOfSlot = []
        lastUse = []
        for (slot, row) in oldRows.enumerated() {
            guard staying[row] else {
                slotOfRow[row] = -1
                continue
            }
            // Never ahead of what is yet to be read: rows become fewer, and shorter.
            let (from, to) = (slot * oldStride, rowOfSlot.count * stride)
            for (place, old) in places.enumerated() { kernels[to + place] = kernels[from + old] }
            slotOfRow[row] = Int32(rowOfSlot.count)
            rowOfSlot.append(row)
            lastUse.append(oldUse[slot])
        }
        kernels.removeLast(kernels.count - rowOfSlot.count * stride)
    }
}
