import type { SampleQuality, SourceMeasure, SourcesSummary } from '../../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { axisBottom, line } from '../marks/axes.ts'
import { extent, linear, padded } from '../marks/scale.ts'
import { shorten, textWidth } from '../marks/text.ts'
import { clean, el, join, type Markup, text } from '../markup.ts'
import { count, fixed, plural, pValue, significant } from '../numbers.ts'
import type { Study } from '../study.ts'
import { sizes } from '../tokens.ts'

interface Dot {
  sample: string
  source: string
  isCase: boolean
  value: number
}

const measureOf: Record<string, (sample: SampleQuality) => number | null> = {
  'call rate': (s) => s.call_rate,
  'heterozygosity F': (s) => s.heterozygosity_f,
  'transitions to transversions': (s) => s.ti_tv,
  depth: (s) => s.depth,
}

/** Decimals that a measure carries. */
const decimals: Record<string, number> = {
  'call rate': 4,
  'heterozygosity F': 3,
  'transitions to transversions': 2,
  depth: 1,
}
const said = (measure: SourceMeasure, value: number): string => fixed(value, decimals[measure.measure] ?? 3)

/** What an axis is called. */
const axisTitles: Record<string, string> = {
  'call rate': 'Call rate',
  'heterozygosity F': 'Heterozygosity F',
  'transitions to transversions': 'Transitions for one transversion',
  depth: 'Mean depth',
}

const rowHeight = 30
/** Offsets of neighbouring dots within a row, so that equal values are seen apart. */
const offsets = [0, -6, 6, -3, 3, -9, 9]

const pWords = (p: number): string => pValue(p > 0 ? -Math.log10(p) : 300)

function panel(
  measure: SourceMeasure,
  dots: readonly Dot[],
  y0: number,
  width: number,
): { parts: Markup[]; y: number } {
  const narrow = width < 500
  const labels = measure.bySource.map(({ source, people }) => `${clean(source, 24)}, n = ${count(people)}`)
  const left = narrow ? 20 : 20 + Math.max(...labels.map((label) => textWidth(label, sizes.label)))
  const right = width - 56
  const values = dots.map(({ value }) => value)
  const x = linear(padded(extent(values), 0.04), [left, right], narrow ? 3 : 5)
  const head = narrow ? 40 : 24
  const step = rowHeight + (narrow ? 15 : 0)
  const words =
    measure.p === null
      ? 'not tested: fewer than two sources of five people'
      : `p = ${pWords(measure.p)}${measure.differs ? ': the sources differ' : ''}`
  const parts: Markup[] = [
    text(0, y0 + 12, axisTitles[measure.measure] ?? clean(measure.measure, 40), { weight: 600 }),
    text(narrow ? 0 : width, y0 + (narrow ? 28 : 12), words, {
      anchor: narrow ? 'start' : 'end',
      size: sizes.tick,
      fill: measure.differs ? 'reversalText' : 'soft',
      weight: measure.differs ? 600 : 400,
    }),
    line(0, y0 + head - 4, width, y0 + head - 4, 'rule'),
  ]
  for (const [row, group] of measure.bySource.entries()) {
    const top = y0 + head + row * step
    const middle = top + (narrow ? 15 : 0) + rowHeight / 2
    const inRow = dots
      .filter(({ source }) => source === group.source)
      .toSorted((a, b) => Number(a.isCase) - Number(b.isCase) || a.value - b.value)
    parts.push(
      text(0, narrow ? top + 11 : middle + 4, shorten(labels[row], narrow ? width : left, sizes.label)),
      line(x(group.low), middle, x(group.high), middle, 'rule', undefined, 12),
      join(
        inRow.map((dot, i) =>
          el(
            'circle',
            {
              cx: x(dot.value),
              cy: middle + offsets[i % offsets.length],
              r: 2.4,
              fill: dot.isCase ? 'reversal' : 'typical',
              'fill-opacity': dot.isCase ? 0.95 : 0.55,
            },
            el('title', {}, `${clean(dot.sample, 24)}: ${significant(dot.value, 4)}`),
          ),
        ),
      ),
      el('line', {
        x1: x(group.median),
        x2: x(group.median),
        y1: middle - 12,
        y2: middle + 12,
        stroke: 'ink',
        'stroke-width': 2,
      }),
      text(width, middle + 4, said(measure, group.median), { anchor: 'end', size: sizes.tick }),
    )
  }
  const bottom = y0 + head + 2 + measure.bySource.length * step
  parts.push(axisBottom(x, bottom))
  return { parts, y: bottom + 38 }
}

function dotsOf(study: Study, measure: SourceMeasure): Dot[] {
  const patients = new Map(study.results.patients.map((p) => [p.sample ?? p.patient, p]))
  const cases = new Set(study.results.groups.filter((g) => g.case === 1).map((g) => g.patient))
  return study.results.samples.flatMap((sample) => {
    const patient = patients.get(sample.sample)
    const value = measureOf[measure.measure]?.(sample) ?? null
    if (patient === undefined || patient.dna_source === null || value === null) return []
    return [{ sample: sample.sample, source: patient.dna_source, isCase: cases.has(patient.patient), value }]
  })
}

const titles: Record<SourcesSummary['verdict'], string> = {
  'not recorded': 'Where the DNA came from is not recorded',
  'one source': 'All DNA comes from one source',
  confounded: 'An artefact of the source of DNA cannot be told from the disease',
  'cannot be told': 'Whether sources of DNA differ cannot be told',
  alike: 'Sources of DNA look alike among controls',
  differ: 'Sources of DNA differ in what only a laboratory should decide',
}

/** Measures of samples by source of the DNA, and what the comparison of controls by source says. */
export function sourcesFigure(study: Study): FigureSpec {
  const { sources } = study.results
  if (sources === null) return emptyFigure('sources', 'Sources of DNA', 'The association was not run.')
  const sentences = sources.sentences.map((sentence) => clean(sentence, 600)).join(' ')
  if (sources.people.length < 2 || sources.measures.length === 0)
    return emptyFigure('sources', titles[sources.verdict], sentences)
  const { measures, people } = sources
  const contrasts = sources.contrasts.map((contrast) =>
    contrast.untested === null
      ? `${clean(contrast.source, 24)} against the others among ${count(contrast.controls + contrast.others)} controls, ${count(contrast.variants)} variants: inflation of the median ${significant(contrast.lambda ?? 1, 3)}, family-wise p ${pWords(contrast.familyP ?? 1)} (labels of source ${clean(contrast.masks ?? '', 40)}).`
      : `${clean(contrast.source, 24)}: not compared, ${clean(contrast.untested, 200)}.`,
  )
  return {
    name: 'sources',
    title: titles[sources.verdict],
    caption: [
      sentences,
      ...contrasts,
      `${people.map((p) => `${clean(p.source, 24)}: ${plural(p.cases, 'case')}, ${plural(p.controls, 'control')}`).join('; ')}. A dot is a person (cases in vermilion), the upright stroke and the number the median, the bar the middle half; p by Kruskal-Wallis over everyone genotyped, without looking at who reversed.`,
    ].join(' '),
    description: `${measures
      .map(
        (m) =>
          `${m.measure}: ${m.bySource.map((s) => `${clean(s.source, 24)} median ${said(m, s.median)} (n ${s.people})`).join(', ')}${m.p === null ? '' : `, p ${pWords(m.p)}`}`,
      )
      .join('. ')}. ${sentences}`,
    draw(width): Drawing {
      const parts: Markup[] = []
      let y = 0
      for (const measure of measures) {
        const drawn = panel(measure, dotsOf(study, measure), y, width)
        parts.push(...drawn.parts)
        y = drawn.y
      }
      return { width, height: y - 10, body: join(parts) }
    },
    table: {
      columns: ['Measure', 'Source', 'People', 'Median', 'Middle half', 'p'],
      rows: measures.flatMap((m) =>
        m.bySource.map((s) => [
          axisTitles[m.measure] ?? clean(m.measure, 40),
          clean(s.source, 24),
          s.people,
          said(m, s.median),
          `${said(m, s.low)} to ${said(m, s.high)}`,
          m.p === null ? '–' : pWords(m.p),
        ]),
      ),
    },
  }
}

/** Variants at which controls of different sources differ; null where none does. */
export function sourceVariants(study: Study): { columns: string[]; rows: (string | number)[][]; note: string } | null {
  const contrasts = study.results.sources?.contrasts.filter(({ differing }) => differing > 0) ?? []
  if (contrasts.length === 0) return null
  return {
    columns: ['Variant', 'Source', 'Frequency there', 'In the others', 'p'],
    rows: contrasts.flatMap((contrast) =>
      contrast.most
        .slice(0, 20)
        .map((variant) => [
          clean(variant.rsid, 24) || clean(variant.key, 40),
          clean(contrast.source, 24),
          significant(variant.here, 2),
          significant(variant.there, 2),
          pWords(variant.p),
        ]),
    ),
    note: `${contrasts.map(({ source, differing }) => `${clean(source, 24)}: ${plural(differing, 'variant')}`).join('; ')} beyond the family-wise threshold of 5%, among controls alone, ${contrasts.some(({ differing }) => differing > 20) ? 'the 20 most different of each source listed, all of them' : 'listed here and'} flagged control_sources_differ.`,
  }
}
