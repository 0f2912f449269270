import type { MatchingSummary } from '../../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { axisBottom, line } from '../marks/axes.ts'
import { extent, linear } from '../marks/scale.ts'
import { shorten } from '../marks/text.ts'
import { el, join, type Markup, text, typeset } from '../markup.ts'
import { count, fixed, plural, significant } from '../numbers.ts'
import { capital, type PartOfStudy, readable, variableName } from '../study.ts'
import { sizes } from '../tokens.ts'

function draw(matching: MatchingSummary, width: number): Drawing {
  const narrow = width < 500
  const row = 24
  const top = 40
  const left = narrow ? 112 : 190
  const right = width - 8
  const rows = matching.balance.toSorted((a, b) => Math.abs(b.smdBefore) - Math.abs(a.smdBefore))
  const bottom = top + rows.length * row
  const [low, high] = extent(
    rows.flatMap((b) => [b.smdBefore, b.smdAfter]),
    [-0.3, 0.3],
  )
  const x = linear([low - 0.08, high + 0.08], [left, right], narrow ? 4 : 7)
  const parts: Markup[] = [
    el('rect', { x: x(-0.1), y: top - 8, width: x(0.1) - x(-0.1), height: bottom - top + 8, fill: 'wash' }),
    line(x(0), top - 8, x(0), bottom, 'soft'),
    axisBottom(x, bottom, {
      title: narrow ? 'Standardised difference' : 'Standardised mean difference, cases − controls',
    }),
  ]
  for (const [i, b] of rows.entries()) {
    const y = top + i * row + row / 2
    const [before, after] = [x(b.smdBefore), x(b.smdAfter)]
    parts.push(
      text(0, y + 4, shorten(variableName(b.variable), left - 10, sizes.label)),
      el('line', { x1: before, x2: after, y1: y, y2: y, stroke: 'rule', 'stroke-width': 1.25 }),
      el(
        'circle',
        { cx: before, cy: y, r: 4, fill: 'paper', stroke: 'typical', 'stroke-width': 1.6 },
        el('title', {}, `before: ${fixed(b.smdBefore, 2)}`),
      ),
      el(
        'rect',
        { x: after - 3.6, y: y - 3.6, width: 7.2, height: 7.2, fill: 'ink' },
        el('title', {}, `after: ${fixed(b.smdAfter, 2)}`),
      ),
    )
  }
  const first = rows[0]
  if (first) {
    const y = top - 14
    const [before, after] = [x(first.smdBefore), x(first.smdAfter)]
    const beforeRight = before >= after
    parts.push(
      text(before + (Math.abs(before - after) < 60 ? (beforeRight ? 8 : -8) : 0), y, 'before', {
        size: sizes.tick,
        anchor: Math.abs(before - after) < 60 ? (beforeRight ? 'start' : 'end') : 'middle',
        fill: 'typicalText',
      }),
      text(after + (Math.abs(before - after) < 60 ? (beforeRight ? -8 : 8) : 0), y, 'after', {
        size: sizes.tick,
        anchor: Math.abs(before - after) < 60 ? (beforeRight ? 'end' : 'start') : 'middle',
        fill: 'ink',
      }),
    )
  }
  return { width, height: bottom + 42, body: join(parts) }
}

const variance = (ratio: number | null | undefined): string => (ratio == null ? '–' : fixed(ratio, 2))

export function balanceFigure(study: PartOfStudy<'matching'>): FigureSpec {
  const matching = study.results.matching
  if (!matching || matching.balance.length === 0)
    return emptyFigure('balance', 'Balance before and after matching', 'No matching was made.')
  const worst = matching.balance.toSorted((a, b) => Math.abs(b.smdAfter) - Math.abs(a.smdAfter))[0]
  const left = Math.abs(worst.smdAfter)
  return {
    name: 'balance',
    title:
      left <= 0.1
        ? 'Matching brought every variable within a tenth of a standard deviation'
        : `After matching, ${variableName(worst.variable).replace(/^[A-Z](?=[a-z])/, (c) => c.toLowerCase())} still differs by ${fixed(left, 2)} standard deviations (${fixed(Math.abs(worst.smdBefore), 2)} before)`,
    caption: `Cases against eligible controls before (circles) and matched controls after (squares): ${count(matching.matchedCases)} of ${count(matching.cases)} cases and ${count(matching.controlsMatched)} controls matched. Shaded: within 0.1. ${matching.controlsNotAtRisk > 0 ? `${plural(matching.controlsNotAtRisk, 'control')} had not been observed long enough to have had the chance to recover and could not be chosen. ` : ''}${typeset(capital(readable(matching.method).replaceAll('_', ' ')))}`,
    description: matching.balance
      .map((b) => `${variableName(b.variable)}: ${fixed(b.smdBefore, 2)} before, ${fixed(b.smdAfter, 2)} after`)
      .join('. '),
    draw: (width) => draw(matching, width),
    table: {
      columns: [
        'Variable',
        'Cases, mean',
        'Controls before',
        'Controls after',
        'Difference before, SD',
        'Difference after, SD',
        'Variance ratio before',
        'Variance ratio after',
      ],
      rows: matching.balance.map((b) => [
        variableName(b.variable),
        significant(b.meanCases, 3),
        significant(b.meanControlsBefore, 3),
        significant(b.meanControlsAfter, 3),
        fixed(b.smdBefore, 2),
        fixed(b.smdAfter, 2),
        variance(b.varianceRatioBefore),
        variance(b.varianceRatioAfter),
      ]),
    },
  }
}
