/// Text that stands for itself in HTML and SVG.
enum Markup {
    /// Whatever the text holds, it is shown and never obeyed.
    static func escaped(_ text: String) -> String {
        var safe = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": safe += "&amp;"
            case "<": safe += "&lt;"
            case ">": safe += "&gt;"
            case "\"": safe += "&quot;"
            case "'": safe += "&#39;"
            default: safe.unicodeScalars.append(scalar)
            }
        }
        return safe
    }

    static func table(_ header: [String], _ rows: [[String]]) -> String {
        let head = header.map { "<th>\(escaped($0))</th>" }.joined()
        let body = rows.map { row in
            "<tr>" + row.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>"
        }
        return "<table><thead><tr>\(head)</tr></thead><tbody>\(body.joined())</tbody></table>"
    }

    static func section(_ title: String, _ parts: String...) -> String {
        "<section><h2>\(escaped(title))</h2>\(parts.joined(separator: "\n"))</section>"
    }

    /// A page under its title; nothing in it is fetched from anywhere.
    static func page(_ title: String, _ parts: [String]) -> String {
        let title = escaped(title)
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title)</title><style>\(Style.sheet)</style></head><body>
            <h1>\(title)</h1>
            \(parts.joined(separator: "\n"))
            </body></html>

            """
    }

    static func paragraph(_ text: String) -> String { "<p>\(escaped(text))</p>" }
}

/// Numbers as people read them.
enum Figure {
    /// Rounded to so many decimals; a dash where there is none.
    static func text(_ value: Double?, decimals: Int = 3) -> String {
        guard let value, value.isFinite, value.magnitude < 1e12 else { return "–" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int64((value.magnitude * scale).rounded())
        let whole = scaled / Int64(scale)
        let rest = String(scaled % Int64(scale))
        let sign = value < 0 && scaled > 0 ? "−" : ""
        guard decimals > 0 else { return sign + String(whole) }
        let zeros = String(repeating: "0", count: decimals - rest.utf8.count)
        return "\(sign)\(whole).\(zeros)\(rest)"
    }

    static func text(_ value: Double?, _ interval: ClosedRange<Double>?) -> String {
        guard let interval else { return text(value) }
        return "\(text(value)) (\(text(interval.lowerBound)) to \(text(interval.upperBound)))"
    }

    static func percent(_ share: Double?) -> String {
        share.map { "\(text($0 * 100, decimals: 1)) %" } ?? "–"
    }
}
