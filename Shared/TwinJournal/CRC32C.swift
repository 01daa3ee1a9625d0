import CTwinJournal

/// The checksum that finds changed bytes on disk.
public enum CRC32C {
    /// The CRC-32C of the bytes, continued from `seed`; 0 starts anew.
    public static func checksum(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
        checksum(bytes[...], seed: seed)
    }

    /// The CRC-32C of a part of an array.
    public static func checksum(_ bytes: ArraySlice<UInt8>, seed: UInt32 = 0) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe twin_crc32c(seed, $0.baseAddress, $0.count) }
    }

    /// The same without the processor's instruction, to prove that both agree.
    package static func portableChecksum(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe twin_crc32c_portable(seed, $0.baseAddress, $0.count) }
    }
}
