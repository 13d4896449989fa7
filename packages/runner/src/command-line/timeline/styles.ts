/** The page's style sheet: light and dark by the reader's system, no fonts or colours from elsewhere. */
export const styles = `
:root{color-scheme:light dark;--back:#fff;--text:#1b1b1b;--faint:#5c5c5c;--line:#dcdcdc;--computed:#0072b2;--cached:#777;--failed:#c22b00;--skipped:#a06a00;--computing:#8e4b86;--load:#cfe0ec}
@media (prefers-color-scheme:dark){:root{--back:#161616;--text:#ececec;--faint:#a8a8a8;--line:#3a3a3a;--computed:#56b4e9;--cached:#9a9a9a;--failed:#ff7a50;--skipped:#e69f00;--computing:#cc79a7;--load:#23384a}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:15px/1.5 system-ui,sans-serif}
main{max-width:1200px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:1.5rem;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:32px 0 8px}
header p{margin:0 0 4px;color:var(--faint);overflow-wrap:anywhere}
code{font:.85em/1.4 ui-monospace,monospace}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:16px 0 8px;padding:0;color:var(--faint);font-size:.87rem}
.key{display:inline-block;width:14px;height:10px;margin-right:6px;border-radius:1px}
.key.computed{background:var(--computed)}.key.cached{background:var(--cached)}.key.failed{background:var(--failed)}.key.skipped{background:var(--skipped)}.key.computing{background:var(--computing)}
.scroll{overflow-x:auto}
.scroll:focus-visible,summary:focus-visible{outline:2px solid var(--computed);outline-offset:2px}
.timeline{display:block;width:100%;min-width:680px;height:auto}
.timeline text{font:11px system-ui,sans-serif;fill:var(--faint)}
.timeline .name{text-anchor:end;fill:var(--text)}
.timeline .time{text-anchor:middle}
.tick{stroke:var(--line);stroke-width:1}
.load{fill:var(--load)}
rect.computed{fill:var(--computed)}rect.failed{fill:var(--failed)}rect.computing{fill:var(--computing)}rect.cached{fill:var(--cached)}rect.skipped{fill:var(--skipped)}
rect.edged{stroke:var(--back);stroke-width:.5}
.timeline path.cached,.timeline path.computed,.timeline path.failed,.timeline path.skipped,.timeline path.computing{stroke-width:1.5}
path.cached{stroke:var(--cached)}path.computed{stroke:var(--computed)}path.failed{stroke:var(--failed)}path.skipped{stroke:var(--skipped)}path.computing{stroke:var(--computing)}
table{border-collapse:collapse;font-size:.87rem;font-variant-numeric:tabular-nums;min-width:100%}
caption{text-align:left;color:var(--faint);padding:0 0 6px}
th,td{padding:3px 14px 3px 0;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child{text-align:left;font-weight:500}
thead th{color:var(--faint);font-weight:500}
summary{cursor:pointer;padding:4px 0}
@media print{details::details-content{content-visibility:visible}.scroll{overflow:visible}}
`;
