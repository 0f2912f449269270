import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { line } from '../marks/axes.ts'
import { el, join, type Markup, text } from '../markup.ts'
import { count, percent } from '../numbers.ts'
import { leadWithGene, type Study } from '../study.ts'
import { sizes } from '../tokens.ts'

interface Cell {
  n: number
  total: number
}

/** Marks of one cell, row by row downwards from one line, so that cells are compared by their length. */
function dots(x: number, top: number, n: number, across: number, step: number, role: 'reversal' | 'typical'): Markup[] {
  return Array.from({ length: n }, (_, i) =>
    role === 'reversal'
      ? el('circle', {
          cx: x + (i % across) * step,
          cy: top + Math.floor(i / across) * step,
          r: step * 0.38,
          fill: role,
        })
      : el('rect', {
          x: x + (i % across) * step - step * 0.32,
          y: top + Math.floor(i / across) * step - step * 0.32,
          width: step * 0.64,
          height: step * 0.64,
          fill: role,
        }),
  )
}

function draw(study: Study, cases: Cell[], controls: Cell[], width: number): Drawing {
  const narrow = width < 500
  const labelWidth = narrow ? 0 : 92
  const columnWidth = (width - labelWidth) / 3
  const most = Math.max(...cases.map((c) => c.n), ...controls.map((c) => c.n))
  const step = narrow ? 6.5 : 8.5
  // Beyond some 600 people a dot stands for several.
  const each = Math.max(1, Math.ceil(most / 600))
  const across = Math.floor((columnWidth - 18) / step)
  const parts: Markup[] = []
  let y = 18
  for (const [g, genotype] of study.genotypes.entries())
    parts.push(
      text(labelWidth + g * columnWidth + 4, 12, `${genotype}`, { weight: 600, fill: g === 0 ? 'ink' : 'leadText' }),
    )
  parts.push(line(0, y + 4, width, y + 4, 'rule'))
  for (const [role, cells] of [
    ['reversal', cases],
    ['typical', controls],
  ] as const) {
    const rows = Math.max(1, ...cells.map((c) => Math.ceil(Math.ceil(c.n / each) / across)))
    const name = role === 'reversal' ? 'Cases' : 'Controls'
    const total = cells.reduce((sum, c) => sum + c.n, 0)
    if (narrow) {
      y += 24
      parts.push(text(0, y, `${name}, n = ${count(total)}`, { weight: 600, fill: `${role}Text` }))
    } else {
      parts.push(
        text(0, y + 38, name, { weight: 600, fill: `${role}Text` }),
        text(0, y + 54, `n = ${count(total)}`, { size: sizes.tick, fill: 'soft' }),
      )
      y += 12
    }
    const bottom = y + 30 + rows * step
    for (const [g, cell] of cells.entries()) {
      const x = labelWidth + g * columnWidth + 4
      parts.push(
        text(x, y + 22, count(cell.n), { weight: 600 }),
        text(x + count(cell.n).length * 7.6 + 5, y + 22, percent(cell.n / Math.max(1, cell.total)), {
          size: sizes.tick,
          fill: 'soft',
        }),
        ...dots(x + step * 0.4, y + 30 + step * 0.5, Math.ceil(cell.n / each), across, step, role),
      )
    }
    y = bottom + 6
    if (role === 'reversal') parts.push(line(0, y + 4, width, y + 4, 'grid'))
    y += 4
  }
  return { width, height: y + 6, body: join(parts) }
}

export function genotypesFigure(study: Study): FigureSpec {
  const lead = study.results.association?.lead
  if (!lead) return emptyFigure('genotypes', 'Genotypes of the lead variant by group', 'There is no lead variant.')
  const [a, b, c, d, e, f] = lead.counts
  const cells = (n: number[]): Cell[] => n.map((k) => ({ n: k, total: n.reduce((x, y) => x + y, 0) }))
  const cases = cells([a, b, c])
  const controls = cells([d, e, f])
  const carriers = (n: Cell[]) => (n[1].n + n[2].n) / Math.max(1, n[0].total)
  const each = Math.max(1, Math.ceil(Math.max(...lead.counts) / 600))
  return {
    name: 'genotypes',
    title: `${percent(carriers(cases))} of cases and ${percent(carriers(controls))} of controls carry ${study.genotypes[1].length > 2 ? 'the alternate allele' : lead.alt}`,
    caption: `${leadWithGene(study)}: every person analysed, by genotype; ${each === 1 ? 'one mark is one person' : `one mark is up to ${each} people`} (circles cases, squares controls). Percentages are of the group. People without a call at this variant are not shown.`,
    description: `Cases: ${study.genotypes.map((g, i) => `${g} ${cases[i].n}`).join(', ')}. Controls: ${study.genotypes.map((g, i) => `${g} ${controls[i].n}`).join(', ')}.`,
    draw: (width) => draw(study, cases, controls, width),
    table: {
      columns: ['Group', ...study.genotypes, 'Called', 'Alternate allele frequency'],
      rows: (
        [
          ['Cases', cases],
          ['Controls', controls],
        ] as const
      ).map(([name, n]) => [
        name,
        ...n.map((k) => k.n),
        n[0].total,
        ((n[1].n + 2 * n[2].n) / Math.max(1, 2 * n[0].total)).toFixed(3),
      ]),
    },
  }
}
