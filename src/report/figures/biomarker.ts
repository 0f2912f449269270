import type { Biomarker } from '../../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { axisLeft, line } from '../marks/axes.ts'
import { extent, logarithmic } from '../marks/scale.ts'
import { clean, el, join, type Markup, text } from '../markup.ts'
import { chosen, count, interval, percent, plural, pValue, significant } from '../numbers.ts'
import { leadWithGene, roleOfGroup, type Study, variableName } from '../study.ts'
import { type RoleName, sizes } from '../tokens.ts'

type Point = Biomarker['points'][number]

interface Column {
  title: string
  role: RoleName
  points: Point[]
  summary: { mean: number; low: number; high: number } | null
}

/** Places points side by side where they would overlap: a swarm, in steps, the same every time. */
function swarm(
  points: readonly Point[],
  y: (value: number) => number,
  half: number,
  radius: number,
): [number, number][] {
  const placed: [number, number][] = []
  const step = radius * 2.1
  return points.map((p) => {
    const cy = y(p.value)
    for (let k = 0; ; k++) {
      const dx = (k % 2 === 0 ? 1 : -1) * Math.ceil(k / 2) * step * 0.6
      if (Math.abs(dx) > half) {
        placed.push([0, cy])
        return [0, cy]
      }
      if (placed.every(([ax, ay]) => (ax - dx) ** 2 + (ay - cy) ** 2 >= step * step)) {
        placed.push([dx, cy])
        return [dx, cy]
      }
    }
  })
}

/** Above this many people a group shows every second, third, ... one. */
const pointsMost = 260

function strip(column: Column, cx: number, half: number, y: (v: number) => number, baseline: number): Markup[] {
  const stride = Math.max(1, Math.ceil(column.points.length / pointsMost))
  const shown = column.points
    .filter((p, i) => i % stride === 0 || p.group === 'reversal')
    .toSorted((a, b) => a.value - b.value)
  const places = swarm(shown, y, half, 2.5)
  const parts: Markup[] = shown.map((p, i) => {
    const role = roleOfGroup(p.group)
    const [px, py] = [cx + places[i][0], places[i][1]]
    const words = `${clean(p.patient, 24)}: ${p.censored ? (p.above === true ? 'above ' : 'below ') : ''}${significant(p.value, 3)}`
    return p.censored
      ? el(
          'path',
          {
            d: p.above === true ? `M${px - 3},${py + 2}h6l-3,-5.5Z` : `M${px - 3},${py - 2}h6l-3,5.5Z`,
            fill: 'paper',
            stroke: role.mark,
            'stroke-width': 1.1,
          },
          el('title', {}, words),
        )
      : el('circle', { cx: px, cy: py, r: 2.5, fill: role.mark, 'fill-opacity': 0.75 }, el('title', {}, words))
  })
  if (column.summary) {
    const { mean, low, high } = column.summary
    const x = cx + half + 9
    parts.push(
      el('line', { x1: x, x2: x, y1: y(low), y2: y(high), stroke: 'ink', 'stroke-width': 1.75 }),
      el('rect', { x: x - 3.5, y: y(mean) - 3.5, width: 7, height: 7, fill: 'ink' }),
      text(x + 7, y(mean) + 4, significant(mean, 2), { size: sizes.tick, weight: 600, halo: true }),
    )
  }
  parts.push(
    text(cx, baseline + 18, column.title, {
      anchor: 'middle',
      fill: column.role,
      weight: 600,
    }),
    text(cx, baseline + 33, `n = ${count(column.points.length)}`, { size: sizes.tick, anchor: 'middle', fill: 'soft' }),
  )
  return parts
}

/** One column a group of progression. */
function groupColumns(marker: Biomarker): Column[] {
  return marker.groups.map((g) => ({
    title: roleOfGroup(g.group).title,
    role: roleOfGroup(g.group).text,
    points: marker.points.filter((p) => p.group === g.group && p.value > 0),
    summary: Number.isFinite(g.mean) ? { mean: g.mean, low: g.low, high: g.high } : null,
  }))
}

/** One column a genotype of the lead. */
function genotypeColumns(study: Study, marker: Biomarker): Column[] {
  return study.genotypes.map((genotype, copies) => ({
    title: genotype,
    role: copies === 0 ? 'ink' : 'leadText',
    points: marker.points.filter((p) => p.genotype === copies && p.value > 0),
    summary: null,
  }))
}

function draw(marker: Biomarker, columns: Column[], width: number): Drawing {
  const narrow = width < 500
  const values = marker.points.map((p) => p.value).filter((v) => v > 0)
  const [low, high] = extent(values, marker.limit && marker.limit > 0 ? [marker.limit] : [])
  const [left, top, height] = [34, 30, narrow ? 230 : 260]
  const y = logarithmic([low * (marker.limit === null ? 0.88 : 0.74), high * 1.1], [top + height, top], 6)
  const axisTitle = `${clean(marker.name, 30)}, ${clean(marker.unit, 16)} (log scale)`
  const right = width
  const columnWidth = (right - left) / Math.max(1, columns.length)
  const half = Math.max(8, Math.min(52, columnWidth / 2 - 24))
  const parts: Markup[] = [axisLeft(y, left, { title: axisTitle, format: chosen, grid: [left, right] })]
  if (marker.limit !== null && marker.limit > 0)
    parts.push(
      line(left, y(marker.limit), right, y(marker.limit), 'soft', '4 3'),
      text(right, y(marker.limit) + 13, `limit of detection, ${significant(marker.limit, 2)}`, {
        size: sizes.small,
        anchor: 'end',
        fill: 'soft',
        halo: true,
      }),
    )
  for (const [k, column] of columns.entries())
    parts.push(...strip(column, left + (k + 0.5) * columnWidth - 10, half, y, top + height))
  return { width, height: top + height + 40, body: join(parts) }
}

function contrastWords(marker: Biomarker): string {
  const c = marker.contrast
  if (!c) return 'Too few values for a comparison.'
  return `Reversal against typical: ${interval(c.ratio, c.low, c.high)} times, p\u00a0=\u00a0${pValue(c.negLog10P)}${c.adjustedFor.length > 0 ? `, adjusted for ${c.adjustedFor.map((v) => variableName(v).toLowerCase()).join(' and ')}` : ''}.`
}

export const biomarkerName = (marker: Biomarker): string =>
  `biomarker-${
    clean(marker.name, 30)
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'unnamed'
  }`

export function biomarkerFigure(marker: Biomarker): FigureSpec {
  const name = clean(marker.name, 30)
  const figureName = biomarkerName(marker)
  if (marker.points.length === 0)
    return emptyFigure(figureName, `${name} by group`, `No value of ${name} could be used.`)
  const c = marker.contrast
  return {
    name: figureName,
    title: !c
      ? `${name} by group`
      : c.low > 1 || c.high < 1
        ? `${name} was ${significant(c.ratio, 2)} times as high in reversals as in typical progressors`
        : `${name} did not clearly differ between reversals and typical progressors`,
    caption: [
      `${plural(marker.n, 'person', 'people')}, one value each${marker.censored === 0 ? ', all within the range of the assay' : `; ${count(marker.censored)} (${percent(marker.censored / Math.max(1, marker.n))}) outside the range of the assay (open triangles at its limit), treated as censored`}.`,
      'Squares: geometric means at the cohort’s mean age and sex mix, with 95% intervals.',
      contrastWords(marker),
      'An exploratory comparison: it was not the frozen primary test.',
    ]
      .filter(Boolean)
      .join(' '),
    description: `${marker.groups.map((g) => `${roleOfGroup(g.group).title}: n ${g.n}, mean ${significant(g.mean, 2)} (${significant(g.low, 2)} to ${significant(g.high, 2)}), ${g.censored} outside the range`).join('. ')}. ${contrastWords(marker)}`,
    draw: (width) => draw(marker, groupColumns(marker), width),
    table: {
      columns: ['Group', 'People', 'Outside the range', `Adjusted mean, ${clean(marker.unit, 16)}`, '95% interval'],
      rows: marker.groups.map((g) => [
        roleOfGroup(g.group).title,
        g.n,
        g.censored,
        significant(g.mean, 2),
        `${significant(g.low, 2)} to ${significant(g.high, 2)}`,
      ]),
    },
  }
}

/** The same values by genotype of the lead; null where no genotype is known. */
export function biomarkerByGenotypeFigure(study: Study, marker: Biomarker): FigureSpec | null {
  const g = marker.genotype
  const columns = genotypeColumns(study, marker)
  if (!g || columns.every((c) => c.points.length === 0)) return null
  const name = clean(marker.name, 30)
  const effect = `${interval(g.ratio, g.low, g.high)} times, p\u00a0=\u00a0${pValue(g.negLog10P)}`
  return {
    name: `${biomarkerName(marker)}-genotype`,
    title:
      g.low > 1 || g.high < 1
        ? `Each copy of the lead’s alternate allele goes with ${significant(g.ratio, 2)} times the ${name}`
        : `${name} did not clearly differ by genotype of the lead`,
    caption: `${leadWithGene(study)}: ${plural(g.n, 'person', 'people')} with a genotype and a value; colours are groups of progression as before${marker.censored > 0 ? ', open triangles lie outside the range of the assay' : ''}. Each copy: ${effect}${g.adjustedFor.length > 0 ? `, adjusted for ${g.adjustedFor.map((v) => variableName(v).toLowerCase()).join(', ')}` : ''}. An exploratory comparison.`,
    description: `${columns.map((c) => `${c.title}: n ${c.points.length}`).join(', ')}. Each copy: ${effect}.`,
    draw: (width) => draw(marker, columns, width),
    table: {
      columns: ['Genotype', 'People', 'Outside the range', `Median, ${clean(marker.unit, 16)}`],
      rows: columns.map((c) => {
        const values = c.points.map((p) => p.value).sort((a, b) => a - b)
        const median = values.at(Math.floor(values.length / 2))
        return [
          c.title,
          c.points.length,
          c.points.filter((p) => p.censored).length,
          median === undefined ? '–' : significant(median, 3),
        ]
      }),
    },
  }
}
