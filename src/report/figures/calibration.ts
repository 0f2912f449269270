import type { Calibration, Rate } from '../../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { line } from '../marks/axes.ts'
import { linear, roundTicks } from '../marks/scale.ts'
import { shorten } from '../marks/text.ts'
import { clean, el, join, type Markup, text } from '../markup.ts'
import { count, percent, significant } from '../numbers.ts'
import { type Study, testName } from '../study.ts'
import { sizes } from '../tokens.ts'

/** The level shown: 5% where it was tested, else the largest. */
function level(calibration: Calibration): number {
  const levels = calibration.tests.flatMap((t) => t.rates.map((r) => r.alpha))
  return levels.includes(0.05) ? 0.05 : Math.max(0, ...levels)
}

const verdictRole = {
  calibrated: 'lead',
  conservative: 'slow',
  'anti-conservative': 'reversal',
  untested: 'unassigned',
} as const

function draw(calibration: Calibration, alpha: number, width: number): Drawing {
  const narrow = width < 500
  const tests = calibration.tests.filter((t) => t.rates.some((r) => r.alpha === alpha))
  const bins = [...new Set(tests.flatMap((t) => t.rates.filter((r) => r.alpha === alpha).map((r) => r.bin)))]
  const most = Math.max(
    alpha * 1.6,
    ...tests.flatMap((t) => t.rates.filter((r) => r.alpha === alpha).map((r) => r.high)),
  )
  const nameWidth = narrow ? 0 : 150
  const rowHeight = narrow ? 84 : 66
  const columns = bins.length
  const columnWidth = (width - nameWidth - 34) / Math.max(1, columns)
  const parts: Markup[] = []
  const top = 26
  for (const [j, bin] of bins.entries())
    parts.push(
      text(nameWidth + 34 + (j + 0.5) * columnWidth, 12, bin === 'all' ? 'all' : bin.replace('-', '–'), {
        size: sizes.tick,
        anchor: 'middle',
        fill: 'soft',
        weight: bin === 'all' ? 600 : 400,
      }),
    )
  if (!narrow) parts.push(text(0, 12, 'Minor allele count', { size: sizes.tick, fill: 'soft' }))
  for (const [i, t] of tests.entries()) {
    const y0 = top + i * rowHeight
    const plotTop = y0 + (narrow ? 24 : 6)
    const plotBottom = y0 + rowHeight - 8
    const y = linear([0, most], [plotBottom, plotTop])
    const role = verdictRole[t.verdict]
    parts.push(line(0, y0, width, y0, 'grid'))
    const name = testName(t.test)
    if (narrow)
      parts.push(
        text(0, y0 + 15, name, { weight: 600 }),
        text(width, y0 + 15, t.verdict, { size: sizes.tick, anchor: 'end', fill: `${role}Text` }),
      )
    else
      parts.push(
        text(0, y0 + rowHeight / 2, shorten(name, nameWidth - 8, sizes.label), { weight: 600 }),
        text(0, y0 + rowHeight / 2 + 16, t.verdict, { size: sizes.tick, fill: `${role}Text` }),
      )
    for (const tick of roundTicks(0, most, 2))
      if (tick === 0 || Math.abs(tick - alpha) < 1e-9 || tick > alpha)
        parts.push(text(nameWidth + 26, y(tick) + 4, percent(tick), { size: 9.5, anchor: 'end', fill: 'soft' }))
    parts.push(
      line(nameWidth + 32, y(0), width, y(0), 'rule'),
      line(nameWidth + 32, y(alpha), width, y(alpha), 'soft', '4 3'),
    )
    for (const [j, bin] of bins.entries()) {
      const rate = t.rates.find((r: Rate) => r.bin === bin && r.alpha === alpha)
      const cx = nameWidth + 34 + (j + 0.5) * columnWidth
      if (!rate) {
        parts.push(text(cx, y(0) - 6, '–', { anchor: 'middle', fill: 'soft' }))
        continue
      }
      parts.push(
        el('line', { x1: cx, x2: cx, y1: y(rate.low), y2: y(rate.high), stroke: role, 'stroke-width': 1.75 }),
        el(
          'circle',
          { cx, cy: y(rate.rate), r: 3.6, fill: role },
          el(
            'title',
            {},
            `${name}, minor allele count ${bin}: ${percent(rate.rate)} (${percent(rate.low)} to ${percent(rate.high)})`,
          ),
        ),
        text(cx + 7, y(rate.rate) + 4, percent(rate.rate), { size: sizes.small, fill: 'soft', halo: true }),
      )
    }
  }
  return { width, height: top + tests.length * rowHeight + 4, body: join(parts) }
}

export function calibrationFigure(study: Study): FigureSpec {
  const calibration = study.results.calibration
  if (!calibration || calibration.tests.every((t) => t.rates.length === 0))
    return emptyFigure(
      'calibration',
      'Do the tests hold their level on this design?',
      'No null replicates were run, so this is not known.',
    )
  const alpha = level(calibration)
  const bad = calibration.tests.filter((t) => t.verdict === 'anti-conservative').map((t) => testName(t.test))
  const f = calibration.familywise
  return {
    name: 'calibration',
    title: `With no true effect, the primary test called ${count(f.errors)} of ${count(f.replicates)} studies like this one${bad.length > 0 ? `; ${bad.join(' and ')} ${bad.length === 1 ? 'calls' : 'call'} too often` : ''}`,
    caption: [
      `Type I error at a nominal ${percent(alpha)} (dashed) by minor allele count, over ${count(calibration.replicates)} null replicates on this study’s own people, covariates and label sets (${clean(calibration.design.masks, 60)}), made before labels were joined to genotypes.`,
      'Bars: 95% intervals over replicates.',
      `Family-wise error of the primary test: ${percent(f.rate)} (${percent(f.low)} to ${percent(f.high)}) at ${percent(f.alpha)}, ${f.verdict}.`,
    ].join(' '),
    description: calibration.tests
      .map((t) => {
        const all = t.rates.find((r) => r.bin === 'all' && r.alpha === alpha)
        return `${testName(t.test)}: ${t.verdict}${all ? `, ${percent(all.rate)} at ${percent(alpha)}` : ''}`
      })
      .join('. '),
    draw: (width) => draw(calibration, alpha, width),
    table: {
      columns: [
        'Test',
        'Minor allele count',
        'Level',
        'Type I error',
        '95% interval',
        'Variants',
        'Replicates',
        'Verdict',
      ],
      rows: calibration.tests.flatMap((t) =>
        t.rates.map((r) => [
          testName(t.test),
          r.bin,
          significant(r.alpha, 2),
          significant(r.rate, 2),
          `${significant(r.low, 2)} to ${significant(r.high, 2)}`,
          r.variants,
          r.replicates,
          t.verdict,
        ]),
      ),
    },
  }
}
