import CModelKernels

/// Which instructions the kernels use.
///
/// On every level that has a fused multiply-add, and there are no others but `plain` on x86, the
/// same inputs give the same bits; `plain` without it differs in the last places. A row's bits
/// depend neither on the rows beside it nor on the number of threads.
public enum MachineLevel: Int32, Sendable, CaseIterable, Comparable {
    case plain
    /// AVX2 with FMA.
    case avx2
    case avx512

    /// The best one of this machine, asked once.
    public static let best = MachineLevel(rawValue: twin_level_best()) ?? .plain

    /// All that this machine can run.
    public static var available: [MachineLevel] { allCases.filter { $0 <= best } }

    public static func < (left: MachineLevel, right: MachineLevel) -> Bool {
        left.rawValue < right.rawValue
    }
}
