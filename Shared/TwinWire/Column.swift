/// A column of small numbers in the making, left out of the message when all of them are zero.
struct ColumnDraft {
    private let place: Place<UInt32>
    private var count = 0
    private var union: UInt32 = 0

    init(capacity: Int, in draft: borrowing Draft) {
        place = draft.memory(capacity, of: UInt32.self)
    }

    /// Must not be called more often than the capacity says.
    mutating func append(_ number: UInt32) {
        place[count] = number
        count += 1
        union |= number
    }

    /// The column, or none where all are zero.
    var packed: (Int, Place<UInt32>?) { union == 0 ? (0, nil) : (count, place) }
    /// The column, zeros or not.
    var whole: (Int, Place<UInt32>?) { (count, place) }
}

/// A column of instants or revisions in the making: each as the difference to the one before.
struct DeltaDraft {
    private let place: Place<Int64>
    private var count = 0
    private var last: Int64 = 0

    init(capacity: Int, in draft: borrowing Draft) {
        place = draft.memory(capacity, of: Int64.self)
    }

    /// Must not be called more often than the capacity says.
    mutating func append(_ number: Int64) {
        place[count] = number &- last
        count += 1
        last = number
    }

    var whole: (Int, Place<Int64>?) { (count, place) }
}

/// A column that was received: one number for each item, or none where all are zero.
struct Column {
    private let numbers: UnsafeBufferPointer<UInt32>

    /// Throws unless the column has `count` numbers or none.
    init(
        _ place: Place<UInt32>?, _ columnCount: Int, for count: Int, _ name: StaticString
    ) throws(WireError) {
        guard columnCount == count || columnCount == 0 else {
            throw .invalid("\(name) has \(columnCount) entries for \(count)")
        }
        numbers = UnsafeBufferPointer(start: place, count: columnCount)
    }

    /// The number of the item at `index`, which must lie within the count.
    subscript(index: Int) -> UInt32 { numbers.isEmpty ? 0 : numbers[index] }
}

/// A column of differences that was received, read from its start.
struct DeltaColumn {
    private let deltas: UnsafeBufferPointer<Int64>
    private var position = 0
    private var last: Int64 = 0

    init(_ place: Place<Int64>?, _ count: Int) {
        deltas = UnsafeBufferPointer(start: place, count: count)
    }

    /// Must not be called more often than the column has entries.
    mutating func next() -> Int64 {
        last &+= deltas[position]
        position += 1
        return last
    }
}
