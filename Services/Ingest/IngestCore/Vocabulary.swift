import TwinCleaning
import TwinCore

/// What is known of a unit that was sent with a number.
enum UnitConversion: Sendable {
    case known(Conversion)
    /// No unit was sent, and the quantity needs one.
    case missing
    /// Not a unit of this quantity.
    case unknown
}

/// The code and unit tables, compiled: asked with bytes, answered without allocating.
struct Vocabulary: Sendable {
    enum System: Hashable { case loinc, mdc, twinline, local(Int), other }

    /// What a code turned out to be.
    struct Resolution {
        var alias: CodeAlias?
        /// Its two codes, or its number and its reference id, name different things.
        var isConflict = false
    }

    let analytes: [Analyte]
    /// Numbers that devices send where they have none, by analyte.
    let sentinels: [[Double]]
    let units = UnitSpellings()
    private let wider: [Int?]
    private let systems: ByteTable
    private let loinc: ByteTable
    private let mdc: ByteTable
    private let twinline: ByteTable
    private let local: [ByteTable]
    private let aliases: [CodeAlias]
    private let conceptAliases: [Code: Int]

    static let systemNames: [(text: String, value: Int)] = [
        ("LN", 0), ("LOINC", 0), ("LNC", 0), (Code.loincSystem, 0),
        ("urn:oid:2.16.840.1.113883.6.1", 0),
        ("2.16.840.1.113883.6.1", 0), ("MDC", 1), (Code.mdcSystem, 1), ("ISO/IEEE 11073-10101", 1),
        ("ISO+MDC", 1), ("urn:oid:2.16.840.1.113883.6.24", 1), ("2.16.840.1.113883.6.24", 1),
        ("99TWINLINE", 2), (Code.twinlineSystem, 2),
    ]
    private static let firstLocalSystem = 16

    init(localCodes: [LocalCode], rules: CleaningRules = .standard) {
        let analytes = Analyte.all(rules)
        let index = Dictionary(
            uniqueKeysWithValues: analytes.enumerated().map { ($1.concept.name, $0) })
        var builder = VocabularyBuilder(index: index)
        builder.addConcepts(analytes.map(\.concept))
        builder.addTables()
        let localSystems = builder.addLocal(localCodes)
        self.analytes = analytes
        sentinels = analytes.map { rules.sentinels(of: $0.concept.code) }
        wider = analytes.map { CodeTable.wider[$0.concept.name].flatMap { index[$0] } }
        systems = ByteTable(
            Vocabulary.systemNames
                + localSystems.enumerated().map { ($1, $0 + Vocabulary.firstLocalSystem) },
            ignoresCase: true)
        loinc = ByteTable(builder.loinc)
        mdc = ByteTable(builder.mdc)
        twinline = ByteTable(builder.twinline)
        local = localSystems.map { ByteTable(builder.local[$0] ?? []) }
        aliases = builder.aliases
        conceptAliases = builder.byCode
    }

    /// Whether a number, as it was sent, stands for none.
    func isSentinel(_ number: Double, of analyte: Int) -> Bool {
        for index in sentinels[analyte].indices where sentinels[analyte][index] == number {
            return true
        }
        return false
    }

    func system(of name: Span<UInt8>) -> System {
        switch systems.value(of: name) {
        case 0: .loinc
        case 1: .mdc
        case 2: .twinline
        case .some(let value): .local(value - Vocabulary.firstLocalSystem)
        case nil: .other
        }
    }

    /// What the code means, of its own.
    func resolve(_ code: RawCode, in text: Span<UInt8>) -> Resolution {
        let value = text.extracting(code.value.range)
        switch system(of: text.extracting(code.system.range)) {
        case .loinc: return Resolution(alias: alias(value, loinc))
        case .twinline: return Resolution(alias: alias(value, twinline))
        case .local(let index): return Resolution(alias: alias(value, local[index]))
        case .mdc: return resolveMDC(value, text.extracting(code.text.range))
        case .other: return Resolution()
        }
    }

    /// What two codes of one value mean together: the narrower of two that agree.
    func resolve(_ code: RawCode, _ alternate: RawCode, in text: Span<UInt8>) -> Resolution {
        let first = resolve(code, in: text)
        guard !alternate.isEmpty else { return first }
        let second = resolve(alternate, in: text)
        guard let one = first.alias else { return second }
        guard let other = second.alias else { return first }
        let isConflict = first.isConflict || second.isConflict
        if one.analyte == other.analyte || wider[one.analyte] == other.analyte {
            return Resolution(alias: one, isConflict: isConflict)
        }
        if wider[other.analyte] == one.analyte {
            return Resolution(alias: other, isConflict: isConflict)
        }
        return Resolution(alias: one, isConflict: true)
    }

    /// What a decoded code means.
    func alias(of code: Code) -> CodeAlias? {
        if let known = conceptAliases[code] { return aliases[known] }
        var text = Array(code.value.utf8)
        let value = RawText(0..<text.count)
        text += code.system.utf8
        let raw = RawCode(value: value, system: RawText(Int(value.end)..<text.count))
        return resolve(raw, in: text.span).alias
    }

    /// How a number of the unit becomes one of the canonical unit.
    func conversion(
        of unit: RawCode, in text: Span<UInt8>, for alias: CodeAlias
    ) -> UnitConversion {
        let value = text.extracting(unit.value.trimmed(in: text).range)
        let name = text.extracting(unit.text.trimmed(in: text).range)
        guard !value.isEmpty || !name.isEmpty else {
            return analytes[alias.analyte].unitIsOptional ? .known(.identity) : .missing
        }
        guard !value.isEmpty, let byValue = conversion(units.units(of: value), alias) else {
            return conversion(units.units(of: name), alias).map { .known($0) } ?? .unknown
        }
        // A number and a reference id that contradict each other say nothing.
        if Vocabulary.isReferenceID(name), units.units(of: name) != units.units(of: value) {
            return .unknown
        }
        return .known(byValue)
    }

    /// How a number of the unit becomes one of the canonical unit.
    func conversion(of unit: String, for alias: CodeAlias) -> UnitConversion {
        let text = Array(unit.utf8)
        return conversion(of: RawCode(value: RawText(0..<text.count)), in: text.span, for: alias)
    }

    /// The first of the units that the quantity has.
    private func conversion(_ candidates: [KnownUnit], _ alias: CodeAlias) -> Conversion? {
        for unit in candidates {
            if unit == .milligramPerDecilitre, let factor = alias.perDecilitre {
                return Conversion(multiplier: factor)
            }
            if let conversion = analytes[alias.analyte].conversion(from: unit) {
                return conversion
            }
        }
        return nil
    }

    private func alias(_ value: Span<UInt8>, _ table: ByteTable) -> CodeAlias? {
        table.value(of: value).map { aliases[$0] }
    }

    private func resolveMDC(_ number: Span<UInt8>, _ name: Span<UInt8>) -> Resolution {
        let byNumber = mdc.value(of: number)
        guard Vocabulary.isReferenceID(name) else {
            return Resolution(alias: byNumber.map { aliases[$0] })
        }
        let byName = mdc.value(of: name)
        guard let byNumber else {
            return Resolution(
                alias: byName.map { aliases[$0] }, isConflict: byName != nil && !number.isEmpty)
        }
        let alias = aliases[byNumber]
        return Resolution(alias: alias, isConflict: alias.hasReferenceIDs && byName != byNumber)
    }

    /// Whether it starts with `MDC_`, as every reference id does.
    private static func isReferenceID(_ name: Span<UInt8>) -> Bool {
        name.count > 4 && name[0] == 0x4D && name[1] == 0x44 && name[2] == 0x43 && name[3] == 0x5F
    }
}

/// Collects the entries of the tables.
private struct VocabularyBuilder {
    let index: [String: Int]
    var aliases: [CodeAlias] = []
    var loinc: [(text: String, value: Int)] = []
    var mdc: [(text: String, value: Int)] = []
    var twinline: [(text: String, value: Int)] = []
    var local: [String: [(text: String, value: Int)]] = [:]
    var byCode: [Code: Int] = [:]

    init(index: [String: Int]) { self.index = index }

    /// MDC numbers of partition 2 are also sent without their partition.
    private static let partition = 131_072

    mutating func addConcepts(_ concepts: [Concept]) {
        for (analyte, concept) in concepts.enumerated() {
            let alias = add(analyte, perDecilitre: nil, hasReferenceIDs: false)
            byCode[concept.code] = alias
            switch concept.code.system {
            case Code.loincSystem: loinc.append((concept.code.value, alias))
            case Code.twinlineSystem: twinline.append((concept.code.value, alias))
            default: break
            }
        }
    }

    mutating func addTables() {
        for row in CodeTable.loinc {
            guard let analyte = index[row.concept] else { continue }
            let alias = add(analyte, perDecilitre: row.perDecilitre, hasReferenceIDs: false)
            loinc += row.codes.map { ($0, alias) }
        }
        for row in CodeTable.mdc {
            guard let analyte = index[row.concept] else { continue }
            let alias = add(
                analyte, perDecilitre: nil, hasReferenceIDs: !row.referenceIDs.isEmpty)
            mdc.append((String(row.number), alias))
            mdc.append((String(row.number - VocabularyBuilder.partition), alias))
            mdc += row.referenceIDs.map { ($0, alias) }
        }
    }

    /// The systems of the local codes, each once.
    mutating func addLocal(_ codes: [LocalCode]) -> [String] {
        var systems: [String] = []
        for code in codes {
            guard let analyte = index[code.concept] else { continue }
            if local[code.system] == nil { systems.append(code.system) }
            let alias = add(analyte, perDecilitre: nil, hasReferenceIDs: false)
            local[code.system, default: []].append((code.code, alias))
        }
        return systems
    }

    private mutating func add(
        _ analyte: Int, perDecilitre: Double?, hasReferenceIDs: Bool
    ) -> Int {
        aliases.append(
            CodeAlias(
                analyte: analyte, perDecilitre: perDecilitre, hasReferenceIDs: hasReferenceIDs))
        return aliases.count - 1
    }
}
