import { type DataTable, type FigureSpec, inlineSvg } from '../figure.ts'
import { html, type Markup, plain } from '../markup.ts'
import { widths } from '../tokens.ts'

const numeric = (cell: string | number | null): boolean =>
  cell === null || cell === '' || typeof cell === 'number' || /^[<>−-]?[\d.,]/.test(plain(String(cell)))

/** A table with a heading row; columns of numbers are set to the right. Wide tables scroll inside their own frame. */
export function dataTable(table: DataTable, label: string, sortable = true): Markup {
  const right = table.columns.map(
    (_, j) => j > 0 && table.rows.length > 0 && table.rows.every((row) => numeric(row[j])),
  )
  const align = (j: number) => (right[j] ? html` class="n"` : html``)
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${plain(label)}"><table${sortable ? html` class="sortable"` : html``}>${table.note ? html`<caption>${table.note}</caption>` : null}
<thead><tr>${table.columns.map((c, j) => html`<th scope="col"${align(j)}>${c}</th>`)}</tr></thead>
<tbody>${table.rows.map((row) => html`<tr>${row.map((cell, j) => (j === 0 ? html`<th scope="row">${cell}</th>` : html`<td${align(j)}>${cell}</td>`))}</tr>\n`)}</tbody></table></div>`
}

/** A numbered figure: title above, drawing for either width, caption and data below. */
export function figureBlock(figure: FigureSpec, number: number): Markup {
  const id = `fig-${figure.name}`
  const head = html`<h3><span class="label">Figure ${number}</span> ${figure.title}</h3>`
  if (figure.draw === null)
    return html`<figure id="${id}">${head}<p class="nothing">Nothing to show: ${figure.nothing ?? ''}</p></figure>`
  return html`<figure id="${id}">${head}
${inlineSvg(figure, figure.draw(widths.wide), `${id}-w`, 'wide')}
${inlineSvg(figure, figure.draw(widths.narrow), `${id}-n`, 'narrow')}
<figcaption>${figure.caption}</figcaption>
${figure.table ? html`<details><summary>Figure ${number} as a table</summary>${dataTable(figure.table, `Data of figure ${number}: ${figure.title}`)}</details>` : null}
</figure>`
}
