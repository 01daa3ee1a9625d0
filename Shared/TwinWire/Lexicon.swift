/// A dictionary in the making: each word once, in order of first use.
///
/// Observations repeat themselves (the same monitor says the same five codes over and over), so the
/// word that followed the last one before is tried first; that saves nearly all hashing.
struct Lexicon<Word: Hashable> {
    private(set) var words: [Word] = []
    private var indexes: [Word: UInt32] = [:]
    /// For each word, the index of the one that came after it last time.
    private var followers: [Int] = []
    private var last = 0

    mutating func index(of word: Word) -> UInt32 {
        if last < followers.count, words[followers[last]] == word {
            last = followers[last]
            return UInt32(truncatingIfNeeded: last)
        }
        let index = lookUp(word)
        followers[last] = Int(index)
        last = Int(index)
        return index
    }

    private mutating func lookUp(_ word: Word) -> UInt32 {
        if let index = indexes[word] { return index }
        let index = UInt32(truncatingIfNeeded: words.count)
        words.append(word)
        followers.append(words.count - 1)
        indexes[word] = index
        return index
    }
}
