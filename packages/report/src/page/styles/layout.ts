/** Type, page frame, tables, figures, print. */
export const layoutStyles = `
*,*::before,*::after{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:1.5rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:400 1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
h1,h2,.lead{font-family:Charter,"Bitstream Charter","Sitka Text",Cambria,Georgia,serif;font-weight:600}
h1{font-size:clamp(1.9rem,1.2rem + 2.6vw,3rem);line-height:1.1;margin:0 0 .6rem;letter-spacing:-.01em}
h2{font-size:clamp(1.45rem,1.2rem + .9vw,1.9rem);line-height:1.2;margin:0 0 1rem}
h3{font-size:1.1rem;line-height:1.35;margin:0 0 .75rem}
section>*+h3{margin-top:2rem}
h4{font-size:.95rem;margin:0 0 .4rem}
h5{font-size:.9rem;margin:0}
:where(h1,h2,h3,h4,h5,p,li,figcaption,summary,legend,label){overflow-wrap:anywhere}
:where(h1,h2,h3,h4,h5,p,li,th,td,a,strong,figcaption,caption,summary,legend,label){unicode-bidi:isolate}
p{margin:0 0 .9rem;max-width:70ch}
a{color:var(--accent);text-underline-offset:.15em;text-decoration-thickness:1px}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:2px}
main:focus{outline:none}
code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:.875em;unicode-bidi:isolate}
.skip{position:absolute;left:-999rem;top:.5rem;padding:.5rem 1rem;background:var(--raised);z-index:2}
.skip:focus{left:.5rem}
.visually-hidden{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.masthead,.frame,footer{max-width:96rem;margin-inline:auto;padding-inline:clamp(1rem,4vw,3.5rem)}
.masthead{display:flex;justify-content:space-between;align-items:flex-start;gap:1rem;padding-block:clamp(1.25rem,2.5vw,2rem) 1.25rem}
.kicker{margin:0 0 .5rem;color:var(--ink-soft);font-size:.875rem}
.meta{display:flex;flex-wrap:wrap;gap:.25rem 1.4rem;margin:0;padding:0;list-style:none;color:var(--ink-soft);font-size:.9rem}
button{font:inherit;color:inherit}
.theme,.lens button{flex:none;padding:.3rem .75rem;border:1px solid var(--rule-strong);border-radius:4px;background:var(--raised);font-size:.85rem;cursor:pointer}
.theme:hover,.lens button:hover{border-color:var(--ink)}
.contents{border-block:1px solid var(--rule);margin-bottom:2rem;font-size:.9rem}
.contents ol{display:flex;flex-wrap:wrap;gap:.2rem 1.25rem;margin:0;padding:.65rem 0;list-style:none}
.contents a{color:var(--ink-soft);text-decoration:none;display:inline-block;padding:.15rem 0}
.contents a:hover{color:var(--ink);text-decoration:underline}
main>section{padding-bottom:clamp(2.5rem,5vw,4.5rem)}
.lead{font-size:clamp(1.15rem,1rem + .65vw,1.4rem);font-weight:400;line-height:1.5;max-width:58ch}
.figure{font-weight:600;white-space:nowrap}
.aside,.absent{color:var(--ink-soft);font-size:.925rem}
.absent{border-left:3px solid var(--rule-strong);padding-left:.9rem}
.preset{font-size:.72rem;font-weight:400;color:var(--ink-soft);border:1px solid var(--rule);border-radius:3px;padding:.05em .35em;overflow-wrap:anywhere;vertical-align:.1em}
.good{color:var(--good)}.bad{color:var(--bad)}
.sentences{margin:0;padding:0;list-style:none}
.sentences li{margin:0 0 .5rem;max-width:85ch}
.anchor{scroll-margin-top:4rem}
tr:has(.anchor:target)>*{background:var(--warn-paper)}
.warning{background:var(--warn-paper);border:2px solid var(--warn-rule);border-radius:4px;padding:1rem 1.25rem;margin:0 0 1.5rem;max-width:62rem}
.warning p,.warning ul{margin:0 0 .4rem}.warning ul{padding-left:1.2rem}
.scroll{overflow-x:auto;max-width:100%;margin-bottom:1rem}
table{border-collapse:collapse;font-size:.9rem;min-width:min(100%,36rem)}
caption{text-align:left;color:var(--ink-soft);font-size:.875rem;padding-bottom:.6rem;max-width:min(70ch,calc(100vw - 2.5rem))}
th,td{text-align:left;vertical-align:top;padding:.45rem 1.1rem .45rem 0;border-bottom:1px solid var(--rule)}
th{font-weight:500}
tbody th{position:sticky;left:0;background:var(--paper);z-index:1}
.long td:last-child{min-width:18rem}
thead th{vertical-align:bottom;border-bottom:1.5px solid var(--ink);line-height:1.3}
.number{text-align:right;white-space:nowrap}
th.number{white-space:normal;max-width:9.5rem}
.sub{display:block;font-size:.78rem;font-weight:400;color:var(--ink-soft);line-height:1.35}
#checks th[scope=row]{min-width:min(15rem,40vw)}
.sub.good{color:var(--good)}.sub.bad{color:var(--bad)}
thead .preset{display:inline-block;margin-top:.2rem}
.none{color:var(--ink-soft);font-style:italic;font-size:.85rem}
.line{display:block}
.plates{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,25rem),1fr));gap:0 2.5rem}
.plate{margin:0 0 2.75rem;padding:0;min-width:0}
.plate.broad{grid-column:1/-1}
.plate .panels{max-width:62rem}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:1.5rem 2.5rem}
.panel{min-width:0;max-width:30rem}
.chart svg{display:block;width:100%;height:auto;overflow:visible}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;margin:.5rem 0 0;padding:0;list-style:none;font-size:.85rem;color:var(--ink-soft)}
.legend li{display:flex;align-items:center;gap:.45rem}
.legend svg{flex:none}
figcaption{color:var(--ink-soft);font-size:.9rem;max-width:72ch;margin:.9rem 0 .5rem}
details.data{font-size:.95rem;margin-top:.4rem}
summary{cursor:pointer;color:var(--accent);width:fit-content;padding:.15rem 0}
details[open]>summary{margin-bottom:.6rem}
.cell{display:block;min-width:4rem;padding-bottom:.35rem}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:.2rem 2.5rem;margin:0 0 1.75rem}
.facts div{display:grid;grid-template-columns:9rem 1fr;gap:1rem;padding:.45rem 0;border-bottom:1px solid var(--rule);min-width:0}
.facts dt{color:var(--ink-soft);font-size:.9rem}
.facts dd{margin:0;min-width:0;overflow-wrap:anywhere}
pre{overflow:auto;max-height:32rem;padding:1rem;margin:0 0 1rem;border:1px solid var(--rule);border-radius:4px;background:var(--raised);line-height:1.45;font-size:.8rem}
footer{border-top:1px solid var(--rule);padding-block:1.25rem 3rem;color:var(--ink-soft);font-size:.875rem}
@media (min-width:75rem){
.frame{display:grid;grid-template-columns:10.5rem minmax(0,1fr);gap:clamp(2rem,4vw,4.5rem)}
.contents{position:sticky;top:1.5rem;align-self:start;border:0;margin:0}
.contents ol{flex-direction:column;padding:.25rem 0;gap:.25rem}
}
@media (max-width:32rem){
.facts div{grid-template-columns:1fr;gap:0}
th,td{padding-right:.9rem}
}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}*{transition:none!important;animation:none!important}}
@media print{
.contents,.theme,.controls,.skip,.lens{display:none!important}
.frame{display:block}
body{font-size:10pt;background:#fff}
.plate,.sample,.concept,tr{break-inside:avoid}
.scroll{overflow:visible}
tbody th{position:static}
a{color:inherit}
}
`;
