import type { Plan } from '../../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { axisBottom, line, whisker } from '../marks/axes.ts'
import { extent, logarithmic } from '../marks/scale.ts'
import { clean, el, join, type Markup, text } from '../markup.ts'
import { chosen, interval, pPlain, ratio, significant } from '../numbers.ts'
import { leadEffect, leadWithGene, type Study } from '../study.ts'
import { sizes } from '../tokens.ts'

type Curse = NonNullable<Plan['winnersCurse']>

interface Limits {
  low: number | null
  high: number | null
}

/** Profile limits of the odds ratio as observed; null where there is none. */
function profileLimits(study: Study): Limits {
  const effect = leadEffect(study)
  const bound = (v: number | null | undefined) =>
    v === null || v === undefined || !(v > 0) || !Number.isFinite(v) ? null : v
  return { low: bound(effect?.low), high: bound(effect?.high) }
}

function draw(curse: Curse, observed: Limits, width: number): Drawing {
  const narrow = width < 500
  const rows: { name: string; or: number; low: number | null; high: number | null; corrected: boolean }[] = [
    {
      name: 'As observed',
      or: curse.observedOr,
      ...observed,
      corrected: false,
    },
    { name: 'Conditional likelihood, mode', or: curse.mle, low: null, high: null, corrected: true },
    { name: 'Conditional likelihood, mean', or: curse.mean, low: null, high: null, corrected: true },
    { name: 'Their average', or: curse.average, low: curse.low, high: curse.high, corrected: true },
  ]
  const row = narrow ? 40 : 26
  const top = 12
  const left = narrow ? 4 : 206
  const right = width - (narrow ? 4 : 120)
  const bottom = top + rows.length * row
  const [low, high] = extent(
    // A limit far out is drawn as an arrow; its number stands beside it.
    rows.flatMap((r) => [r.or, r.low ?? Number.NaN, r.high ?? Number.NaN]).filter((v) => !(v < 0.02 || v > 500)),
    [1],
  )
  const x = logarithmic([low * 0.85, high * 1.15], [left, right], narrow ? 4 : 7)
  const parts: Markup[] = [
    axisBottom(x, bottom, { title: 'Odds ratio', grid: [top, bottom], format: chosen }),
    line(x(1), top, x(1), bottom, 'soft'),
  ]
  for (const [i, r] of rows.entries()) {
    const y = top + i * row + row / 2 + (narrow ? 7 : 0)
    const role = r.corrected ? 'lead' : 'typical'
    parts.push(text(narrow ? 4 : 0, narrow ? y - 14 : y + 4, r.name, { weight: i === 3 ? 600 : 400, halo: narrow }))
    if (i === 0 || i === 3) parts.push(whisker(x, y, r.low, r.high, role))
    parts.push(
      r.corrected
        ? el('rect', { x: x(r.or) - 4, y: y - 4, width: 8, height: 8, fill: role })
        : el('circle', { cx: x(r.or), cy: y, r: 4.2, fill: role }),
      text(width, narrow ? y - 14 : y + 4, interval(r.or, r.low, r.high), {
        size: sizes.tick,
        anchor: 'end',
        weight: i === 3 ? 600 : 400,
      }),
    )
  }
  return { width, height: bottom + 42, body: join(parts) }
}

const limitsWords = ({ low, high }: Limits): string =>
  low === null && high === null
    ? ''
    : `${low === null ? 'no limit' : ratio(low)} to ${high === null ? 'no limit' : ratio(high)}`

export function winnersCurseFigure(study: Study): FigureSpec {
  const curse = study.results.plan?.winnersCurse
  if (!curse)
    return emptyFigure(
      'winners-curse',
      'The odds ratio, corrected for having been selected',
      'There is no lead whose odds ratio could be corrected.',
    )
  const observed = profileLimits(study)
  return {
    name: 'winners-curse',
    title: `Having been picked for its size, the odds ratio shrinks from ${ratio(curse.observedOr)} to ${ratio(curse.average)}${study.results.association?.primary.significant ? '' : ', if there is an effect at all'}`,
    caption: `${leadWithGene(study)}. The strongest of many looks stronger than it is. Corrected by conditional likelihood given ${clean(curse.conditionedOn, 240)} (p\u00a0=\u00a0${pPlain(curse.threshold)}); z = ${significant(curse.z, 2)} is the signed root of the penalised likelihood ratio.${curse.selected ? '' : ' The lead was not significant by the frozen test, so there was no threshold that it passed.'} Bars: 95% intervals, as observed by the profile of Firth’s penalised likelihood.`,
    description: `Observed ${interval(curse.observedOr, observed.low, observed.high)}; corrected ${ratio(curse.mle)} (mode), ${ratio(curse.mean)} (mean), ${interval(curse.average, curse.low, curse.high)} (average).`,
    draw: (width) => draw(curse, observed, width),
    table: {
      columns: ['Estimate', 'Odds ratio', '95% limits'],
      rows: [
        ['As observed', ratio(curse.observedOr), limitsWords(observed)],
        ['Conditional likelihood, mode', ratio(curse.mle), ''],
        ['Conditional likelihood, mean', ratio(curse.mean), ''],
        ['Their average', ratio(curse.average), `${ratio(curse.low)} to ${ratio(curse.high)}`],
      ],
    },
  }
}
