/// One axis of a resampling: the grids are aligned by their centres.
struct Axis {
    /// Weights of the old places, `count` for each new one.
    struct Taps {
        var starts: [Int32] = []
        var weights: [Double] = []
        let count: Int
    }

    let isResampled: Bool
    let newSpacing: Double
    /// The old places that are looked at.
    let old: Range<Int>
    /// The new places that are made, as numbers of the whole new grid.
    let new: Range<Int>
    /// Where the first new place lies among the old, and how far the next is.
    private let first: Double
    private let step: Double

    var newCount: Int { new.count }

    /// The region lies from `low` to `high`.
    init(side: Int, spacing: Double, wished: Double?, low: Int, high: Int, margin: Int) {
        newSpacing = wished ?? spacing
        isResampled = newSpacing != spacing
        step = newSpacing / spacing
        let exact = Double(side) / step
        let all = isResampled ? max(1, Int((exact - 1e-9 * exact).rounded(.up))) : side
        first = isResampled ? 0.5 * Double(side - 1) - 0.5 * Double(all - 1) * step : 0
        let reach = Int((Piece.reachMm / spacing).rounded(.up)) + Int(step.rounded(.up)) + 2
        let wide = (low - reach)...(high + reach)
        old = max(0, wide.lowerBound - margin)..<min(side, wide.upperBound + margin + 1)
        let start = ((Double(wide.lowerBound) - first) / step).rounded(.down)
        let end = ((Double(wide.upperBound) - first) / step).rounded(.up)
        new = isResampled ? max(0, Int(start))..<min(all, Int(end) + 1) : old
    }

    func taps(_ interpolation: ImagingConfiguration.Interpolation) -> Taps {
        var taps = Taps(count: interpolation == .cubic ? 4 : interpolation == .linear ? 2 : 1)
        for index in new {
            let place = first + Double(index) * step - Double(old.lowerBound)
            let floor = place.rounded(.down)
            let part = place - floor
            switch interpolation {
            case .nearest:
                taps.starts.append(Int32(place.rounded(.toNearestOrAwayFromZero)))
                taps.weights.append(1)
            case .linear:
                taps.starts.append(Int32(floor))
                taps.weights += [1 - part, part]
            case .cubic:
                let rest = 1 - part
                taps.starts.append(Int32(floor) - 1)
                taps.weights += [
                    rest * rest * rest / 6, 2 / 3.0 - part * part * (2 - part) / 2,
                    2 / 3.0 - rest * rest * (2 - rest) / 2, part * part * part / 6,
                ]
            }
        }
        return taps
    }
}
