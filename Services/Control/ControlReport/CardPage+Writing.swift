extension CardPage {
    /// The page; nothing in it is fetched from anywhere.
    public var html: String {
        Markup.page(
            title,
            sections.map { section in
                let blocks = section.blocks.map { block in
                    switch block {
                    case .paragraph(let text): Markup.paragraph(text)
                    case .table(let header, let rows):
                        "<div class=\"wide\">\(Markup.table(header, rows))</div>"
                    }
                }
                return Markup.section(section.title, blocks.joined(separator: "\n"))
            })
    }

    /// The same as Markdown, with GitHub's tables.
    public var markdown: String {
        var lines = ["# \(Markdown.escaped(title))", ""]
        for section in sections {
            lines += ["## \(Markdown.escaped(section.title))", ""]
            for block in section.blocks {
                switch block {
                case .paragraph(let text): lines.append(Markdown.escaped(text))
                case .table(let header, let rows): lines += Markdown.table(header, rows)
                }
                lines.append("")
            }
        }
        return lines.joined(separator: "\n")
    }
}

/// Text that stands for itself in Markdown.
enum Markdown {
    /// Whatever the text holds, it stays one line, and is shown and never obeyed.
    static func escaped(_ text: String) -> String {
        let harmless: Set<Unicode.Scalar> = [",", ";", "'", "\"", "/", "%", "?"]
        var safe = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x7F: safe += " "
            // Punctuation stands for itself behind a backslash.
            case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E:
                if !harmless.contains(scalar) { safe += "\\" }
                safe.unicodeScalars.append(scalar)
            default: safe.unicodeScalars.append(scalar)
            }
        }
        // Spaces at the beginning would make it code.
        return String(safe.drop { $0 == " " })
    }

    /// A table needs a header; where there is none it is empty.
    static func table(_ header: [String], _ rows: [[String]]) -> [String] {
        let count = max(header.count, rows.map(\.count).max() ?? 0)
        func line(_ cells: [String]) -> String {
            "| " + cells.map(escaped).joined(separator: " | ") + " |"
        }
        let head = header.isEmpty ? Array(repeating: "", count: count) : header
        let rule = "|" + String(repeating: " --- |", count: count)
        return [line(head), rule] + rows.map(line)
    }
}
