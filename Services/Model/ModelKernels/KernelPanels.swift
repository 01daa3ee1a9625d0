import CModelKernels

/// Support vectors, ready to be compared with rows.
public struct KernelPanels: Sendable {
    public let count: Int
    public var width: Int { panels.width }
    public var curve: KernelCurve { panels.curve }
    /// `count`, rounded up to whole panels: what ``rows(of:at:into:at:)`` writes for each row, and
    /// how many coefficients ``addSums(to:coefficients:sumCount:rows:rowCount:)`` takes.
    public var paddedCount: Int { panels.paddedCount }
    private let panels: Panels
    private let level: MachineLevel

    /// `vectors` holds `count` of `width` numbers, one after the other.
    public init(
        vectors: [Float], count: Int, width: Int, curve: KernelCurve, level: MachineLevel = .best
    ) {
        precondition(level <= .best)
        self.count = count
        self.level = level
        panels = Panels(count: count, width: width, curve: curve, from: vectors) { row, column in
            row * width + column
        }
    }

    /// The kernels of some rows of `table` with all vectors, each to its own place of `out`.
    ///
    /// `starts` says where each row begins, `places` where its `paddedCount` results go; those
    /// beyond `count` mean nothing.
    public func rows(
        of table: [Float], at starts: [Int64], into out: inout [Float], at places: [Int64]
    ) {
        precondition(starts.count == places.count)
        precondition(starts.allSatisfy { $0 >= 0 && Int($0) <= table.count - width })
        precondition(places.allSatisfy { $0 >= 0 && Int($0) <= out.count - paddedCount })
        unsafe panels.with { panels in
            unsafe twin_kernel_rows(
                level.rawValue, panels, table, starts, Int64(starts.count), &out, places)
        }
    }

    /// Adds to each row's `sumCount` sums its kernels times the coefficients.
    ///
    /// `coefficients` holds `paddedCount` for each sum; those beyond `count` must be zero.
    public func addSums(
        to sums: inout [Double], coefficients: [Double], sumCount: Int, rows: [Float],
        rowCount: Int
    ) {
        precondition(sumCount >= 0 && coefficients.count == sumCount * paddedCount)
        precondition(rows.count == rowCount * width && sums.count == rowCount * sumCount)
        unsafe panels.with { panels in
            unsafe twin_kernel_sums(
                level.rawValue, panels, coefficients, Int64(sumCount), rows, Int64(rowCount), &sums)
        }
    }
}
