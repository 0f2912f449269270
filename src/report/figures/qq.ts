import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { axisBottom, axisLeft, path } from '../marks/axes.ts'
import { linear, roundTicks } from '../marks/scale.ts'
import { el, join, sub, text } from '../markup.ts'
import { count, fixed } from '../numbers.ts'
import { primaryStatistic, type Study } from '../study.ts'

interface Quantiles {
  expected: number[]
  observed: number[]
  low: number[]
  high: number[]
}

function draw(qq: Quantiles, words: string[], width: number): Drawing {
  const narrow = width < 500
  const side = narrow ? width - 44 : 360
  const left = narrow ? 30 : 30
  const top = 30
  const most = Math.max(...qq.expected, 1) * 1.03
  const highest = Math.max(most, ...qq.observed, ...qq.high) * 1.03
  const x = linear([0, most], [left, left + side])
  const y = linear([0, highest], [top + side * 0.86, top])
  const bottom = top + side * 0.86
  const order = qq.expected.map((_, i) => i).sort((a, b) => qq.expected[a] - qq.expected[b])
  const band = `${path(order.map((i) => [x(qq.expected[i]), y(qq.high[i])]))}${path(order.toReversed().map((i) => [x(qq.expected[i]), y(qq.low[i])])).replace('M', 'L')}Z`
  const labelled = order[Math.floor(order.length * 0.72)]
  // Points that would lie on the one before add ink and bytes, nothing to see.
  const shown: number[] = []
  for (const i of order) {
    const before = shown.at(-1)
    const apart =
      before === undefined
        ? 9
        : Math.abs(x(qq.expected[i]) - x(qq.expected[before])) + Math.abs(y(qq.observed[i]) - y(qq.observed[before]))
    if (apart >= 1) shown.push(i)
  }
  const clip = { x0: left, x1: left + side }
  return {
    width,
    height: bottom + 42,
    body: join([
      axisLeft(y, left, {
        title: `Observed −log${sub('10')} p`,
        ticks: roundTicks(0, highest, 5),
        grid: [clip.x0, clip.x1],
      }),
      axisBottom(x, bottom, {
        title: narrow ? `Expected −log${sub('10')} p` : `Expected −log${sub('10')} p under the discrete null`,
        ticks: roundTicks(0, most, 5),
      }),
      el('path', { d: band, fill: 'odd', 'fill-opacity': 0.28 }),
      el('line', {
        x1: x(0),
        y1: y(0),
        x2: x(most),
        y2: y(Math.min(most, highest)),
        stroke: 'soft',
        'stroke-width': 1,
      }),
      shown.map((i) => el('circle', { cx: x(qq.expected[i]), cy: y(qq.observed[i]), r: 2, fill: 'even' })),
      !narrow &&
        words.map((w, k) =>
          text(left + side + 34, top + 14 + k * 18, w, { fill: k === 0 ? 'ink' : 'soft', weight: k === 0 ? 600 : 400 }),
        ),
      text(x(qq.expected[labelled]), y(qq.low[labelled]) + 18, '95% band', { size: 10.5, fill: 'soft' }),
    ]),
  }
}

/** The p that the quantiles are of, also where Firth is the primary test. */
const trendWords = (study: Study): string => primaryStatistic(study, false).words

export function qqFigure(study: Study): FigureSpec {
  const association = study.results.association
  const qq = association?.qq
  if (!association || !qq || qq.expected.length === 0)
    return emptyFigure('qq', 'Observed against expected p-values', 'No quantiles were written.')
  const outside = qq.observed.filter((o, i) => o > qq.high[i]).length
  const share = outside / qq.observed.length
  const words = [
    `Inflation of the median ${fixed(association.lambda, 2)}`,
    `${count(outside)} of ${count(qq.observed.length)} quantiles shown`,
    'lie above the 95% band',
  ]
  return {
    name: 'qq',
    title:
      outside === 0
        ? 'P-values are as many as chance alone would give'
        : share < 0.25
          ? 'P-values follow chance but for the tail'
          : 'P-values are smaller than chance over much of the scan: look for a shared cause',
    caption: `Quantiles of the p of the ${trendWords(study)} over ${count(association.variantsTested)} variants against what each variant’s own discrete distribution gives; a continuous expectation would make counts this small look deflated. Band: 95%, point by point. Inflation of the median (mid-p): ${fixed(association.lambda, 2)}.`,
    description: `QQ plot with 95% band. Inflation of the median ${fixed(association.lambda, 2)}. ${count(outside)} of ${count(qq.observed.length)} plotted quantiles lie above the band.`,
    draw: (width) => draw(qq, words, width),
    table: {
      columns: ['Expected −log10 p', 'Observed', 'Band, low', 'Band, high'],
      rows: qq.expected
        .map((e, i) => [fixed(e, 2), fixed(qq.observed[i], 2), fixed(qq.low[i], 2), fixed(qq.high[i], 2)])
        .filter((_, i) => i % Math.max(1, Math.ceil(qq.expected.length / 25)) === 0),
      note: 'Every few quantiles.',
    },
  }
}
