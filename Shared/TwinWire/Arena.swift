import CTwinWire

/// Memory that is handed out piece by piece and given back all at once.
///
/// It lives in plain memory: reached through a Swift class, every piece would cost a retain.
struct Arena: ~Copyable {
    struct State {
        var next: UnsafeMutableRawPointer?
        var byteCountLeftInChunk = 0
        /// The newest chunk; each starts with the address of the one before it.
        var chunk: UnsafeMutableRawPointer?
        var chunkByteCount: Int
        var byteCountLeft: Int
        var isExhausted = false
    }

    private let state: UnsafeMutablePointer<State>

    init(byteCountMax: Int, chunkByteCount: Int) {
        state = .allocate(capacity: 1)
        state.initialize(
            to: State(chunkByteCount: max(chunkByteCount, 4096), byteCountLeft: byteCountMax))
    }

    deinit {
        var chunk = state.pointee.chunk
        while let current = chunk {
            chunk = current.load(as: UnsafeMutableRawPointer?.self)
            current.deallocate()
        }
        state.deallocate()
    }

    /// Whether a piece was denied because it would have gone past the bound.
    var isExhausted: Bool { state.pointee.isExhausted }

    /// Uninitialized memory for `count` values, or nil past the bound.
    func take<Value>(
        _ count: Int, of type: Value.Type
    ) -> UnsafeMutablePointer<Value>? {
        let (byteCount, overflow) = count.multipliedReportingOverflow(
            by: MemoryLayout<Value>.stride)
        guard !overflow else { return nil }
        return Arena.take(byteCount, from: state)?.bindMemory(to: Value.self, capacity: count)
    }

    /// Calls `body` with an allocator that takes from this arena and gives nothing back.
    func withAllocator<Result>(
        _ body: (UnsafeMutablePointer<ProtobufCAllocator>) -> Result
    ) -> Result {
        var allocator = ProtobufCAllocator(
            alloc: { state, byteCount in
                state.flatMap {
                    Arena.take(byteCount, from: $0.assumingMemoryBound(to: State.self))
                }
            },
            free: { _, _ in },
            allocator_data: UnsafeMutableRawPointer(state))
        return body(&allocator)
    }

    private static func take(
        _ byteCount: Int, from state: UnsafeMutablePointer<State>
    ) -> UnsafeMutableRawPointer? {
        guard byteCount >= 0, byteCount <= state.pointee.byteCountLeft else {
            state.pointee.isExhausted = true
            return nil
        }
        let size = max(8, (byteCount &+ 7) & ~7)
        state.pointee.byteCountLeft -= min(size, state.pointee.byteCountLeft)
        if size > state.pointee.byteCountLeftInChunk { grow(state, size) }
        let piece = state.pointee.next
        state.pointee.next = piece.map { $0 + size }
        state.pointee.byteCountLeftInChunk -= size
        return piece
    }

    private static func grow(_ state: UnsafeMutablePointer<State>, _ size: Int) {
        let byteCount = max(state.pointee.chunkByteCount, size + 8)
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 8)
        chunk.storeBytes(of: state.pointee.chunk, as: UnsafeMutableRawPointer?.self)
        state.pointee.chunk = chunk
        state.pointee.next = chunk + 8
        state.pointee.byteCountLeftInChunk = byteCount - 8
        state.pointee.chunkByteCount = min(2 * byteCount, 1 << 20)
    }
}
