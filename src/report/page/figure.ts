import { type DataTable, type FigureSpec, inlineSvg } from '../figure.ts'
import { html, type Markup, plain } from '../markup.ts'
import { widths } from '../tokens.ts'

/** A whole cell that is one number, perhaps with a unit, limits or a power of ten. */
const number = /^[<>−-]?[\d][\d,]*(\.\d+)?(%|\u00a0× 10.*|\u00a0×\u00a010.*)?( \(.*\)| to .*)?$/
const numeric = (cell: string | number | null): boolean =>
  cell === null || cell === '' || cell === '–' || typeof cell === 'number' || number.test(plain(cell))

/** A table with a heading row; columns of numbers are set to the right. Wide tables scroll inside their own frame. */
export function dataTable(table: DataTable, label: string, sortable = true): Markup {
  const right = table.columns.map(
    (_, j) => j > 0 && table.rows.length > 0 && table.rows.every((row) => numeric(row[j])),
  )
  const align = (j: number) => (right[j] ? html` class="n"` : html``)
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${plain(label)}"><table${sortable ? html` class="sortable"` : html``}>
<thead><tr>${table.columns.map((c, j) => html`<th scope="col"${align(j)}>${c}</th>`)}</tr></thead>
<tbody>${table.rows.map((row) => html`<tr>${row.map((cell, j) => (j === 0 ? html`<th scope="row">${cell}</th>` : html`<td${align(j)}>${cell}</td>`))}</tr>\n`)}</tbody></table></div>${table.note ? html`<p class="note">${table.note}</p>` : null}`
}

/** A numbered figure: title above, drawing for either width, caption and data below. One with nothing to show has no number. */
export function figureBlock(figure: FigureSpec, number: number): Markup {
  const id = `fig-${figure.name}`
  if (figure.draw === null)
    return html`<figure id="${id}"><h3>${figure.title}</h3><p class="nothing">Nothing to show. ${figure.nothing ?? ''}</p></figure>`
  const head = html`<h3><span class="label">Figure ${number}</span> ${figure.title}</h3>`
  return html`<figure id="${id}">${head}
${inlineSvg(figure, figure.draw(widths.wide), `${id}-w`, 'wide')}
${inlineSvg(figure, figure.draw(widths.narrow), `${id}-n`, 'narrow')}
<figcaption>${figure.caption}</figcaption>
${figure.table ? html`<details><summary>Figure ${number} as a table</summary>${dataTable(figure.table, `Data of figure ${number}: ${figure.title}`)}</details>` : null}
</figure>`
}
