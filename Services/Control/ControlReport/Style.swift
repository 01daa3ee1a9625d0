/// How a report looks, on a screen in light or dark and on paper; nothing is fetched.
enum Style {
    static let sheet = """
        :root { color-scheme: light dark; --ink: #1c2733; --soft: #5b6b7b; --line: #d8dee5;
          --back: #ffffff; --card: #f6f8fa; --main: #0b6bcb; --beside: #b4570a; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa7b4;
          --line: #35404c; --back: #10161d; --card: #18212b; --main: #5aa9f5; --beside: #f0a35e; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 1240px; padding: 24px 20px 64px; color: var(--ink);
          background: var(--back); font: 15px/1.5 system-ui, sans-serif; }
        h1 { font-size: 26px; margin: 0 0 2px; }
        h2 { font-size: 18px; margin: 36px 0 10px; }
        p { max-width: 76ch; margin: 6px 0; color: var(--soft); }
        .figures { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(310px, 1fr)); }
        figure { margin: 0; padding: 12px; background: var(--card); border: 1px solid var(--line);
          border-radius: 8px; }
        figcaption { font-weight: 600; margin-bottom: 4px; }
        svg { width: 100%; height: auto; display: block; }
        svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
        svg text.axis { font-size: 12px; fill: var(--ink); }
        svg .grid { stroke: var(--line); stroke-width: 1; }
        polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
        polyline.main { stroke: var(--main); }
        polyline.beside { stroke: var(--beside); }
        polyline.reference { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 4; }
        circle { stroke: var(--card); stroke-width: 1; }
        circle.main { fill: var(--main); }
        circle.beside { fill: var(--beside); }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 14px; font-size: 12px; color: var(--soft); }
        .key::before { content: ""; display: inline-block; width: 14px; height: 3px;
          margin-right: 5px; vertical-align: middle; background: var(--soft); }
        .key.main::before { background: var(--main); }
        .key.beside::before { background: var(--beside); }
        .tiles { display: grid; gap: 10px; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); }
        .tile { padding: 10px 12px; background: var(--card); border: 1px solid var(--line);
          border-radius: 8px; }
        .tile b { display: block; font-size: 22px; }
        .tile span { font-size: 12px; color: var(--soft); }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); text-align: left; }
        th { font-weight: 600; color: var(--soft); }
        .bar { display: inline-block; height: 10px; border-radius: 2px; background: var(--main); }
        @media print { body { max-width: none; } figure, .tile { break-inside: avoid; } }
        """
}
