/// A dictionary in the making: each word once, in order of first use.
///
/// Observations repeat themselves (the same monitor says the same codes over and over, each in its
/// unit), so the word that came in the same context last time is tried first. Few words are compared
/// one by one; only many are hashed.
struct Lexicon<Word: Hashable> {
    private static var scanCountMax: Int { 8 }

    private(set) var words: [Word] = []
    /// Filled once there are more words than are compared one by one.
    private var indexes: [Word: Int] = [:]
    /// For each context, the index of the word that came in it last time.
    private var guesses: [Int] = []
    /// The index of the newest word.
    private var last: UInt32 = 0

    /// The index of `word`, whose context is the word before it.
    mutating func index(of word: Word) -> UInt32 {
        last = index(of: word, with: last)
        return last
    }

    /// The index of `word`, whose context is a word of another lexicon.
    mutating func index(of word: Word, with context: UInt32) -> UInt32 {
        let context = Int(context)
        if context < guesses.count {
            let guess = guesses[context]
            if guess < words.count, words[guess] == word {
                return UInt32(truncatingIfNeeded: guess)
            }
        } else {
            // A word not seen before is most likely to come again.
            guesses += guesses.count...context
        }
        let index = find(word) ?? add(word)
        guesses[context] = index
        return UInt32(truncatingIfNeeded: index)
    }

    private func find(_ word: Word) -> Int? {
        words.count <= Lexicon.scanCountMax ? words.firstIndex(of: word) : indexes[word]
    }

    private mutating func add(_ word: Word) -> Int {
        words.append(word)
        if words.count == Lexicon.scanCountMax + 1 {
            for (index, word) in words.enumerated() { indexes[word] = index }
        } else if words.count > Lexicon.scanCountMax {
            indexes[word] = words.count - 1
        }
        return words.count - 1
    }
}
