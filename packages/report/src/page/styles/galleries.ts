/** Galleries of attributions and concepts, their controls and the enlarged view. */
export const galleryStyles = `
[hidden]{display:none!important}
.controls{display:grid;gap:.9rem;margin:1.25rem 0 1.75rem;padding-block:1rem;border-block:1px solid var(--rule)}
.control-row{display:flex;flex-wrap:wrap;gap:.6rem 1.5rem}
.choice{border:0;margin:0;padding:0;min-width:0}
.choice legend{float:left;width:auto;padding:0 .8rem 0 0;color:var(--ink-soft);font-size:.875rem;line-height:2}
.options{display:flex;flex-wrap:wrap;gap:.35rem}
.choice label{position:relative;display:inline-flex;cursor:pointer}
.choice input{position:absolute;inset:0;opacity:0;margin:0;cursor:pointer}
.choice label>span{display:inline-flex;align-items:center;min-height:2rem;padding:.1rem .7rem;border:1px solid var(--rule-strong);border-radius:4px;background:var(--raised);font-size:.875rem}
.choice label:hover>span{border-color:var(--ink)}
.choice input:checked+span{background:var(--ink);border-color:var(--ink);color:var(--paper)}
.choice input:focus-visible+span{outline:3px solid var(--accent);outline-offset:2px}
.choice label>span:has(.thumb){padding:2px}
.of{color:var(--ink-soft);font-size:.875rem}
.of select,.steps button{font:inherit;color:var(--ink);min-height:2rem;max-width:min(100%,18rem);padding:.1rem .6rem;border:1px solid var(--rule-strong);border-radius:4px;background:var(--raised);font-size:.875rem}
.steps{display:flex;flex-wrap:wrap;gap:.35rem .6rem;align-items:center}
.steps button{cursor:pointer}.steps button:hover{border-color:var(--ink)}
.thumb{display:block;width:2.75rem;height:2.75rem;border-radius:2px;object-fit:cover}
.mixed{position:absolute;right:2px;bottom:2px;padding:0 .2rem;border-radius:2px;background:var(--paper);color:var(--ink);font-size:.7rem;line-height:1.2}
.of-class>summary{font-size:1.05rem;margin:.6rem 0}
[data-now-image-class]>.of-class>summary{display:none}
.scales{display:flex;flex-wrap:wrap;gap:1rem 2.5rem;font-size:.8rem;color:var(--ink-soft)}
.scale{width:14rem}
.scale b{font-weight:500;color:var(--ink)}
.scale svg{display:block;width:100%;height:.65rem;margin:.2rem 0}
.ends{display:flex;justify-content:space-between}
.sample{margin-bottom:2.5rem}
.sample header{margin-bottom:.6rem}
.sample header h3,.sample header p{margin:0}
.sample header p{color:var(--ink-soft);font-size:.875rem;overflow-wrap:anywhere}
.sample .photo{display:block;border-radius:2px}.again{visibility:hidden}[data-now-part=difference] .again{visibility:visible}
.tiles{min-width:0;border-collapse:separate;border-spacing:0}
.tiles th,.tiles td{border:0;padding:.2rem .3rem .2rem 0}
.tiles thead th{max-width:9.5rem;border-bottom:0;font-size:.85rem;padding-bottom:.4rem}
.tiles tbody th{width:9.5rem;min-width:8.5rem;padding-right:.9rem;font-size:.875rem;line-height:1.3}
.tiles tbody+tbody tr:first-child>*{padding-top:1.1rem}
.tiles tbody th{vertical-align:middle}
.tiles .measure th,.tiles .measure td{font-size:.8rem;color:var(--ink-soft);padding-block:0}
.tile{position:relative;display:block;padding:0;border:0;border-radius:2px;cursor:zoom-in;background-size:cover;overflow:hidden;isolation:isolate}
.tile,.sample .photo{width:clamp(6rem,8.6vw,9.5rem);width:round(down,clamp(6rem,8.6vw,9.5rem),1px)}
.tile img{position:absolute;left:calc(-100%*var(--x));top:calc(-100%*var(--y));width:calc(100%*var(--n));max-width:none;height:auto}
.coarse .tile img,body:has(.coarse) .lens .tile img{image-rendering:pixelated}
button.tile:hover{outline:2px solid var(--ink);outline-offset:1px}
[data-now-view=overlay] .tile{background-blend-mode:luminosity}
[data-now-view=overlay] .tile::before{content:"";position:absolute;inset:0}
[data-now-view=overlay] .tile.signed::before{background:rgb(255 255 255/.6)}
[data-now-view=overlay] .tile.magnitude::before{background:rgb(0 0 0/.45)}
[data-now-view=overlay] .tile.signed img{mix-blend-mode:multiply}
[data-now-view=overlay] .tile.magnitude img{mix-blend-mode:screen}
.concept-class>h3{font-size:1.25rem;margin-bottom:.5rem}
[data-now-concept-level="*"] .concept-levels{display:flex;gap:2.25rem;overflow-x:auto;padding-bottom:.75rem}
[data-now-concept-level="*"] .concept-level{flex:0 0 17.5rem}
[data-now-concept-level="*"] .concept{grid-template-columns:1fr}
[data-now-concept-level="*"] .parts{display:none}
.concept-level{margin-bottom:2.25rem}
.concept-level header p{color:var(--ink-soft);font-size:.875rem}
.concepts{list-style:none;margin:0;padding:0}
.concept{display:grid;grid-template-columns:13rem minmax(0,1fr);gap:.5rem 1.5rem;padding:.8rem 0;border-top:1px solid var(--rule)}
.importance{font-size:.875rem}
.bar{display:block;width:100%;max-width:12rem;margin:.25rem 0;overflow:visible}
.bar .track{fill:var(--rule)}.bar .fill{fill:var(--series-0)}.bar path{stroke:var(--ink);stroke-width:1.25;fill:none}
.pictures{display:flex;flex-wrap:wrap;gap:.75rem 1.5rem;align-items:flex-start}
.pictures img{display:block;max-width:100%;height:auto;border-radius:2px}
.parts{grid-column:1/-1;margin-left:clamp(0rem,3vw,2.5rem);font-size:.95rem}
.lens{border:1px solid var(--rule-strong);border-radius:6px;background:var(--paper);color:var(--ink);padding:1.25rem;max-width:96vw}
.lens::backdrop{background:rgb(0 0 0 / .6)}
.panes{display:flex;flex-wrap:wrap;gap:1rem;justify-content:center}
.panes figure{margin:0;width:min(22rem,21vw)}
.panes figcaption{margin:.4rem 0 0;text-align:center}
.panes figure>*{display:block;width:100%;cursor:default;border-radius:3px}
.lens p{margin:.9rem 0 .6rem;font-size:.9rem}
@media (max-width:44rem){
.concept{grid-template-columns:1fr}
.choice legend{float:none;line-height:1.6}
.tiles tbody th{width:6.5rem;min-width:6.5rem;font-size:.8rem}
.panes figure{width:min(38vw,30vh)}
}
@media (max-width:32rem){.tile,.sample .photo{width:4.6rem}.tiles thead th{font-size:.75rem}}
@media print{
.tiles{width:100%;table-layout:fixed}
.tiles thead th:first-child,.tiles tbody th{width:7rem;min-width:0;padding-right:.4rem}
.tile,.sample .photo{width:100%}.tile img{print-color-adjust:exact}
}
`;
