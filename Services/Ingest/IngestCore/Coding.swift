extension Analyte.Coding {
    /// The number that stands for the word; nil where the word is none of the coding's.
    func number(of word: Span<UInt8>) -> Double? {
        let table: ByteTable
        switch self {
        case .numeric: return nil
        case .consciousness: table = Self.consciousnessWords
        case .sex: table = Self.sexWords
        }
        return table.value(of: word).map { Double($0) }
    }

    private static let consciousnessWords = ByteTable(
        [
            ("A", 0), ("alert", 0), ("C", 1), ("confused", 1), ("confusion", 1),
            ("new confusion", 1), ("V", 2), ("voice", 2), ("verbal", 2), ("P", 3), ("pain", 3),
            ("U", 4), ("unresponsive", 4),
            // SNOMED CT: alert, acute confusion, responds to voice, to pain, unresponsive.
            ("248234008", 0), ("130987000", 1), ("300202002", 2), ("450847001", 3),
            ("422768004", 4),
        ], ignoresCase: true)

    private static let sexWords = ByteTable(
        [("F", 0), ("female", 0), ("M", 1), ("male", 1)], ignoresCase: true)
}
