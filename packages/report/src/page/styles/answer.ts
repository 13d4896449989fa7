/** The first screen: sentences, the map of effects, intervals by aspect. */
export const answerStyles = `
.first{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1.15fr);gap:1.25rem 2.5rem;align-items:start;margin-bottom:1rem}
.first{grid-template-rows:auto 1fr}
.first>.said{grid-row:1/span 2}
.first>.forests{grid-column:2}.first>details{grid-column:1/-1}
.said p{margin-bottom:.6rem;max-width:62ch}
.said .lead{font-size:1.15rem;line-height:1.45}
.said a{color:inherit;text-decoration-color:var(--rule-strong)}
.said a:hover{color:var(--accent)}
.heat table{min-width:0;font-size:.85rem}
.heat th,.heat td{padding:.12rem .35rem .12rem 0;border-bottom:0}
.heat td{padding-right:2px}
.heat td .effect{display:block;min-width:3.1rem}
.keys{display:inline-flex;flex-wrap:wrap;gap:.3rem;font-size:.78rem}
.keys .effect{padding-inline:.4rem}
.effect{--shade:var(--rule);padding:.1rem .3rem;border-radius:2px;border:1.5px solid transparent;background:var(--shade);color:var(--ink);text-decoration:none;text-align:center}
.effect.equivalent{border-color:var(--ink)}
.effect.inconclusive{background:repeating-linear-gradient(135deg,var(--shade) 0 3px,var(--paper) 3px 7px);color:var(--ink)}
a.effect:hover{outline:2px solid var(--ink)}
${['low', 'high'].flatMap((side, s) => [1, 2, 3, 4, 5].map((step) => `.effect.${side}-${step}{--shade:color-mix(in oklab,var(--series-${s}) ${10 + 12 * step}%,var(--paper))}`)).join('\n')}
.forests{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr));gap:.4rem 2rem}
.aspect h3{border-bottom:1px solid var(--rule)}.aspect li:first-child{border-top:0}
.forests>.aside{grid-column:1/-1;margin:0}
.aspect{margin:0}.aspect h3{margin:0 0 .2rem;font-size:.95rem}
.forest{list-style:none;margin:0;padding:0;font-size:.82rem}
.forest li{display:grid;grid-template-columns:minmax(6rem,8rem) minmax(0,1fr);gap:0 .75rem;align-items:center;border-top:1px solid var(--rule);padding:.15rem 0}
.forest .span{grid-column:2;color:var(--ink-soft);font-size:.72rem;text-align:center}
.forest svg{display:block;width:100%;height:auto}
.forest path{fill:none;stroke-width:1.5}.forest .zero{stroke:var(--ink-soft);stroke-width:1;stroke-dasharray:2 2}
.forest .margin{fill:var(--rule)}
@media (max-width:60rem){.first{grid-template-columns:minmax(0,1fr)}.first>.said{grid-row:auto}.first>.forests{grid-column:1}}
@media (max-width:32rem){.forest li{grid-template-columns:minmax(0,1fr)}.forest .span{grid-column:1}}
@media print{.effect{print-color-adjust:exact;-webkit-print-color-adjust:exact}.forest .margin{print-color-adjust:exact}}
`;
