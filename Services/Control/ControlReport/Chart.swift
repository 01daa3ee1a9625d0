import ModelCore

/// A picture of lines and dots over two axes, as SVG that needs nothing else.
struct Chart {
    struct Point {
        var x: Double
        var y: Double
    }

    enum Look: String {
        case main, beside, reference
    }

    struct Line {
        var name: String
        var look: Look
        var points: [Point]
        /// The radius of a dot at each point; empty where there are none.
        var dots: [Double] = []
        /// Whether a line leads from point to point.
        var isJoined = true
    }

    var title: String
    var xName: String
    var yName: String
    var xRange: ClosedRange<Double> = 0...1
    var yRange: ClosedRange<Double> = 0...1
    var lines: [Line]

    private static let width = 380.0
    private static let height = 320.0
    private static let left = 52.0
    private static let right = 14.0
    private static let top = 12.0
    private static let bottom = 46.0
    private static let tickCountMax = 6

    var svg: String {
        var parts = [
            "<svg viewBox=\"0 0 \(Int(Chart.width)) \(Int(Chart.height))\" role=\"img\" "
                + "aria-label=\"\(Markup.escaped(title))\">"
        ]
        parts += axes
        for line in lines { parts += drawing(line) }
        parts.append("</svg>")
        let legend = lines.filter { !$0.name.isEmpty }.map {
            "<span class=\"key \($0.look.rawValue)\">\(Markup.escaped($0.name))</span>"
        }
        return "<figure><figcaption>\(Markup.escaped(title))</figcaption>"
            + parts.joined(separator: "\n")
            + "<div class=\"legend\">\(legend.joined())</div></figure>"
    }

    private var axes: [String] {
        var parts: [String] = []
        for tick in Chart.ticks(yRange) {
            let place = Chart.text(y(tick.value))
            parts.append(
                "<line class=\"grid\" x1=\"\(Chart.text(Chart.left))\" y1=\"\(place)\" "
                    + "x2=\"\(Chart.text(Chart.width - Chart.right))\" y2=\"\(place)\"/>")
            parts.append(
                "<text class=\"tick\" x=\"\(Int(Chart.left - 6))\" y=\"\(place)\" dy=\"4\" "
                    + "text-anchor=\"end\">\(tick.text)</text>")
        }
        for tick in Chart.ticks(xRange) {
            parts.append(
                "<text class=\"tick\" x=\"\(Chart.text(x(tick.value)))\" "
                    + "y=\"\(Int(Chart.height - Chart.bottom + 16))\" "
                    + "text-anchor=\"middle\">\(tick.text)</text>")
        }
        parts.append(
            "<text class=\"axis\" x=\"\(Int((Chart.left + Chart.width - Chart.right) / 2))\" "
                + "y=\"\(Int(Chart.height - 8))\" text-anchor=\"middle\">\(Markup.escaped(xName))</text>"
        )
        let middle = Int((Chart.top + Chart.height - Chart.bottom) / 2)
        parts.append(
            "<text class=\"axis\" transform=\"translate(14 \(middle)) rotate(-90)\" "
                + "text-anchor=\"middle\">\(Markup.escaped(yName))</text>")
        return parts
    }

    private func drawing(_ line: Line) -> [String] {
        guard !line.points.isEmpty else { return [] }
        let way = line.points.map { "\(Chart.text(x($0.x))),\(Chart.text(y($0.y)))" }
        var parts: [String] = []
        if line.isJoined {
            parts.append(
                "<polyline class=\"\(line.look.rawValue)\" points=\"\(way.joined(separator: " "))\"/>"
            )
        }
        for (point, radius) in zip(line.points, line.dots) {
            parts.append(
                "<circle class=\"\(line.look.rawValue)\" cx=\"\(Chart.text(x(point.x)))\" "
                    + "cy=\"\(Chart.text(y(point.y)))\" r=\"\(Chart.text(radius))\"/>")
        }
        return parts
    }

    private func x(_ value: Double) -> Double {
        Chart.left + (Chart.width - Chart.left - Chart.right) * Chart.share(value, xRange)
    }

    private func y(_ value: Double) -> Double {
        let height = Chart.height - Chart.top - Chart.bottom
        return Chart.top + height * (1 - Chart.share(value, yRange))
    }

    /// Where in the range, kept within it: a line never leaves its picture.
    private static func share(_ value: Double, _ range: ClosedRange<Double>) -> Double {
        let width = range.upperBound - range.lowerBound
        return width > 0 ? min(1, max(0, (value - range.lowerBound) / width)) : 0
    }

    /// The round numbers within a range: 1, 2 or 5 of some power of ten apart.
    private static func ticks(_ range: ClosedRange<Double>) -> [(value: Double, text: String)] {
        let least = (range.upperBound - range.lowerBound) / Double(tickCountMax)
        guard least > 0, least.isFinite else { return [] }
        let (digit, power) = RoundNumbers.step(atLeast: least)
        let step = RoundNumbers.size(digit, power)
        // An end that is a round number is one of them, whatever the division made of it.
        let first = Int((range.lowerBound / step - 1e-9).rounded(.up))
        let last = Int((range.upperBound / step + 1e-9).rounded(.down))
        return (first...max(first, last)).map {
            (Double($0) * step, Figure.text(Double($0) * step, decimals: max(0, -power)))
        }
    }

    private static func text(_ place: Double) -> String {
        // SVG knows no typographic minus.
        let text = Figure.text(place.magnitude, decimals: 1)
        return place < 0 ? "-" + text : text
    }
}
