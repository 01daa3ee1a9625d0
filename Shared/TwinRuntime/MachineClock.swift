import Foundation
public import TwinCore

/// The clocks of this machine, which only doors read.
public enum MachineClock {
    /// The time of day.
    public static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(
            microsecondsSinceEpoch: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// Lets this thread sleep, on the clock that only goes forward.
    public static func sleep(milliseconds: UInt32) {
        var time = timespec(
            tv_sec: Int(milliseconds / 1000), tv_nsec: Int(milliseconds % 1000) * 1_000_000)
        var rest = timespec()
        while clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &rest) == EINTR { time = rest }
    }

    /// Milliseconds of a clock that only goes forward.
    public static var uptimeMs: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
    }
}
