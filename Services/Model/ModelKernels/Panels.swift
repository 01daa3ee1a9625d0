import CModelKernels

/// Numbers that start at the edge of a cache line, and never change.
///
/// Unchecked: nothing writes to them after `init`, and they live as long as this.
@safe private final class AlignedFloats: @unchecked Sendable {
    private let memory: UnsafeMutableBufferPointer<Float>

    init(count: Int, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(1, count) * MemoryLayout<Float>.stride,
            alignment: Int(TWIN_PANEL_ALIGNMENT))
        unsafe memory = unsafe bytes.bindMemory(to: Float.self)
        unsafe memory.initialize(repeating: 0)
        unsafe fill(memory)
    }

    deinit { unsafe memory.deallocate() }

    var start: UnsafePointer<Float>? { unsafe UnsafePointer(memory.baseAddress) }
}

/// Rows of a table turned into panels: 32 rows side by side, so that one vector of the machine
/// holds one column of many.
struct Panels: Sendable {
    static let size = Int(TWIN_PANEL)
    static let cellCountMax = 1 << 33

    private let floats: AlignedFloats
    let panelCount: Int
    let width: Int
    let curve: KernelCurve
    private let isFinite: Bool

    /// Each panel's places, counted with those that are empty.
    var paddedCount: Int { panelCount * Panels.size }

    /// `count` rows of `width`, of which the cell of a column is where `place` says.
    init(
        count: Int, width: Int, curve: KernelCurve, from cells: [Float],
        place: (_ row: Int, _ column: Int) -> Int
    ) {
        precondition(width >= 0 && count >= 0 && curve.isSound)
        precondition(cells.count == count * width && cells.count <= Panels.cellCountMax)
        let panelCount = (count + Panels.size - 1) / Panels.size
        self.panelCount = panelCount
        self.width = width
        self.curve = curve
        isFinite = cells.allSatisfy(\.isFinite)
        floats = unsafe AlignedFloats(count: panelCount * width * Panels.size) { memory in
            for row in 0..<count {
                let start = row / Panels.size * width * Panels.size + row % Panels.size
                for column in 0..<width {
                    unsafe memory[start + column * Panels.size] = cells[place(row, column)]
                }
            }
        }
    }

    /// The panels as the loops take them, for as long as `body` runs.
    func with<Result>(_ body: (UnsafePointer<TwinPanels>) -> Result) -> Result {
        withExtendedLifetime(floats) {
            var panels = unsafe TwinPanels(
                panels: floats.start, panel_count: Int64(panelCount), width: Int64(width),
                is_finite: isFinite ? 1 : 0, curve: curve.code, degree: Int32(curve.degree),
                gamma: curve.gamma,
                offset: curve.offset)
            return unsafe body(&panels)
        }
    }
}
