public import TwinJournal

extension Journal {
    /// Appends and waits for the answer.
    public func append(_ records: [[UInt8]]) async throws -> ClosedRange<UInt64> {
        try await withCheckedThrowingContinuation { continuation in
            append(records) { continuation.resume(with: $0) }
        }
    }

    /// Every durable record, read in small portions.
    public func everything(portion: Int = 1000) throws -> [JournalRecord] {
        var records: [JournalRecord] = []
        var next = firstOffset
        while true {
            let portion = try read(from: next, byteCountMax: portion)
            guard let last = portion.last else { return records }
            records += portion
            next = last.offset + 1
        }
    }
}

/// The promises of ``Journal``, kept by every implementation.
public enum JournalContract {
    /// A place where a journal with these limits can be opened, closed and opened again.
    public protocol Place: Sendable {
        func open(_ limits: JournalLimits) throws -> any Journal
    }

    public typealias Rule = ContractRule<any Place>

    static let small = JournalLimits(
        segmentByteCount: 4096, byteCountMax: 16 * 4096, queueByteCountMax: 1 << 20)

    public static let all: [Rule] = [
        Rule("offsets count from 1 without gaps") { place in
            let journal = try place.open(small)
            defer { journal.close() }
            try require(journal.firstOffset == 1 && journal.nextOffset == 1, "not empty")
            try require(try journal.read(from: 1, byteCountMax: 10).isEmpty, "something read")
            try require(try await journal.append([[1]]) == 1...1, "first offset")
            try require(try await journal.append([[2], [], [3]]) == 2...4, "second append")
            let records = try journal.everything()
            try require(records.map(\.offset) == [1, 2, 3, 4], "offsets \(records)")
            try require(records.map(\.bytes) == [[1], [2], [], [3]], "bytes \(records)")
        },
        Rule("callbacks come in the order of the appends") { place in
            let journal = try place.open(small)
            defer { journal.close() }
            let seen = Monitor<[UInt64]>([])
            for number in 0..<200 {
                let size = number % 50 == 49 ? 5000 : number % 7
                journal.append([[UInt8](repeating: 7, count: size)]) { answer in
                    // What is too large is refused in its turn.
                    seen.withLock { $0.append((try? answer.get().lowerBound) ?? 0) }
                }
            }
            let offsets = seen.wait { $0.count == 200 ? $0 : nil }
            let kept = offsets.filter { $0 > 0 }
            try require(kept == Array(1...196), "order \(offsets)")
            let refused = offsets.indices.filter { offsets[$0] == 0 }
            try require(refused == [49, 99, 149, 199], "refusals \(offsets)")
        },
        Rule("a read gives one record at least and no more bytes than asked") { place in
            let journal = try place.open(small)
            defer { journal.close() }
            _ = try await journal.append((0..<40).map { [UInt8](repeating: $0, count: 47) })
            try require(try journal.read(from: 3, byteCountMax: 0).map(\.offset) == [3], "one")
            let some = try journal.read(from: 3, byteCountMax: 140)
            try require(some.map(\.offset) == [3, 4], "\(some.map(\.offset))")
            try require(try journal.read(from: 41, byteCountMax: 9).isEmpty, "at the end")
            try require(try journal.read(from: .max, byteCountMax: 9).isEmpty, "far beyond")
            try require(try journal.read(from: 40, byteCountMax: .max).count == 1, "the last")
        },
        Rule("everything is there after reopening") { place in
            var random = SplitMix64(seed: 1)
            var expected: [[UInt8]] = []
            for _ in 0..<6 {
                let journal = try place.open(small)
                try require(
                    try journal.everything().map(\.bytes) == expected, "after reopening")
                for _ in 0..<8 {
                    let records = (0..<Int.random(in: 1...9, using: &random)).map { _ in
                        random.bytes(Int.random(in: 0...200, using: &random))
                    }
                    _ = try await journal.append(records)
                    expected += records
                }
                try require(try journal.everything().map(\.bytes) == expected, "before closing")
                journal.close()
            }
        },
        Rule("what is trimmed is gone and the rest stays") { place in
            let journal = try place.open(small)
            for number in 0..<200 {
                _ = try await journal.append([[UInt8](repeating: UInt8(number), count: 100)])
            }
            let held = journal.heldByteCount
            try journal.trim(through: 150)
            try require(journal.firstOffset == 151, "first \(journal.firstOffset)")
            try require(journal.heldByteCount < held, "nothing was freed")
            do {
                _ = try journal.read(from: 150, byteCountMax: 10)
                throw ContractViolation("a trimmed record was read")
            } catch JournalError.trimmed(let firstOffset) {
                try require(firstOffset == 151, "told \(firstOffset)")
            }
            try require(try journal.everything().map(\.offset) == Array(151...200), "the rest")
            try journal.trim(through: 20)
            try journal.trim(through: .max)
            try require(journal.firstOffset == 201 && journal.nextOffset == 201, "all trimmed")
            try require(try journal.read(from: 201, byteCountMax: 1).isEmpty, "something left")
            try require(try await journal.append([[1]]) == 201...201, "offsets go on")
            journal.close()
            let again = try place.open(small)
            defer { again.close() }
            try require(again.nextOffset == 202, "offsets go on after reopening")
            try require(try again.everything().last?.bytes == [1], "the newest after reopening")
        },
        Rule("a full journal refuses and takes again after a trim") { place in
            let journal = try place.open(small)
            defer { journal.close() }
            var kept: UInt64 = 0
            do {
                while true {
                    kept = try await journal.append([[UInt8](repeating: 1, count: 500)]).upperBound
                }
            } catch JournalError.full {
                try require(kept > 50 && kept < 140, "full after \(kept)")
            }
            try require(journal.nextOffset == kept + 1, "a refused append took an offset")
            try journal.trim(through: kept - 5)
            for _ in 0..<20 {
                kept = try await journal.append([[UInt8](repeating: 2, count: 500)]).upperBound
            }
            try require(journal.nextOffset == kept + 1, "went on")
            try require(try journal.everything().last?.bytes.first == 2, "the newest")
        },
        Rule("nothing takes the place of what was refused") { place in
            let journal = try place.open(small)
            defer { journal.close() }
            let seen = Monitor<[Result<ClosedRange<UInt64>, JournalError>]>([])
            for (first, size) in [(1, 10), (2, 5000), (3, 10), (2, 10)] as [(UInt64, Int)] {
                journal.append([[UInt8](repeating: 7, count: size)], at: first) { answer in
                    seen.withLock { $0.append(answer) }
                }
            }
            let answers = seen.wait { $0.count == 4 ? $0 : nil }
            try require(answers[0] == .success(1...1), "the first: \(answers[0])")
            guard case .failure(.tooLarge) = answers[1] else {
                throw ContractViolation("the large one: \(answers[1])")
            }
            try require(answers[2] == .failure(.outOfOrder(nextOffset: 2)), "\(answers[2])")
            try require(answers[3] == .success(2...2), "the right place: \(answers[3])")
        },
        Rule("an append that never fits is refused whole") { place in
            let journal = try place.open(small)
            defer { journal.close() }
            do {
                _ = try await journal.append([[1], [UInt8](repeating: 0, count: 4096)])
                throw ContractViolation("it was taken")
            } catch JournalError.tooLarge(let byteCount, let byteCountMax) {
                try require(byteCount > byteCountMax, "\(byteCount) of \(byteCountMax)")
            }
            try require(journal.nextOffset == 1, "a part was kept")
        },
        Rule("after closing nothing is taken") { place in
            let journal = try place.open(small)
            _ = try await journal.append([[1]])
            journal.close()
            journal.close()
            do {
                _ = try await journal.append([[2]])
                throw ContractViolation("it was taken")
            } catch JournalError.closed {}
            do {
                _ = try journal.read(from: 1, byteCountMax: 1)
                throw ContractViolation("it was read")
            } catch JournalError.closed {}
        },
    ]
}
