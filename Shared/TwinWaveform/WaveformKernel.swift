import CTwinWaveform

/// The one translator of the C kernel: arrays in, arrays out.
enum WaveformKernel {
    /// The samples as differences of an order of 0 to 2, packed.
    static func packed(_ samples: ArraySlice<Int32>, order: Int) -> [UInt8] {
        unsafe samples.withUnsafeBufferPointer { source in
            let bound = twin_waveform_bound(source.count)
            return unsafe [UInt8](unsafeUninitializedCapacity: bound) { bytes, count in
                guard let target = bytes.baseAddress, let start = source.baseAddress else { return }
                count = unsafe twin_waveform_pack(start, source.count, Int32(order), target)
            }
        }
    }

    /// Puts the unpacked samples into a part of an array; false if the bytes hold anything else.
    static func unpack(
        _ bytes: ArraySlice<UInt8>, order: Int, into samples: inout [Int32], at range: Range<Int>
    ) -> Bool {
        precondition(range.lowerBound >= 0 && range.upperBound <= samples.count)
        return unsafe bytes.withUnsafeBufferPointer { source in
            unsafe samples.withUnsafeMutableBufferPointer { target in
                guard let start = source.baseAddress, let first = target.baseAddress else {
                    return range.isEmpty && source.isEmpty
                }
                return unsafe twin_waveform_unpack(
                    start, source.count, Int32(order), first + range.lowerBound, range.count) == 0
            }
        }
    }

    static func checksum(_ bytes: ArraySlice<UInt8>, seed: UInt32 = 0) -> UInt32 {
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return seed }
            return unsafe twin_waveform_checksum(seed, start, source.count)
        }
    }
}
