import type { AssociationSummary, LeadTest } from '../../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { axisBottom, line, whisker } from '../marks/axes.ts'
import { extent, linear, logarithmic, roundTicks } from '../marks/scale.ts'
import { shorten } from '../marks/text.ts'
import { clean, el, join, type Markup, sub, text, typeset } from '../markup.ts'
import { chosen, count, interval, plural, pValue, ratio } from '../numbers.ts'
import { adjusted, leadTests, leadWithGene, type Study, testName, variableName } from '../study.ts'
import { sizes } from '../tokens.ts'
import { thresholds } from './manhattan.ts'

const isPrimary = (study: Study, test: LeadTest) => {
  const primary = study.results.association?.primary.test ?? ''
  return test.test === primary || test.test === `${primary}_p` || test.test.replace(/_p$/, '') === primary
}

function draw(study: Study, tests: LeadTest[], width: number): Drawing {
  const narrow = width < 500
  const row = narrow ? 38 : 26
  const nameWidth = narrow ? 0 : 196
  const top = narrow ? 40 : 34
  const bottom = top + tests.length * row
  const half = narrow ? 148 : 232
  const orLeft = narrow ? 4 : nameWidth + 6
  const pLeft = width - half - (narrow ? 2 : 44)
  const orRight = orLeft + (narrow ? 142 : 200)
  const pRight = pLeft + half - (narrow ? 16 : 26)

  const finite = tests.flatMap((t) =>
    [t.or, t.low, t.high].filter((v): v is number => v !== null && v > 0 && Number.isFinite(v)),
  )
  const [low, high] = extent(finite, [1])
  const x = logarithmic(
    [Math.max(0.05, low * 0.8), Math.min(200, Math.max(4, high * 1.15))],
    [orLeft, orRight],
    narrow ? 4 : 6,
  )
  const lines = thresholds(study)
  const most = Math.max(3, ...tests.map((t) => t.negLog10P), ...lines.map((t) => t.negLog10))
  const p = linear([0, most * 1.05], [pLeft, pRight], 4)

  const parts: Markup[] = [
    text(orLeft, 12, 'Odds ratio, 95% limits', { weight: 600 }),
    text(pLeft, 12, `−log${sub('10')} p`, { weight: 600 }),
    axisBottom(x, bottom, { grid: [top - 6, bottom], format: chosen }),
    axisBottom(p, bottom, { grid: [top - 6, bottom], ticks: roundTicks(0, most, narrow ? 4 : 6) }),
    line(x(1), top - 6, x(1), bottom, 'soft'),
  ]
  // On a narrow page the printed p-values stand over this axis, so the lines leave a gap for them.
  for (const t of lines)
    for (let i = 0; i < (narrow ? tests.length : 1); i++) {
      if (narrow && /family/.test(tests[i].test)) continue
      const from = narrow ? top + i * row + row / 2 - 2 : top - 6
      parts.push(
        line(
          p(t.negLog10),
          from,
          p(t.negLog10),
          narrow ? top + (i + 1) * row : bottom,
          'ink',
          t.dash || undefined,
          0.9,
        ),
      )
    }
  for (const [i, t] of tests.entries()) {
    const y = top + i * row + row / 2 + (narrow ? 7 : 0)
    const primary = isPrimary(study, t)
    const name = testName(t.test)
    if (primary)
      parts.push(
        el('rect', { x: 0, y: top + i * row + 1, width, height: row - 2, fill: 'lead', 'fill-opacity': 0.1, rx: 2 }),
      )
    parts.push(
      text(
        narrow ? 4 : 6,
        narrow ? y - 14 : y + 4,
        shorten(primary ? `${name} (primary)` : name, narrow ? width - 60 : nameWidth - 4, sizes.label),
        {
          weight: primary ? 600 : 400,
          halo: narrow && !primary,
          title: clean(t.note, 160),
        },
      ),
    )
    if (t.or !== null && Number.isFinite(t.or)) {
      const at = Math.max(orLeft, Math.min(orRight, x(t.or)))
      parts.push(
        whisker(x, y, t.low, t.high, 'lead'),
        el('rect', { x: at - 3.5, y: y - 3.5, width: 7, height: 7, fill: 'lead' }),
      )
    } else if (t.low !== null && Number.isFinite(t.low)) parts.push(whisker(x, y, t.low, null, 'lead'))
    else parts.push(text(Math.max(orLeft, x(1)) + 8, y + 4, 'p only', { size: sizes.small, fill: 'soft' }))
    const px = p(Math.min(most * 1.05, t.negLog10P))
    // A statement about the whole scan has no place on the axis of p-values of one variant.
    if (/family/.test(t.test))
      parts.push(text(p(0) + 2, y + 4, 'of the whole scan', { size: sizes.small, fill: 'soft', halo: true }))
    else
      parts.push(
        el('line', { x1: p(0), x2: px, y1: y, y2: y, stroke: 'even', 'stroke-width': 1.2 }),
        el(
          'circle',
          { cx: px, cy: y, r: 4, fill: primary ? 'lead' : 'even' },
          el('title', {}, `${name}: p\u00a0=\u00a0${pValue(t.negLog10P)}`),
        ),
      )
    parts.push(
      text(width, y + 4 - (narrow ? 18 : 0), pValue(t.negLog10P), {
        halo: narrow && !primary,
        size: sizes.tick,
        anchor: 'end',
        weight: primary ? 600 : 400,
      }),
    )
  }
  return { width, height: bottom + 24, body: join(parts) }
}

/** The lead's tests, the frozen primary first even where it is a statement about the whole scan. */
function withPrimary(association: AssociationSummary): LeadTest[] {
  const tests = leadTests(association)
  const { test, p, negLog10P, sentence } = association.primary
  const bare = (name: string) => name.replace(/_p$/, '')
  if (tests.length === 0 || tests.some((t) => bare(t.test) === bare(test))) return tests
  return [{ test, p, negLog10P, or: null, low: null, high: null, note: sentence }, ...tests]
}

/** An odds ratio without an estimate may still have a lower limit: no control has the genotype. */
const oddsRatio = (t: LeadTest): string =>
  t.or !== null ? interval(t.or, t.low, t.high) : t.low !== null ? `above ${ratio(t.low)}` : ''

/** Tests of one hypothesis on the same counts; Monte-Carlo ones stop at the number of label sets. */
const comparable = (t: LeadTest) => !/family|permutation|score|dominant|recessive|matched/.test(t.test)

/** The lead of a study that is not matched, within the sets that the matching made. */
function withinSets({ results }: Study): LeadTest[] {
  const form = results.regions?.matchedLead
  return form == null || 'reason' in form ? [] : form.tests
}

/** How the lead of a study that is not matched was tested within sets. */
function matchedWords({ results }: Study): string {
  const form = results.regions?.matchedLead
  if (form == null) return ''
  if ('reason' in form) return `; not tested within matched sets: ${typeset(form.reason)}`
  return `; “in matched sets” is the same variant within ${plural(form.sets, 'set')} made of ${count(form.cases)} cases and ${count(form.controls)} controls, a sensitivity that decides nothing`
}

export function forestFigure(study: Study): FigureSpec {
  const association = study.results.association
  const tests = association ? [...withPrimary(association), ...withinSets(study)] : []
  if (!association || tests.length === 0)
    return emptyFigure('forest', 'Every test of the lead variant', 'There is no lead variant to test.')
  const nominal = tests.filter(comparable).map((t) => t.negLog10P)
  const orders = Math.max(...nominal) - Math.min(...nominal)
  return {
    name: 'forest',
    title:
      nominal.length > 1 && orders >= 1
        ? `The choice of test moves p by ${orders < 1.5 ? 'a factor of ten' : `${Math.round(orders)} orders of magnitude`} on the same counts`
        : 'The tests of the lead variant agree',
    caption: `${leadWithGene(study)}: every test computed on the same ${study.cases + study.controls} people${adjusted(association) ? `, adjusted for ${association.covariates.map((c) => clean(variableName(c), 30)).join(', ')}; tests of the bare genotype table cannot be adjusted and are not shown` : ''}${association.matched ? `, within ${plural(association.matched.sets, 'matched set')}; “sets ignored” is the unmatched form of the same people, a sensitivity that decides nothing` : ''}${matchedWords(study)}. Left: odds ratios for each copy of the alternate allele (or as the test’s model has it) with 95% limits; an arrow goes beyond it. Right: the p-value. Shaded: ${testName(association.primary.test)}, named as primary before unblinding; only it may be called significant. ${thresholds(
      study,
    )
      .map((t) => `${t.dash ? 'Dashed' : 'Solid'} line: ${t.words}`)
      .join('; ')}.`,
    description: tests
      .map(
        (t) =>
          `${testName(t.test)}: p\u00a0=\u00a0${pValue(t.negLog10P)}${t.or === null ? '' : `, odds ratio ${oddsRatio(t)}`}`,
      )
      .join('. '),
    draw: (width) => draw(study, tests, width),
    table: {
      columns: ['Test', 'p', 'Odds ratio (95% limits)', 'Note'],
      rows: tests.map((t) => [
        isPrimary(study, t) ? `${testName(t.test)} (primary)` : testName(t.test),
        pValue(t.negLog10P),
        oddsRatio(t),
        clean(t.note, 160),
      ]),
    },
  }
}
