import CTwinWire
import TwinCore

// Observations by columns: the form of all but a few.

extension Draft {
    func columns(_ observations: [Observation]) -> Place<Wire.ObservationColumns> {
        var columns = ColumnsDraft(capacity: observations.count, in: self)
        for index in observations.indices { columns.append(observations, index) }
        return columns.message(in: self)
    }
}

private struct ColumnsDraft {
    private var twins = Lexicon<TwinID>()
    private var codes = Lexicon<Code>()
    private var units = Lexicon<String>()
    private var sources = Lexicon<String>()
    private var texts = Lexicon<String>()

    private var eventTimes: DeltaDraft
    private var receiveTimes: DeltaDraft
    private var isReceiveTimeNeeded = false
    private var twinIndexes: ColumnDraft
    private var codeIndexes: ColumnDraft
    private var unitIndexes: ColumnDraft
    private var sourceIndexes: ColumnDraft
    private var kinds: ColumnDraft
    private var textIndexes: ColumnDraft
    private var comparators: ColumnDraft
    private var flags: ColumnDraft
    private var waveformByteCounts: ColumnDraft
    private let waveforms: WaveformsDraft
    private let numbers: Place<Double>
    private var numberCount = 0
    private var reasons: [(index: Int, reason: RuleReason)] = []

    init(capacity: Int, in draft: borrowing Draft) {
        waveformByteCounts = ColumnDraft(capacity: capacity, in: draft)
        waveforms = draft.waveforms
        eventTimes = DeltaDraft(capacity: capacity, in: draft)
        receiveTimes = DeltaDraft(capacity: capacity, in: draft)
        twinIndexes = ColumnDraft(capacity: capacity, in: draft)
        codeIndexes = ColumnDraft(capacity: capacity, in: draft)
        unitIndexes = ColumnDraft(capacity: capacity, in: draft)
        sourceIndexes = ColumnDraft(capacity: capacity, in: draft)
        kinds = ColumnDraft(capacity: capacity, in: draft)
        textIndexes = ColumnDraft(capacity: capacity, in: draft)
        comparators = ColumnDraft(capacity: capacity, in: draft)
        flags = ColumnDraft(capacity: capacity, in: draft)
        numbers = draft.memory(capacity, of: Double.self)
    }

    /// Part by part: copying a whole observation would cost a retain for each of its texts.
    mutating func append(_ observations: [Observation], _ index: Int) {
        let twin = twins.index(of: observations[index].twin)
        let code = codes.index(of: observations[index].code)
        twinIndexes.append(twin)
        codeIndexes.append(code)
        unitIndexes.append(units.index(of: observations[index].unit, with: code))
        sourceIndexes.append(sources.index(of: observations[index].source, with: twin))
        append(observations[index].value)
        let eventTime = observations[index].eventTime
        let receiveTime = observations[index].receiveTime
        eventTimes.append(eventTime.microsecondsSinceEpoch)
        receiveTimes.append(receiveTime.microsecondsSinceEpoch)
        if receiveTime != eventTime { isReceiveTimeNeeded = true }
        comparators.append(UInt32(observations[index].comparator.rawValue))
        flags.append(observations[index].flags.rawValue)
        for reason in observations[index].reasons { reasons.append((index, reason)) }
    }

    private mutating func append(_ value: ObservedValue) {
        switch value {
        case .number(let number):
            kinds.append(TWINLINE__V1__OBSERVATION_COLUMNS__KIND__KIND_NUMBER.rawValue)
            numbers[numberCount] = number
            numberCount += 1
        case .text(let text):
            kinds.append(TWINLINE__V1__OBSERVATION_COLUMNS__KIND__KIND_TEXT.rawValue)
            textIndexes.append(texts.index(of: text))
        case .waveform(let block):
            kinds.append(TWINLINE__V1__OBSERVATION_COLUMNS__KIND__KIND_WAVEFORM.rawValue)
            waveformByteCounts.append(waveforms.append(block))
        case .absent:
            kinds.append(TWINLINE__V1__OBSERVATION_COLUMNS__KIND__KIND_ABSENT.rawValue)
        }
    }

    func message(in draft: borrowing Draft) -> Place<Wire.ObservationColumns> {
        draft.make(twinline__v1__observation_columns__init) {
            ($0.n_twins, $0.twins) = draft.texts(twins.words, \.text)
            ($0.n_codes, $0.codes) = draft.list(codes.words) { draft.code($0) }
            ($0.n_units, $0.units) = draft.texts(units.words, \.self)
            ($0.n_sources, $0.sources) = draft.texts(sources.words, \.self)
            ($0.n_texts, $0.texts) = draft.texts(texts.words, \.self)
            ($0.n_event_time_deltas_us, $0.event_time_deltas_us) = eventTimes.whole
            if isReceiveTimeNeeded {
                ($0.n_receive_time_deltas_us, $0.receive_time_deltas_us) = receiveTimes.whole
            }
            ($0.n_twin_indexes, $0.twin_indexes) = twinIndexes.packed
            ($0.n_code_indexes, $0.code_indexes) = codeIndexes.packed
            ($0.n_unit_indexes, $0.unit_indexes) = unitIndexes.packed
            ($0.n_source_indexes, $0.source_indexes) = sourceIndexes.packed
            ($0.n_kinds, $0.kinds) = enumerators(kinds.packed)
            ($0.n_numbers, $0.numbers) = (numberCount, numbers)
            ($0.n_text_indexes, $0.text_indexes) = textIndexes.whole
            ($0.n_comparators, $0.comparators) = enumerators(comparators.packed)
            ($0.n_flags, $0.flags) = flags.packed
            ($0.n_waveform_byte_counts, $0.waveform_byte_counts) = waveformByteCounts.whole
            ($0.n_reasons, $0.reasons) = draft.list(reasons) { placed in
                draft.make(twinline__v1__placed_reason__init) {
                    $0.index = UInt32(truncatingIfNeeded: placed.index)
                    $0.reason = draft.reason(placed.reason)
                }
            }
        }
    }
}

/// A column of numbers as one of a C enumeration, which has the same layout.
private func enumerators<Enumeration>(
    _ column: (Int, Place<UInt32>?)
) -> (Int, Place<Enumeration>?) {
    (column.0, UnsafeMutableRawPointer(column.1)?.assumingMemoryBound(to: Enumeration.self))
}

/// The other way round.
private func numbers<Enumeration>(_ column: Place<Enumeration>?) -> Place<UInt32>? {
    UnsafeMutableRawPointer(column)?.assumingMemoryBound(to: UInt32.self)
}

extension Reader {
    func columns(
        _ columns: Wire.ObservationColumns, into observations: inout [Observation]
    ) throws(WireError) {
        try take(observations: columns.n_event_time_deltas_us)
        observations.reserveCapacity(columns.n_event_time_deltas_us)
        var columns = try ColumnsReader(columns, self)
        while try columns.next(into: &observations) {}
        try columns.proveEnd()
    }

    /// A dictionary, in which one empty word stands for none.
    func words(_ places: Place<Text?>?, _ count: Int) throws(WireError) -> [String] {
        count == 0 ? [""] : try texts(places, count, Rule.word)
    }

    /// The word at an index of a dictionary.
    static func word<Word>(_ words: [Word], _ index: UInt32) throws(WireError) -> Word {
        guard index < words.count else { throw .invalid("an index outside its dictionary") }
        return words[Int(index)]
    }
}

private struct ColumnsReader {
    private let count: Int
    private var index = 0
    private let twins: [TwinID]
    private let codes: [Code]
    private let units: [String]
    private let sources: [String]
    private let texts: [String]

    private var eventTimes: DeltaColumn
    /// Nil where the receive times are the event times.
    private var receiveTimes: DeltaColumn?
    private let twinIndexes: Column
    private let codeIndexes: Column
    private let unitIndexes: Column
    private let sourceIndexes: Column
    private let kinds: Column
    private let comparators: Column
    private let flags: Column
    private let numbers: UnsafeBufferPointer<Double>
    private var numberCount = 0
    private let textIndexes: UnsafeBufferPointer<UInt32>
    private var textCount = 0
    private let waveformByteCounts: UnsafeBufferPointer<UInt32>
    private var waveformCount = 0
    private let reader: Reader
    private let reasons: [(index: UInt32, reason: RuleReason)]
    private var reasonCount = 0

    init(_ columns: Wire.ObservationColumns, _ reader: Reader) throws(WireError) {
        count = columns.n_event_time_deltas_us
        self.reader = reader
        twins = try reader.texts(columns.twins, columns.n_twins, Rule.twin)
        codes = try reader.list(columns.codes, columns.n_codes, reader.code)
        units = try reader.words(columns.units, columns.n_units)
        sources = try reader.words(columns.sources, columns.n_sources)
        texts = try reader.texts(columns.texts, columns.n_texts, Rule.text)
        eventTimes = DeltaColumn(columns.event_time_deltas_us, count)
        let received = columns.n_receive_time_deltas_us
        guard received == count || received == 0 else {
            throw .invalid("receive_time_deltas_us has \(received) entries for \(count)")
        }
        receiveTimes =
            received == 0 ? nil : DeltaColumn(columns.receive_time_deltas_us, received)
        func column(
            _ place: Place<UInt32>?, _ entries: Int, _ name: StaticString
        ) throws(WireError) -> Column {
            try Column(place, entries, for: columns.n_event_time_deltas_us, name)
        }
        twinIndexes = try column(columns.twin_indexes, columns.n_twin_indexes, "twin_indexes")
        codeIndexes = try column(columns.code_indexes, columns.n_code_indexes, "code_indexes")
        unitIndexes = try column(columns.unit_indexes, columns.n_unit_indexes, "unit_indexes")
        sourceIndexes = try column(
            columns.source_indexes, columns.n_source_indexes, "source_indexes")
        kinds = try column(TwinWire.numbers(columns.kinds), columns.n_kinds, "kinds")
        comparators = try column(
            TwinWire.numbers(columns.comparators), columns.n_comparators, "comparators")
        flags = try column(columns.flags, columns.n_flags, "flags")
        numbers = UnsafeBufferPointer(start: columns.numbers, count: columns.n_numbers)
        textIndexes = UnsafeBufferPointer(
            start: columns.text_indexes, count: columns.n_text_indexes)
        waveformByteCounts = UnsafeBufferPointer(
            start: columns.waveform_byte_counts, count: columns.n_waveform_byte_counts)
        reasons = try reader.list(columns.reasons, columns.n_reasons, reader.placedReason)
    }

    /// Appends the next observation; false at the end.
    mutating func next(into observations: inout [Observation]) throws(WireError) -> Bool {
        guard index < count else { return false }
        let eventTime = try Rule.instant(eventTimes.next())
        let receiveTime = receiveTimes?.next()
        observations.append(
            Observation(
                twin: try Reader.word(twins, twinIndexes[index]),
                code: try Reader.word(codes, codeIndexes[index]), value: try value(),
                comparator: try Reader.comparator(comparators[index]),
                unit: try Reader.word(units, unitIndexes[index]), eventTime: eventTime,
                receiveTime: try receiveTime.map(Rule.instant) ?? eventTime,
                source: try Reader.word(sources, sourceIndexes[index]),
                flags: QualityFlags(rawValue: flags[index])))
        while reasonCount < reasons.count, reasons[reasonCount].index == index {
            observations[observations.count - 1].reasons.append(reasons[reasonCount].reason)
            reasonCount += 1
        }
        index += 1
        return true
    }

    private mutating func value() throws(WireError) -> ObservedValue {
        switch Twinline__V1__ObservationColumns__Kind(rawValue: kinds[index]) {
        case TWINLINE__V1__OBSERVATION_COLUMNS__KIND__KIND_NUMBER:
            guard numberCount < numbers.count else {
                throw .invalid("fewer numbers than kinds say")
            }
            numberCount += 1
            return .number(try Rule.finite(numbers[numberCount - 1]))
        case TWINLINE__V1__OBSERVATION_COLUMNS__KIND__KIND_TEXT:
            guard textCount < textIndexes.count else {
                throw .invalid("fewer texts than kinds say")
            }
            textCount += 1
            return .text(try Reader.word(texts, textIndexes[textCount - 1]))
        case TWINLINE__V1__OBSERVATION_COLUMNS__KIND__KIND_ABSENT: return .absent
        case TWINLINE__V1__OBSERVATION_COLUMNS__KIND__KIND_WAVEFORM:
            guard waveformCount < waveformByteCounts.count else {
                throw .invalid("fewer waveforms than kinds say")
            }
            waveformCount += 1
            return try reader.waveform(byteCount: waveformByteCounts[waveformCount - 1])
        default: throw .invalid("an unknown kind of value")
        }
    }

    /// Throws if there are values that belong to no observation.
    func proveEnd() throws(WireError) {
        guard numberCount == numbers.count, textCount == textIndexes.count,
            waveformCount == waveformByteCounts.count
        else {
            throw .invalid("more numbers, texts or waveforms than kinds say")
        }
        guard reasonCount == reasons.count else {
            throw .invalid("reasons that are not in ascending order of observations that are there")
        }
    }
}
