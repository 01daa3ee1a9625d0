import Synchronization

/// What callbacks of a disk leave for the room that waits for them.
final class Letters<Letter: Sendable>: Sendable {
    private let letters = Mutex<[Letter]>([])

    func post(_ letter: Letter) { letters.withLock { $0.append(letter) } }

    func take() -> [Letter] {
        letters.withLock { letters in
            defer { letters = [] }
            return letters
        }
    }
}
