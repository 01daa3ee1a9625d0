/// The National Early Warning Score 2 (Royal College of Physicians, 2017): the table.
///
/// Values are rounded half up before they are looked up, temperature to 0.1 and all others to
/// integers, so that none falls between two bands.
public enum NEWS2 {
    /// Which table of oxygen saturation holds; the second is for hypercapnic respiratory failure,
    /// and only by a clinician's order.
    public enum Scale: UInt8, Hashable, Sendable, CaseIterable {
        case one = 1
        case two = 2
    }

    public static func respiration(perMinute: Double) -> Int {
        switch rounded(perMinute) {
        case ...8: 3
        case ...11: 1
        case ...20: 0
        case ...24: 2
        default: 3
        }
    }

    /// Nil where scale 2 needs to know whether oxygen is given, and that is not known.
    public static func saturation(percent: Double, scale: Scale, onOxygen: Bool?) -> Int? {
        let percent = rounded(percent)
        if scale == .one {
            return switch percent {
            case ...91: 3
            case ...93: 2
            case ...95: 1
            default: 0
            }
        }
        switch percent {
        case ...83: return 3
        case ...85: return 2
        case ...87: return 1
        case ...92: return 0
        default:
            guard let onOxygen else { return nil }
            return !onOxygen ? 0 : percent <= 94 ? 1 : percent <= 96 ? 2 : 3
        }
    }

    public static func oxygen(isGiven: Bool) -> Int { isGiven ? 2 : 0 }

    public static func systolic(mmHg: Double) -> Int {
        switch rounded(mmHg) {
        case ...90: 3
        case ...100: 2
        case ...110: 1
        case ...219: 0
        default: 3
        }
    }

    public static func pulse(perMinute: Double) -> Int {
        switch rounded(perMinute) {
        case ...40: 3
        case ...50: 1
        case ...90: 0
        case ...110: 1
        case ...130: 2
        default: 3
        }
    }

    public static func consciousness(isAlert: Bool) -> Int { isAlert ? 0 : 3 }

    public static func temperature(celsius: Double) -> Int {
        // In tenths, which are whole numbers.
        switch rounded(celsius * 10) {
        case ...350: 3
        case ...360: 1
        case ...380: 0
        case ...390: 1
        default: 2
        }
    }

    /// Half up; what binary numbers can't hold of a decimal half (35.05) counts as the half.
    static func rounded(_ value: Double) -> Double { (value + 0.5 + 1e-9).rounded(.down) }
}
