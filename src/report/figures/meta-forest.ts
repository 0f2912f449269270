import type { MetaEstimate, MetaVariant } from '../../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { axisBottom, line, whisker } from '../marks/axes.ts'
import { extent, logarithmic } from '../marks/scale.ts'
import { shorten } from '../marks/text.ts'
import { clean, el, join, type Markup, text } from '../markup.ts'
import { chosen, count, interval, percent, pPlain, pValue } from '../numbers.ts'
import { sizes } from '../tokens.ts'

/** The ways of pooling that have an odds ratio and limits, by their names for readers. */
const pooledNames: Readonly<Record<string, string>> = {
  exact: 'Exact over studies',
  mantel_haenszel: 'Mantel-Haenszel',
  fixed: 'One common effect',
  hartung_knapp_modified: 'Effects may differ',
}

const mostStudies = 40

interface Row {
  name: string
  or: number | null
  low: number | null
  high: number | null
  weight: number | null
  people: string
  pooled: boolean
}

function rowsOf(variant: MetaVariant): Row[] {
  const studies = variant.studies.slice(0, mostStudies).map(
    (s): Row => ({
      name: clean(s.study, 60),
      or: s.or,
      low: s.low,
      high: s.high,
      weight: s.weightRandom,
      people: s.cases === null || s.controls === null ? '' : `${count(s.cases)} v ${count(s.controls)}`,
      pooled: false,
    }),
  )
  const pooled = variant.estimates.flatMap((e): Row[] =>
    pooledNames[e.method] === undefined || (e.or === null && e.low === null)
      ? []
      : [{ name: pooledNames[e.method], or: e.or, low: e.low, high: e.high, weight: null, people: '', pooled: true }],
  )
  return [...studies, ...(pooled.length === 0 || variant.studies.length < 2 ? [] : pooled)]
}

function draw(variant: MetaVariant, rows: readonly Row[], width: number): Drawing {
  const narrow = width < 500
  const height = narrow ? 38 : 24
  const left = narrow ? 4 : 222
  const right = width - (narrow ? 6 : 138)
  const top = 26
  const between = 10
  const first = rows.findIndex((row) => row.pooled)
  const prediction = variant.heterogeneity?.prediction ?? null
  const yOf = (i: number) => top + i * height + height / 2 + (first >= 0 && i >= first ? between : 0) + (narrow ? 7 : 0)
  const lines = rows.length + (prediction === null ? 0 : 1)
  const bottom = top + lines * height + (first >= 0 ? between : 0)
  const [low, high] = extent(
    rows.flatMap((r) => [r.or, r.low, r.high]).filter((v): v is number => v !== null && v > 0.01 && v < 1000),
    [1],
  )
  const x = logarithmic([low * 0.85, Math.max(high * 1.15, 2)], [left, right], narrow ? 4 : 6)
  const parts: Markup[] = [
    text(narrow ? 4 : 0, 12, narrow ? 'Odds ratio, 95% limits' : 'Study, cases v controls', { weight: 600 }),
    axisBottom(x, bottom, {
      title: `Odds ratio${variant.effectAllele === '' ? '' : ` for ${clean(variant.effectAllele, 16)}`}`,
      grid: [top - 6, bottom],
      format: chosen,
    }),
    line(x(1), top - 6, x(1), bottom, 'soft'),
  ]
  if (!narrow) parts.push(text(width, 12, '95% limits', { weight: 600, anchor: 'end' }))
  const clampX = (v: number) => Math.max(left, Math.min(right, x(v)))
  for (const [i, row] of rows.entries()) {
    const y = yOf(i)
    const label = row.people === '' ? row.name : `${row.name}, ${row.people}`
    parts.push(
      text(narrow ? 4 : 0, narrow ? y - 14 : y + 4, shorten(label, narrow ? width - 130 : left - 10, sizes.label), {
        weight: row.pooled ? 600 : 400,
        halo: narrow,
        title: label,
      }),
      text(
        width,
        narrow ? y - 14 : y + 4,
        row.or === null && row.low === null ? 'nothing to estimate' : interval(row.or, row.low, row.high),
        {
          size: sizes.tick,
          anchor: 'end',
          weight: row.pooled ? 600 : 400,
          halo: narrow,
        },
      ),
    )
    if (row.or === null) {
      if (row.low !== null) parts.push(whisker(x, y, row.low, row.high, 'lead'))
      continue
    }
    if (row.pooled && row.low !== null && row.high !== null) {
      const [a, m, b] = [clampX(row.low), clampX(row.or), clampX(row.high)]
      parts.push(
        el('path', {
          d: `M${at(a)},${at(y)}L${at(m)},${at(y - 6)}L${at(b)},${at(y)}L${at(m)},${at(y + 6)}Z`,
          fill: 'lead',
        }),
      )
      continue
    }
    // The area says the weight.
    const side = row.weight === null ? 7 : 4 + 10 * Math.sqrt(row.weight)
    parts.push(
      whisker(x, y, row.low, row.high, 'typical'),
      el('rect', {
        x: at(clampX(row.or) - side / 2),
        y: at(y - side / 2),
        width: at(side),
        height: at(side),
        fill: 'typical',
      }),
    )
  }
  if (prediction !== null) {
    const y = yOf(rows.length)
    parts.push(
      text(narrow ? 4 : 0, narrow ? y - 14 : y + 4, 'Where a new study would lie', { halo: narrow }),
      whisker(x, y, prediction.low < x.domain[0] ? null : prediction.low, prediction.high, 'lead', { dash: '3 3' }),
      text(
        width,
        narrow ? y - 14 : y + 4,
        `${interval(prediction.low, null, null)} to ${interval(prediction.high, null, null)}`,
        {
          size: sizes.tick,
          anchor: 'end',
          halo: narrow,
        },
      ),
    )
  }
  return { width, height: bottom + 42, body: join(parts) }
}

const at = (value: number): number => Math.round(value * 10) / 10

function titleOf(variant: MetaVariant): string {
  const { heterogeneity, studies, warnings } = variant
  const seen = studies.filter((s) => s.or !== null).length
  if (warnings.length > 0) return 'These may be the same people: not several studies'
  if (seen < 2 || heterogeneity === null) return 'One study is no meta-analysis'
  return heterogeneity.p < 0.05
    ? `${seen} studies differ by more than chance (I² ${percent(heterogeneity.i2)})`
    : `${seen} studies together: odds ratio ${oddsOf(variant.estimates)}`
}

function oddsOf(estimates: readonly MetaEstimate[]): string {
  const fixed = estimates.find((e) => e.method === 'fixed')
  return fixed === undefined ? 'not estimated' : interval(fixed.or, fixed.low, fixed.high)
}

/** Forest of a meta-analysis: a study a row, then every way of pooling that gives an odds ratio. */
export function metaForestFigure(variant: MetaVariant): FigureSpec {
  const rows = rowsOf(variant)
  if (!rows.some((row) => row.or !== null || row.low !== null))
    return emptyFigure('meta-forest', 'The studies side by side', 'No study has an effect to show.')
  const left = variant.studies.length - mostStudies
  const { heterogeneity } = variant
  const name = [variant.rsid, variant.variant].filter((v) => v !== '').join(', ')
  return {
    name: 'meta-forest',
    title: titleOf(variant),
    caption: `${name === '' ? '' : `${clean(name, 80)}. `}Squares: studies with 95% limits, their area the weight where effects may differ; diamonds: all together. One common effect: inverse variance. Effects may differ: REML with Hartung and Knapp’s limits. ${variant.studies.some((s) => s.counts?.length === 6) ? 'Exact over studies and Mantel-Haenszel compare carriers with others; the rest is for each copy. ' : ''}${
      heterogeneity === null
        ? ''
        : `Heterogeneity: Q = ${chosen(Number(heterogeneity.q.toPrecision(3)))} on ${heterogeneity.df}, p\u00a0=\u00a0${pPlain(heterogeneity.p)}. `
    }${left > 0 ? `${count(left)} further studies are in the table. ` : ''}Research use only.`,
    description: variant.studies
      .slice(0, mostStudies)
      .map((s) => `${clean(s.study, 60)}: ${interval(s.or, s.low, s.high)}`)
      .concat(
        variant.estimates
          .filter((e) => pooledNames[e.method] !== undefined)
          .map((e) => `${pooledNames[e.method]}: ${interval(e.or, e.low, e.high)}, p ${pValue(e.negLog10P)}`),
      )
      .join('. '),
    draw: (width) => draw(variant, rows, width),
    table: {
      columns: ['Study or method', 'Odds ratio (95% limits)', 'p'],
      rows: [
        ...variant.studies.map((s) => [clean(s.study, 60), interval(s.or, s.low, s.high), '']),
        ...variant.estimates.map((e) => [
          pooledNames[e.method] ?? e.method.replaceAll('_', ' '),
          e.or === null && e.low === null ? '' : interval(e.or, e.low, e.high),
          pValue(e.negLog10P),
        ]),
      ],
    },
  }
}
