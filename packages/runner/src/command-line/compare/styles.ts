/** The page's style sheet: light and dark by the reader's system. A and B differ in colour for every kind of vision, in dashes and in marks. */
export const styles = `
:root{color-scheme:light dark;--paper:#fcfbf8;--ink:#1a1c1f;--soft:#565b63;--rule:#e4e2dc;--strong:#a9a79f;--note:#fdf0e6;--note-rule:#c4570f;--a:#0067a8;--b:#c8510a}
@media (prefers-color-scheme:dark){:root{--paper:#141618;--ink:#eae8e3;--soft:#a9adb4;--rule:#2e3236;--strong:#6c737b;--note:#2d2016;--note-rule:#e58a48;--a:#5bb0ea;--b:#f08a4b}}
@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#444;--rule:#ddd;--strong:#999;--note:#fff;--note-rule:#c4570f;--a:#0067a8;--b:#c8510a}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:76rem;margin:0 auto;padding:1.5rem clamp(1rem,4vw,3rem) 4rem}
h1{font-size:clamp(1.4rem,1rem + 2vw,2.1rem);line-height:1.15;margin:0 0 .75rem}
h2{font-size:1.35rem;margin:2.5rem 0 .75rem}
h3{font-size:1.05rem;margin:1.5rem 0 .4rem}
h4{font-size:.9rem;font-weight:500;margin:0 0 .2rem;color:var(--soft)}
:where(h1,h2,h3,h4,p,li,td,th,summary,figcaption){unicode-bidi:isolate}
:where(h1,h2,h3,h4,p,li,summary,figcaption,header td){overflow-wrap:anywhere}
p{margin:0 0 .8rem;max-width:75ch}
.kicker,.aside,caption{color:var(--soft);font-size:.875rem}
.lead{font-size:1.15rem}
.note{background:var(--note);border-left:3px solid var(--note-rule);padding:.6rem .9rem}
code{font:.85em/1.4 ui-monospace,monospace;overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin-bottom:1rem}
:focus-visible{outline:2px solid var(--a);outline-offset:2px}
table{border-collapse:collapse;font-size:.9rem;min-width:min(100%,36rem)}
caption{text-align:left;padding:0 0 .4rem;max-width:75ch}
th,td{text-align:left;vertical-align:top;padding:.35rem 1rem .35rem 0;border-bottom:1px solid var(--rule)}
th{font-weight:500}
thead th{border-bottom:1.5px solid var(--ink)}
td.number,th.number{text-align:right;white-space:nowrap}
.sub{display:block;font-size:.8rem;font-weight:400;color:var(--soft);line-height:1.35}
.letter{display:inline-block;min-width:1.5em;padding:0 .35em;border-radius:3px;border:2px solid var(--a);font-weight:600;text-align:center;font-size:.9em}
.letter.b{border-color:var(--b);border-style:dashed}
.absent{color:var(--soft);font-style:italic}
.estimates{display:block;width:150px;height:auto}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr));gap:1rem 2rem}
.panel{min-width:0;max-width:30rem}
figure{margin:0 0 1.5rem}
figcaption{color:var(--soft);font-size:.875rem;max-width:75ch}
.chart{display:block;width:100%;height:auto}
.chart text{font:11px system-ui,sans-serif;fill:var(--soft)}
.end{text-anchor:end}.middle{text-anchor:middle}
.grid{stroke:var(--rule);stroke-width:1}.axis{stroke:var(--strong);stroke-width:1;fill:none}
.zero{stroke:var(--soft);stroke-dasharray:2 2}
.line{fill:none;stroke-width:2}.rule{fill:none;stroke-width:1.2}
.line.a,.rule.a{stroke:var(--a)}.line.b,.rule.b{stroke:var(--b)}
.line.b{stroke-dasharray:6 4}.rule.b{stroke-dasharray:3 2}
.band.a{fill:var(--a);opacity:.14}.band.b{fill:var(--b);opacity:.14}
.mark.a{fill:var(--a)}.mark.b{fill:var(--paper);stroke:var(--b);stroke-width:1.75}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.5rem;list-style:none;margin:0 0 .75rem;padding:0;font-size:.9rem}
.legend svg{width:40px;height:14px;vertical-align:-2px;margin-right:.4rem}
summary{cursor:pointer;padding:.25rem 0;width:fit-content}
details.data{font-size:.95rem;margin-top:.3rem}
td .sub{min-width:6.5rem}header td{width:50%}
@media (max-width:32rem){th,td{padding-right:.7rem}table{min-width:0}}
@media print{details::details-content{content-visibility:visible}.scroll{overflow:visible}tr,figure{break-inside:avoid}.band{print-color-adjust:exact}}
`;
