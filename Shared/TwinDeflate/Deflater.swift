import CTwinDeflate

/// Deflates bytes that are all there.
public enum Deflater {
    /// The stream; `effort` from 1, the fastest, to 9, the smallest.
    public static func deflate(
        _ bytes: [UInt8], container: DeflateContainer, effort: Int = 6
    ) -> [UInt8] {
        precondition((1...9).contains(effort) && bytes.count < 1 << 31)
        let bound = twin_deflate_bound(bytes.count)
        return unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, made in
            unsafe bytes.withUnsafeBufferPointer { input in
                unsafe made = twin_deflate(
                    container.code, Int32(effort), input.baseAddress, input.count,
                    output.baseAddress, bound)
            }
            precondition(made > 0, "the bound of zlib holds")
        }
    }

    /// The CRC-32 that gzip and PNG use.
    public static func checksum(_ bytes: [UInt8]) -> UInt32 {
        unsafe bytes.withUnsafeBufferPointer { unsafe twin_crc32(0, $0.baseAddress, $0.count) }
    }
}
