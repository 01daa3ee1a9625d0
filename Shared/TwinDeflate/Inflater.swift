import CTwinDeflate

/// How a deflated stream is wrapped.
public enum DeflateContainer: Sendable {
    case gzip
    case zlib
    case raw

    var code: Int32 {
        switch self {
        case .gzip: Int32(TWIN_STREAM_GZIP)
        case .zlib: Int32(TWIN_STREAM_ZLIB)
        case .raw: Int32(TWIN_STREAM_RAW)
        }
    }
}

/// Why a deflated stream could not be read.
public enum DeflateError: Error, Hashable, Sendable {
    case damaged
    /// The stream has no end.
    case cut
    /// It holds more than was allowed.
    case tooLarge
}

/// Inflates a stream piece by piece, so that the reader decides how much there may be.
@safe public struct Inflater: ~Copyable {
    private static let stepMax = 1 << 20

    private let bytes: [UInt8]
    private var place: Int
    private let state: OpaquePointer
    public private(set) var hasEnded = false

    /// The stream begins at `start` in `bytes`.
    public init(_ bytes: [UInt8], from start: Int = 0, container: DeflateContainer) {
        precondition((0...bytes.count).contains(start))
        guard let state = unsafe twin_inflater_open(container.code) else {
            fatalError("no memory for a stream")
        }
        self.bytes = bytes
        place = start
        unsafe self.state = state
    }

    deinit { unsafe twin_inflater_close(state) }

    /// The next `count` bytes; fewer where the stream ends before.
    public mutating func read(_ count: Int) throws(DeflateError) -> [UInt8] {
        var result: [UInt8] = []
        while result.count < count && !hasEnded {
            let step = try step(min(count - result.count, Inflater.stepMax))
            if result.isEmpty { result = step } else { result.append(contentsOf: step) }
        }
        return result
    }

    private mutating func step(_ count: Int) throws(DeflateError) -> [UInt8] {
        var taken = 0
        var outcome = Int32(TWIN_STREAM_GOES_ON)
        let made = unsafe [UInt8](unsafeUninitializedCapacity: count) { output, made in
            unsafe bytes.withUnsafeBufferPointer { input in
                guard let start = input.baseAddress else { return }
                unsafe outcome = twin_inflater_step(
                    state, start + place, input.count - place, output.baseAddress, count, &taken,
                    &made)
            }
        }
        place += taken
        if outcome == Int32(TWIN_STREAM_DAMAGED) { throw .damaged }
        hasEnded = outcome == Int32(TWIN_STREAM_ENDED)
        if !hasEnded && made.count < count && place == bytes.count { throw .cut }
        return made
    }

    /// All that a stream holds, which must not be more than `countMax` bytes.
    public static func all(
        of bytes: [UInt8], from start: Int = 0, container: DeflateContainer, countMax: Int
    ) throws(DeflateError) -> [UInt8] {
        var inflater = Inflater(bytes, from: start, container: container)
        let result = try inflater.read(countMax)
        guard inflater.hasEnded else {
            guard try inflater.read(1).isEmpty else { throw .tooLarge }
            return result
        }
        return result
    }
}
