/// How `report.html` looks: on a wide screen and on a phone, in light and dark, and on paper.
enum HTMLStyle {
  static let sheet: HTML = """
    :root { color-scheme: light dark; --back: #f6f7f5; --card: #ffffff; --text: #1c2024; --quiet: #545c64; --line: #d5d9dd;
      --ok: #17692f; --warn: #7a5200; --bad: #b3211f; --more: #2f6fbb; --code: #eef0f2; }
    @media (prefers-color-scheme: dark) {
      :root { --back: #121518; --card: #1a1e22; --text: #e4e7ea; --quiet: #a3abb3; --line: #363c43; --ok: #57c878;
        --warn: #dcb03c; --bad: #ff8a80; --more: #74a9f0; --code: #242a30; }
    }
    * { box-sizing: border-box; }
    body { margin: 0; padding: 1.5rem 1rem 3rem; background: var(--back); color: var(--text);
      font: 1rem/1.5 system-ui, sans-serif; }
    body > * { max-width: 62rem; margin-inline: auto; }
    h1, h2, h3, p, dd, td, th, li, summary, code { overflow-wrap: anywhere; }
    h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; }
    h2 { font-size: 1.1rem; margin: 0 0 .7rem; }
    h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; }
    p { margin: .4rem 0; }
    .kind { color: var(--quiet); margin: 0; }
    .verdict { margin-top: 1rem; padding: .7rem 1rem; background: var(--card); border: 1px solid var(--line);
      border-left: .4rem solid var(--ok); border-radius: .3rem; font-weight: 600; }
    .verdict.warn { border-left-color: var(--warn); }
    .verdict.bad { border-left-color: var(--bad); }
    section { margin-top: 1rem; padding: 1rem; background: var(--card); border: 1px solid var(--line);
      border-radius: .3rem; }
    dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1.2rem; margin: 0; }
    dt { color: var(--quiet); }
    dd { margin: 0; }
    ul { margin: .4rem 0; padding-left: 1.2rem; }
    ul.marks { list-style: none; padding: 0; }
    ul.marks li { padding: .15rem 0 .15rem 5.5rem; text-indent: -5.5rem; }
    ul.marks li > * { text-indent: 0; }
    .mark { display: inline-block; width: 5.5rem; font-weight: 600; color: var(--quiet); }
    .mark.ok { color: var(--ok); }
    .mark.warning { color: var(--warn); }
    .mark.error { color: var(--bad); }
    .hint { color: var(--quiet); }
    code, pre { font-family: ui-monospace, monospace; font-size: .875rem; }
    code { background: var(--code); padding: .05rem .25rem; border-radius: .2rem; }
    pre code { background: none; padding: 0; }
    pre { background: var(--code); padding: .7rem; border-radius: .3rem; margin: .5rem 0; white-space: pre-wrap;
      overflow-wrap: anywhere; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; font-size: .925rem; }
    th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line);
      unicode-bidi: isolate; }
    th { color: var(--quiet); font-weight: 600; }
    td { min-width: 4rem; }
    td:first-child { min-width: 7rem; }
    .number { text-align: right; font-variant-numeric: tabular-nums; }
    .bar { display: block; height: .4rem; margin-top: .25rem; min-width: 2px; border-radius: .2rem;
      background: var(--more); }
    .bar.less { background: var(--bad); margin-left: auto; }
    .loss { color: var(--bad); font-weight: 600; }
    .times { display: grid; grid-template-columns: max-content minmax(4rem, 1fr) max-content; gap: .3rem .8rem;
      align-items: center; }
    .times .track { background: var(--code); border-radius: .2rem; }
    .times .track span { display: block; height: .7rem; min-width: 2px; border-radius: .2rem; background: var(--more); }
    .times .track span.back { background: var(--bad); }
    details { margin-top: .5rem; }
    summary { cursor: pointer; color: var(--quiet); }
    footer { margin-top: 1.5rem; color: var(--quiet); font-size: .875rem; }
    @media (max-width: 34rem) {
      body { padding: 1rem .6rem 2rem; }
      dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
      dd { margin-bottom: .5rem; }
      ul.marks li { padding-left: 0; text-indent: 0; }
      .mark { width: auto; margin-right: .5rem; }
    }
    @media print {
      :root { --back: #ffffff; --card: #ffffff; --text: #000000; --quiet: #444444; --line: #bbbbbb; --ok: #17692f;
        --warn: #7a5200; --bad: #b3211f; --more: #2f6fbb; --code: #f1f1f1; color-scheme: light; }
      body { padding: 0; font-size: 10pt; }
      section { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: .6rem 0; }
      h2, h3, tr, .verdict { break-inside: avoid; break-after: auto; }
      h2 { break-after: avoid; }
      .bar, .track, .track span, pre, code { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      .scroll { overflow: visible; }
      details::details-content { content-visibility: visible; display: block; }
    }
    """
}
