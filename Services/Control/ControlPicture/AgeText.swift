public import TwinCore

/// How old a value is, as people say it.
public enum AgeText {
    /// `now`, `4 min`, `3 h`, `12 d`; `later` of what is not yet.
    public static func words(_ time: Instant, at now: Instant) -> String {
        let seconds = now.seconds(since: time)
        switch seconds {
        case ..<(-60): return "later"
        case ..<60: return "now"
        case ..<7_200: return "\(Int(seconds / 60)) min"
        case ..<172_800: return "\(Int(seconds / 3_600)) h"
        default: return "\(Int(min(seconds / 86_400, 1e9))) d"
        }
    }
}
