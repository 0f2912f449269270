import type { Scan } from '../../results/read.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { axisLeft, line } from '../marks/axes.ts'
import { linear, roundTicks } from '../marks/scale.ts'
import { textWidth } from '../marks/text.ts'
import { clean, el, join, type Markup, sub, text } from '../markup.ts'
import { count, interval, pPlain, pValue } from '../numbers.ts'
import { base64, type Deflate, encodePng } from '../raster/png.ts'
import { PointRaster } from '../raster/points.ts'
import { capital, isFirth, leadStrength, leadWithGene, primaryStatistic, type Study, variantName } from '../study.ts'
import { roles, sizes } from '../tokens.ts'

export interface Threshold {
  negLog10: number
  words: string
  dash: string
}

/** The lines that a p-value may be held against; the p of the frozen primary test alone is called significant. */
export function thresholds(study: Study): Threshold[] {
  const association = study.results.association
  if (!association) return []
  const lines: Threshold[] = []
  const { primary } = association
  const family = association.families.at(0)
  if (isFirth(primary.test))
    lines.push({ negLog10: -Math.log10(primary.alpha), words: 'level of the primary test', dash: '' })
  else if (family && Number.isFinite(family.thresholdNegLog10P) && family.thresholdNegLog10P < 9999)
    lines.push({ negLog10: family.thresholdNegLog10P, words: 'family-wise 5%', dash: '' })
  if (association.bonferroni.threshold > 0)
    lines.push({ negLog10: -Math.log10(association.bonferroni.threshold), words: 'Bonferroni', dash: '5 3' })
  return lines
}

interface Layout {
  /** Start of each chromosome on the common axis, base pairs; index as in `scan.chromosomes`. */
  start: Float64Array
  total: number
  middle: number[]
}

function lay(scan: Scan): Layout {
  const n = scan.chromosomes.length
  const longest = new Float64Array(n)
  for (let i = 0; i < scan.position.length; i++)
    if (scan.position[i] > longest[scan.chromosome[i]]) longest[scan.chromosome[i]] = scan.position[i]
  const gap = longest.reduce((a, b) => a + b, 0) * 0.004
  const start = new Float64Array(n)
  const middle: number[] = []
  let at = gap
  for (let c = 0; c < n; c++) {
    start[c] = at
    middle.push(at + longest[c] / 2)
    at += longest[c] + gap
  }
  return { start, total: at, middle }
}

const hex = (colour: string): [number, number, number] => {
  const n = Number.parseInt(colour.slice(1), 16)
  return [n >> 16, (n >> 8) & 255, n & 255]
}

function draw(study: Study, scan: Scan, deflate: Deflate, width: number): Drawing {
  const narrow = width < 500
  const [left, right, top, height] = [26, width - 2, 34, narrow ? 210 : 280]
  const lines = thresholds(study)
  let highest = Math.max(5, leadStrength(study) ?? 0, ...lines.map((l) => l.negLog10))
  for (const value of scan.negLog10P) if (value > highest) highest = value
  const layout = lay(scan)
  const x = linear([0, layout.total], [left, right])
  const y = linear([0, highest * 1.06], [top + height, top])

  const density = 2
  const raster = new PointRaster((right - left) * density, height * density, 1.35 * density)
  for (let i = 0; i < scan.position.length; i++) {
    const value = scan.negLog10P[i]
    if (!(value >= 0)) continue
    const c = scan.chromosome[i]
    raster.put(
      (x(layout.start[c] + scan.position[i]) - left) * density,
      (y(value) - top) * density,
      c % 2 === 0 ? 1 : 2,
    )
  }
  const picture = encodePng(
    raster.pixels,
    raster.width,
    raster.height,
    [
      [0, 0, 0, 0],
      [...hex(roles.even.light), 255],
      [...hex(roles.odd.light), 255],
    ],
    deflate,
  )

  const parts: Markup[] = [
    axisLeft(y, left, {
      title: `−log${sub('10')} p, ${primaryStatistic(study).axis}`,
      ticks: roundTicks(0, highest, 5),
    }),
    line(left, top + height, right, top + height, 'soft'),
    // A page in the dark theme turns the lightness of this class about.
    el('image', {
      class: 'raster',
      x: left,
      y: top,
      width: right - left,
      height,
      preserveAspectRatio: 'none',
      href: `data:image/png;base64,${base64(picture)}`,
    }),
  ]
  let lastEnd = -1
  for (const [c, name] of scan.chromosomes.entries()) {
    const label = clean(name, 5)
    const at = x(layout.middle[c])
    const w = textWidth(label, sizes.tick)
    if (at - w / 2 < lastEnd + 3) continue
    parts.push(text(at, top + height + 16, label, { size: sizes.tick, anchor: 'middle', fill: 'soft' }))
    lastEnd = at + w / 2
  }
  parts.push(text((left + right) / 2, top + height + 34, 'Chromosome', { anchor: 'middle' }))

  // Words of a line stand on the side where they do not meet the line above.
  const sorted = lines.toSorted((a, b) => a.negLog10 - b.negLog10)
  for (const [k, t] of sorted.entries()) {
    const below = k === 0 && sorted.length > 1
    parts.push(
      line(left, y(t.negLog10), right, y(t.negLog10), 'ink', t.dash || undefined, 0.9),
      text(right, y(t.negLog10) + (below ? 13 : -5), `${t.words}, p\u00a0=\u00a0${pValue(t.negLog10)}`, {
        size: sizes.small,
        anchor: 'end',
        halo: true,
      }),
    )
  }

  const lead = study.results.association?.lead
  const c = lead ? scan.chromosomes.indexOf(lead.chromosome) : -1
  const leadY = leadStrength(study)
  if (lead && c >= 0 && leadY !== undefined) {
    const px = x(layout.start[c] + lead.position)
    const py = y(leadY)
    const after = px < (left + right) / 2
    parts.push(
      el(
        'path',
        {
          d: `M${px},${py - 6}l6,6l-6,6l-6,-6Z`,
          fill: 'lead',
          stroke: 'paper',
          'stroke-width': 1,
        },
        el('title', {}, `${variantName(lead)}, p\u00a0=\u00a0${pValue(leadY)}`),
      ),
      text(px + (after ? 11 : -11), py + 4, leadWithGene(study), {
        anchor: after ? 'start' : 'end',
        fill: 'leadText',
        weight: 600,
        halo: true,
      }),
    )
  }
  return { width, height: top + height + 42, body: join(parts) }
}

export function manhattanFigure(study: Study, deflate: Deflate): FigureSpec {
  const { scan, association, strongest } = study.results
  const lead = association?.lead
  if (!scan || !association || scan.position.length === 0)
    return emptyFigure('manhattan', 'The scan of the genome', 'No variant was tested.')
  const height = leadStrength(study)
  const family = association.families.at(0)
  const { firth, words } = primaryStatistic(study)
  const judge = thresholds(study).find((t) => t.dash === '')
  const verdict =
    height === undefined || !judge
      ? ''
      : ` and ${height >= judge.negLog10 ? 'stands above' : 'does not reach'} the ${firth ? 'level of the primary test' : 'family-wise line'}`
  return {
    name: 'manhattan',
    title: !lead
      ? 'No variant could be tested'
      : `${leadWithGene(study)} is the strongest of ${count(association.variantsTested)} variants${verdict}`,
    caption: [
      `${capital(words)} of each variant, ${count(study.cases)} cases and ${count(study.controls)} controls; one point a variant.`,
      firth
        ? `Solid line: the level of the primary test, p\u00a0=\u00a0${pPlain(association.primary.alpha)}.`
        : family && judge
          ? `Solid line: 5% quantile of the smallest p in ${count(family.labelSets)} relabellings.`
          : '',
      `Dashed line: Bonferroni for ${count(association.bonferroni.tests)} tests.`,
      'A point above a line is “significant” only when the frozen primary test says so.',
    ]
      .filter(Boolean)
      .join(' '),
    description: `Manhattan plot. The smallest p is ${pValue(height)} at ${study.leadName ?? 'no variant'}. ${thresholds(
      study,
    )
      .map((t) => `The ${t.words} line is at p\u00a0=\u00a0${pValue(t.negLog10)}`)
      .join('. ')}.`,
    draw: (width) => draw(study, scan, deflate, width),
    table: {
      columns: [
        'Variant',
        'Position',
        'Cases ref/het/alt',
        'Controls ref/het/alt',
        `p, ${primaryStatistic(study).axis}`,
        'Family-wise p',
        'Firth odds ratio (95% interval)',
        'Status',
      ],
      rows: strongest.map((row) => {
        const value = (name: string) => (typeof row[name] === 'number' ? (row[name] as number) : null)
        const chromosome = String(row.chromosome)
        const position = Number(row.position)
        return [
          variantName({
            chromosome,
            position,
            ref: String(row.ref),
            alt: String(row.alt),
            rsid: String(row.rsid ?? ''),
          }),
          `${clean(chromosome, 8)}:${count(position)}`,
          ['case_ref', 'case_het', 'case_alt'].map((n) => value(n) ?? '–').join('/'),
          ['control_ref', 'control_het', 'control_alt'].map((n) => value(n) ?? '–').join('/'),
          pValue(value('primary_neglog10p')),
          pValue(value('family_neglog10p')),
          interval(value('or'), value('or_low'), value('or_high')),
          clean(String(row.status ?? ''), 24),
        ]
      }),
      note: `The ${count(strongest.length)} smallest p-values by the ${words}; all ${count(association.variantsTested)} are in associations.parquet.`,
    },
  }
}

/** The number of statuses, for the methods. */
export function statusSentence(study: Study): string {
  const statuses = study.results.association?.statuses ?? {}
  return Object.entries(statuses)
    .map(([status, n]) => `${clean(status, 24).replaceAll('_', ' ')} ${count(n ?? 0)}`)
    .join(', ')
}
