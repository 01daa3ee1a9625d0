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
    private static let tickCount = 5

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
        for tick in 0...Chart.tickCount {
            let share = Double(tick) / Double(Chart.tickCount)
            let x = xRange.lowerBound + share * (xRange.upperBound - xRange.lowerBound)
            let y = yRange.lowerBound + share * (yRange.upperBound - yRange.lowerBound)
            let (px, py) = (Chart.text(self.x(x)), Chart.text(self.y(y)))
            parts.append(
                "<line class=\"grid\" x1=\"\(Chart.text(Chart.left))\" y1=\"\(py)\" "
                    + "x2=\"\(Chart.text(Chart.width - Chart.right))\" y2=\"\(py)\"/>")
            parts.append(
                "<text class=\"tick\" x=\"\(px)\" y=\"\(Int(Chart.height - Chart.bottom + 16))\" "
                    + "text-anchor=\"middle\">\(Chart.tick(x, xRange))</text>")
            parts.append(
                "<text class=\"tick\" x=\"\(Int(Chart.left - 6))\" y=\"\(py)\" dy=\"4\" "
                    + "text-anchor=\"end\">\(Chart.tick(y, yRange))</text>")
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
        var parts = [
            "<polyline class=\"\(line.look.rawValue)\" points=\"\(way.joined(separator: " "))\"/>"
        ]
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

    private static func tick(_ value: Double, _ range: ClosedRange<Double>) -> String {
        Figure.text(value, decimals: range.upperBound - range.lowerBound < 0.5 ? 2 : 1)
    }

    private static func text(_ place: Double) -> String {
        // SVG knows no typographic minus.
        let text = Figure.text(place.magnitude, decimals: 1)
        return place < 0 ? "-" + text : text
    }
}
