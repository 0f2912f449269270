import { faces, themeStyle } from '../tokens.ts'

/** One face of a font that travels inside the page. */
export interface EmbeddedFont {
  family: string
  weight: number
  style: 'normal' | 'italic'
  /** WOFF2 in base64. */
  woff2: string
  unicodeRange: string
}

const fontFace = (font: EmbeddedFont): string =>
  `@font-face{font-family:'${font.family}';font-style:${font.style};font-weight:${font.weight};font-display:swap;src:url(data:font/woff2;base64,${font.woff2}) format('woff2');unicode-range:${font.unicodeRange}}`

const rules = `
*,*::before,*::after{box-sizing:border-box}
html{font-size:17.5px;scroll-behavior:smooth;scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--paper);color:var(--ink);font-family:${faces.serif};line-height:1.58;font-variant-numeric:lining-nums;text-rendering:optimizeLegibility}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:.16em}
:focus-visible{outline:2px solid var(--link);outline-offset:3px;border-radius:2px}
sup,sub{font-size:.72em;line-height:0}
.skip{position:absolute;left:-99rem;top:0;padding:.6rem 1rem;background:var(--paper);font-family:${faces.sans};z-index:3}
.skip:focus{left:0}
.column{width:min(100% - 2rem,42rem);margin-inline:auto}
.sheet{display:block}
header.top{padding-top:1.1rem}
#methods h3{font-size:.88rem;margin:1.5rem 0 .15rem}
#methods p{font-size:.95rem;line-height:1.52}
.notices{font:500 .78rem/1.5 ${faces.sans};border-block:1px solid var(--rule);padding:.55rem 0;color:var(--soft)}
.notices p{margin:0}
.notices strong{color:var(--caution);font-weight:600}
.kicker{font:600 .74rem/1.4 ${faces.sans};letter-spacing:.06em;text-transform:uppercase;color:var(--soft);margin:2.6rem 0 .5rem;display:flex;justify-content:space-between;gap:1rem;align-items:baseline}
h1{font-size:clamp(1.75rem,1.2rem + 2.6vw,2.5rem);line-height:1.14;font-weight:600;letter-spacing:-.012em;margin:0 0 .7rem;overflow-wrap:anywhere;text-wrap:balance}
.dek{font:400 .86rem/1.55 ${faces.sans};color:var(--soft);margin:0 0 1.6rem}
h2{font-size:1.62rem;line-height:1.2;font-weight:600;letter-spacing:-.008em;margin:0 0 .9rem}
section{margin-top:3.4rem}
section>h2{border-top:2px solid var(--ink);padding-top:.75rem}
h3{font:600 1.02rem/1.38 ${faces.sans};letter-spacing:-.006em;margin:2rem 0 .6rem}
p{margin:0 0 1em;max-width:40rem;text-wrap:pretty;overflow-wrap:break-word}
.questions h2{border:0;padding:0;margin:1.9rem 0 .35rem;font-size:1.3rem}
.questions{border-top:2px solid var(--ink)}
.lede{font-size:1.2rem;line-height:1.5}
.warning{border-left:3px solid var(--caution);background:var(--cautionWash);padding:.8rem 1rem;font-size:1.02rem;margin:0 0 1.2rem}
.warning p{margin:0}
.numbers{display:grid;grid-template-columns:repeat(3,1fr);gap:0 1.6rem;margin:1.6rem 0 0;border-bottom:1px solid var(--rule)}
.numbers div{border-top:1px solid var(--rule);padding:.7rem 0 .8rem}
.numbers dt{font:500 .76rem/1.4 ${faces.sans};color:var(--soft)}
.numbers dd{margin:.1rem 0 0}
.numbers .value{display:block;font:600 1.32rem/1.3 ${faces.sans};letter-spacing:-.012em}
.numbers .more{display:block;font:400 .76rem/1.42 ${faces.sans};color:var(--soft)}
figure{margin:2.6rem 0 0;break-inside:avoid}
figure h3{margin:0 0 .9rem;max-width:40rem;text-wrap:balance}
figure h3 .label{display:block;font-weight:500;font-size:.74rem;color:var(--soft);letter-spacing:.02em;margin-bottom:.12rem}
figure svg{display:block;width:100%;height:auto;max-width:42rem;overflow:visible}
figure i{padding-right:.06em}
figure svg.narrow{display:none;max-width:26rem}
@media screen and (max-width:46rem){figure svg.wide{display:none}figure svg.narrow{display:block}}
figcaption{font:400 .8rem/1.55 ${faces.sans};color:var(--soft);margin-top:.9rem;max-width:41rem}
.nothing{font:400 .88rem/1.5 ${faces.sans};color:var(--soft);border:1px dashed var(--rule);padding:1rem 1.2rem;max-width:none}
details{font:400 .8rem/1.5 ${faces.sans};margin-top:.6rem}
summary{cursor:pointer;color:var(--link);width:fit-content;padding:.2rem 0}
.scroll{overflow-x:auto;max-width:100%;margin:.4rem 0 0;background:linear-gradient(to right,var(--paper) 40%,transparent) left/2.4rem 100% no-repeat local,linear-gradient(to left,var(--paper) 40%,transparent) right/2.4rem 100% no-repeat local,linear-gradient(to right,var(--rule),transparent) left/.8rem 100% no-repeat scroll,linear-gradient(to left,var(--rule),transparent) right/.8rem 100% no-repeat scroll}
table{border-collapse:collapse;font:400 .78rem/1.45 ${faces.sans};width:100%}
td.n{white-space:nowrap;font-variant-numeric:tabular-nums lining-nums}
tbody th{white-space:nowrap}
.wrap-any tbody th{white-space:normal}
.note{font:400 .78rem/1.5 ${faces.sans};color:var(--soft);margin:.5rem 0 0}
th,td{text-align:left;vertical-align:top;padding:.34rem 1.1rem .34rem 0;border-bottom:1px solid var(--grid)}
th{font-weight:600;border-bottom:1px solid var(--soft);vertical-align:bottom}
tbody th{font-weight:500;border-bottom:1px solid var(--grid);vertical-align:top}
td.n,th.n{text-align:right;padding-right:1.4rem}
td{overflow-wrap:break-word}
.wrap-any td,.wrap-any th{overflow-wrap:anywhere}
th button{all:unset;cursor:pointer;font-weight:600}
th button:focus-visible{outline:2px solid var(--link);outline-offset:2px}
th[aria-sort=ascending] button::after{content:' ↑'}
th[aria-sort=descending] button::after{content:' ↓'}
nav.contents{font:500 .8rem/1.4 ${faces.sans};border-block:1px solid var(--rule);padding:.6rem 0}
nav.contents ol{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1.3rem}
nav.contents a{text-decoration:none;display:inline-block;padding:.22rem 0}
nav.contents a:hover{text-decoration:underline}
.theme{font:500 .74rem/1 ${faces.sans};letter-spacing:0;text-transform:none;background:none;border:1px solid var(--rule);border-radius:3px;color:var(--soft);padding:.35rem .6rem;cursor:pointer;flex:none}
.plain{background:var(--wash);padding:1.3rem 1rem .8rem;margin-inline:-1rem}
@media (min-width:56rem){.plain{padding:1.8rem 1.8rem 1.2rem;margin-inline:-1.8rem}}
.plain h2{border:0;padding:0}
.plain h3{margin:1.3rem 0 .2rem}
code{font-family:${faces.mono};font-size:.86em;overflow-wrap:anywhere}
ul{padding-left:1.1rem;margin:0 0 1em}
ul.notes{font:400 .84rem/1.55 ${faces.sans};color:var(--soft)}
footer{margin-top:4rem;padding-bottom:3rem}
.tip{position:absolute;pointer-events:none;font:500 .74rem/1.35 ${faces.sans};background:var(--ink);color:var(--paper);padding:.3rem .55rem;border-radius:3px;max-width:18rem;z-index:2;left:0;top:0}
.tip[hidden]{display:none}
@media (max-width:46rem){
html{font-size:16.5px}
.numbers{grid-template-columns:repeat(2,1fr);gap:0 1.1rem}
section{margin-top:2.6rem}
.lede{font-size:1.12rem}
}
@media screen and (min-width:78rem){
.sheet{display:grid;grid-template-columns:minmax(9rem,1fr) 42rem minmax(9rem,1fr);column-gap:2.2rem}
.sheet>main.column{width:42rem;grid-column:2}
.sheet>nav.contents{grid-column:1;grid-row:1;justify-self:end;border:0;padding:0;margin:2.1rem 0 0;position:sticky;top:2rem;align-self:start;width:9rem}
nav.contents ol{display:block}
nav.contents li{border-top:1px solid var(--grid)}
.sheet>main{grid-column:2;grid-row:1}
main>section:first-child{margin-top:1.6rem}
}
@media print{
html{font-size:10.5pt}
.column{width:100%}
nav.contents,.theme,.skip,details,.tip{display:none}
a{color:inherit;text-decoration:none}
section{margin-top:1.9rem}
h2,h3{break-after:avoid}
figure{margin-top:1.7rem}
figure svg.wide{display:block;max-width:100%;max-height:205mm}
figcaption{font-size:8.4pt}
.plain{break-before:page;margin-inline:0;background:none;padding:0}
.scroll{overflow:visible;background:none}
tr{break-inside:avoid}
thead{display:table-header-group}
}
@page{size:auto;margin:17mm 17mm 19mm;@bottom-left{content:"Research use only. Controlled access.";font:7.5pt sans-serif;color:#4b5563}@bottom-right{content:counter(page) " / " counter(pages);font:7.5pt sans-serif;color:#4b5563}}
`

/** The whole style sheet: faces, both themes, page and print. */
export function pageStyle(fonts: readonly EmbeddedFont[]): string {
  return `${fonts.map(fontFace).join('\n')}\n${themeStyle()}${rules}`
}
